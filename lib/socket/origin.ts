/** Origins, enforced on every HTTP request and upgrade of an engine. */
import type { IncomingMessage } from "node:http";
import { isOriginAllowed, type Origins } from "../authenticate/origin.js";
import type { AuditEvents } from "../audit-events.js";
import { codes } from "../protocol.js";
import type { EngineInternals } from "./internals.js";

export function enforceOrigins(engine: EngineInternals, origins: Origins, audit: AuditEvents): void {
  engine.use((request, response, next) => {
    if (isOriginAllowed(request.headers, origins)) return next();
    // An engine on uWebSockets has requests of its own make.
    const { socket = request.connection } = request as Partial<IncomingMessage>;
    audit.emit("refused", () => ({ code: "origin_forbidden", namespace: "", address: socket?.remoteAddress ?? "" }));
    refuse(request, response, next);
  });
}

/** The answer of a node:http or node:http2 server. An upgrade has none, but an imitation: what it gets is written to the socket itself. */
interface Response {
  statusCode: number;
  writeHead(status: number, headers: Record<string, string>): { end(text: string): void };
}

function refuse(request: Partial<IncomingMessage>, response: Partial<Response>, next: (error: Error) => void): void {
  const { message } = codes.origin_forbidden;
  if ("statusCode" in response) {
    (response as Response).writeHead(403, { "content-type": "text/plain" }).end(message);
  } else if (typeof request.socket?.end === "function") {
    request.socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
  } else {
    next(new Error(message));
  }
}
