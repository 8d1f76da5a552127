/** Checks the Origin of every HTTP request and upgrade: browsers send cookies along with requests of foreign pages too. */
import type { IncomingMessage } from "node:http";
import type { AuditEvents } from "../audit-events.js";
import type { ClientAddresses } from "../authenticate/address.js";
import { noMethod, type Measurements } from "../metrics/measurements.js";
import { isOriginAllowed, type Origins } from "../origins.js";
import { codes } from "../protocol.js";
import type { EngineInternals } from "./internals.js";

export interface OriginsContext {
  readonly addresses: ClientAddresses;
  readonly audit: AuditEvents;
  readonly measurements: Measurements;
}

export function enforceOrigins(engine: EngineInternals, origins: Origins, { addresses, audit, measurements }: OriginsContext): void {
  engine.use((request, response, next) => {
    if (isOriginAllowed(request.headers, origins)) return next();
    measurements.refused(noMethod, "origin_forbidden");
    // The requests of an engine on uWebSockets have only a part of Node's properties.
    const { socket = request.connection, headers = {} } = request as Partial<IncomingMessage>;
    const address = addresses.of({ address: socket?.remoteAddress, headers });
    audit.emit("refused", () => ({ code: "origin_forbidden", namespace: "", address, origin: headers.origin, host: headers.host }));
    reject(request, response, next);
  });
}

/** What a node:http or node:http2 server answers with. For an upgrade engine.io passes a stand-in: that answer is written to the socket. */
interface Response {
  statusCode: number;
  writeHead(status: number, headers: Record<string, string>): { end(text: string): void };
}

function reject(request: Partial<IncomingMessage>, response: Partial<Response>, next: (error: Error) => void): void {
  const { message } = codes.origin_forbidden;
  if ("statusCode" in response) {
    (response as Response).writeHead(403, { "content-type": "text/plain" }).end(message);
  } else if (typeof request.socket?.end === "function") {
    request.socket.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
  } else {
    next(new Error(message));
  }
}
