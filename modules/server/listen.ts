/** The web server, with or without TLS, and the address it listens on. */
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server as HttpServer } from "node:http";
import { createServer as createTlsServer, type Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Settings } from "../settings/settings.js";
import { StartError, systemCode } from "../start-error.js";

export type WebServer = HttpServer | HttpsServer;

export function createWebServer(tls: Settings["tls"], listener: RequestListener): WebServer {
  if (tls === undefined) return createServer(listener);
  const key = readPem("TLS_KEY", tls.key);
  const cert = readPem("TLS_CERT", tls.certificate);
  try {
    return createTlsServer({ key, cert, minVersion: "TLSv1.3" }, listener);
  } catch {
    throw new StartError("TLS_KEY and TLS_CERT are not a private key and its certificate in PEM format. Check that the two files belong together.");
  }
}

function readPem(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new StartError(`The file ${path} of ${setting} cannot be read${systemCode(error)}. Check its path and permissions.`);
  }
}

/** Resolves with the address to open in a browser. */
export async function listen(web: WebServer, { port, host, tls }: Pick<Settings, "port" | "host" | "tls">): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    web.once("error", (error) => reject(new StartError(listenError(error, port, host))));
    web.listen({ port, host }, resolve);
  });
  const { port: actual } = web.address() as AddressInfo;
  const name = host === undefined || host === "127.0.0.1" || host === "::1" || host === "0.0.0.0" || host === "::" ? "localhost" : host;
  return `${tls === undefined ? "http" : "https"}://${name.includes(":") ? `[${name}]` : name}:${actual}`;
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string | undefined): string {
  if (error.code === "EADDRINUSE") return `Port ${port} is in use. Stop the other program, or choose another port with PORT=${port === 65_535 ? 3_000 : port + 1}.`;
  if (error.code === "EACCES") return `Port ${port} needs more rights than this process has. Choose a port above 1023 with PORT.`;
  return `The chat cannot listen on ${host ?? "this machine"}, port ${port}${systemCode(error)}. Check HOST and PORT.`;
}
