/**
 * A server for the endpoint that the guard calls with AUTH=http. It only accepts connections from this machine. Unlike the chat's own server,
 * it listens before the guard is created, and has no TLS, because the certificate is for another host name.
 */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export interface InternalServer {
  readonly address: string;
  close(): void;
}

export async function openInternalServer(listener: RequestListener): Promise<InternalServer> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
