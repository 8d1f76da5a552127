/** A provider that publishes keys, on this machine. */
import { createServer, type RequestListener, type Server } from "node:http";
import type { JwtKey } from "../../../lib/token/key.js";
import { listenOnNewPort } from "../../support/ports.js";

const servers: Server[] = [];

/** The address of a path of a new server. */
export async function serve(listener: RequestListener, path = "/jwks"): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  return `http://127.0.0.1:${await listenOnNewPort(server)}${path}`;
}

export const serveJson = (value: unknown, contentType = "application/json") => serve((_request, response) => response.setHeader("content-type", contentType).end(JSON.stringify(value)));

export function closeProviders(): void {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
}

export const unending = () => new AbortController().signal;

export async function errorOf(make: () => unknown): Promise<Error & { code?: string }> {
  try {
    await make();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

export const named = (keys: readonly JwtKey[]) => keys.map(({ kid, algorithm }) => `${kid} ${algorithm}`);
