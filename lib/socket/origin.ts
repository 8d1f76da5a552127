/** Origins, enforced on every HTTP request and upgrade of every engine, also of one that is attached later. */
import { ServerResponse, type IncomingMessage } from "node:http";
import { isOriginAllowed, type Origins } from "../authenticate/origin.js";
import type { Facts } from "../facts.js";
import { codes } from "../protocol.js";
import type { ServerInternals } from "./internals.js";

type Middleware = (request: IncomingMessage, response: unknown, next: (error?: Error) => void) => void;

interface Engine {
  use(middleware: Middleware): unknown;
}

export function enforceOrigins(server: ServerInternals, origins: Origins, facts: Facts): void {
  const middleware: Middleware = (request, response, next) => {
    if (isOriginAllowed(request.headers, origins)) return next();
    const address = request.socket.remoteAddress ?? "";
    facts.tell("refused", () => ({ code: "origin_forbidden", namespace: "", address }));
    refuse(request, response);
  };
  if (server.engine !== undefined) (server.engine as Engine).use(middleware);
  const bind = server.bind.bind(server);
  server.bind = (engine) => {
    (engine as Engine).use(middleware);
    return bind(engine);
  };
}

/** An upgrade has no real response: its answer is written to the socket itself. */
function refuse(request: IncomingMessage, response: unknown): void {
  const { message } = codes.origin_forbidden;
  if (response instanceof ServerResponse) {
    response.writeHead(403, { "content-type": "text/plain" }).end(message);
  } else {
    request.socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
  }
}
