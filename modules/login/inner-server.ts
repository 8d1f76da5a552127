/**
 * Where the guard reaches the chat's own endpoint: this machine alone, on a port that is known before the chat itself listens,
 * and without TLS, whose certificate is for another name.
 */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export interface InnerServer {
  readonly address: string;
  close(): void;
}

export async function openInnerServer(listener: RequestListener): Promise<InnerServer> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
