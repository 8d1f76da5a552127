// The servers that are compared: the same Socket.IO server and handler without a guard, with a guard, and with the code that
// people usually write.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecretKey, type KeyObject } from "node:crypto";
import type { Server as WebServer } from "node:http";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import jsonwebtoken from "jsonwebtoken";
import { Registry } from "prom-client";
import { Server, type Socket } from "socket.io";
import { anonymous, anyone, guard, jwt, role, type Authenticator, type Guard, type GuardOptions } from "socket.io-guard";
import { jsonlAudit } from "socket.io-guard/audit";
import { guardTelemetry } from "socket.io-guard/opentelemetry";
import { guardMetrics } from "socket.io-guard/prometheus";

export type Variant = "bare" | "guarded" | "with metrics" | "with traces" | "limits and audit" | "over its limit" | "anonymous" | "denied" | "usual, string secret" | "usual, KeyObject";

export interface Message {
  text: string;
  room: string;
}
interface ClientToServer {
  message: (message: Message, ack?: (answer: { ok: boolean }) => void) => void;
  /** The shortest name: so fit the most events into one POST. */
  m: ClientToServer["message"];
}
interface Claims {
  sub: string;
  role: "member" | "admin";
}
type ChatServer = Server<ClientToServer>;

/** A connection counts its events, as by default, but a load on one machine never reaches the limits. */
export const generous = { connection: "1000000000/10s", connections: { address: 1_000_000, server: 1_000_000 } } as const;

const guards = new WeakMap<ChatServer, Guard<Claims, Claims>>();

/** The guard of a guarded server. */
export function guardOf(io: ChatServer): Guard<Claims, Claims> {
  return guards.get(io)!;
}

/** Creates a server of this variant. It calls `handled` for each event that reaches the handler, and `connected` for each socket. */
export function createVariant(variant: Variant, web: WebServer, secret: string, handled: () => void, connected: (socket: Socket) => void, polling = false): ChatServer {
  // No pings: the load would count them as answers.
  const io: ChatServer = new Server(web, { serveClient: false, transports: polling ? ["polling", "websocket"] : ["websocket"], pingInterval: 3_600_000 });
  protect[variant](io, secret);
  io.on("connection", (socket) => {
    for (const event of ["message", "m"] as const) socket.on(event, (_message, ack) => {
      handled();
      ack?.({ ok: true });
    });
    connected(socket);
  });
  return io;
}

const protect: Record<Variant, (io: ChatServer, secret: string) => void> = {
  "bare": () => undefined,
  "guarded": (io, secret) => guardFor(io, secret, "member"),
  "with metrics": (io, secret) => {
    guardFor(io, secret, "member");
    guardMetrics(guardOf(io), { register: new Registry() });
  },
  // A hundredth of the events get a span, as by default.
  "with traces": (io, secret) => {
    guardFor(io, secret, "member");
    guardTelemetry(guardOf(io), { tracer: new BasicTracerProvider().getTracer("bench") });
  },
  "limits and audit": (io, secret) => guardFor(io, secret, "member", "1000000000/10s", {
    limits: { ...generous, user: "1000000000/10s", address: "1000000000/10s", server: "1000000000/10s" },
    audit: newAuditLog(),
  }),
  "over its limit": (io, secret) => guardFor(io, secret, "member", "1000/1h", { limits: { ...generous, disconnectAfter: false }, audit: newAuditLog() }),
  "anonymous": (io) => void guard(io, { authenticate: anonymous(), events: { message: anyone, m: anyone }, limits: generous }),
  "denied": (io, secret) => guardFor(io, secret, "admin"),
  "usual, string secret": (io, secret) => verifyEachEvent(io, secret),
  "usual, KeyObject": (io, secret) => verifyEachEvent(io, createSecretKey(secret, "utf8")),
};

function guardFor(io: ChatServer, secret: string, allowed: Claims["role"], limit?: `${number}/${number}${"s" | "h"}`, options: Pick<GuardOptions<ClientToServer, Authenticator<Claims>>, "limits" | "audit"> = { limits: generous }): void {
  // The claims have no schema, as in the other variants.
  const authenticate = jwt({ keys: secret }) as unknown as Authenticator<Claims>;
  const allow = role<Claims>(allowed);
  guards.set(io, guard(io, { authenticate, events: { message: limit === undefined ? allow : { allow, limit }, m: allow }, ...options }));
}

function newAuditLog(): { sinks: [ReturnType<typeof jsonlAudit>] } {
  return { sinks: [jsonlAudit({ path: join(mkdtempSync(join(tmpdir(), "bench-")), "audit.jsonl") })] };
}

/** The usual way: jsonwebtoken in the handshake, and again for every event in socket.use. */
function verifyEachEvent(io: ChatServer, key: string | KeyObject): void {
  const verify = (socket: { handshake: { auth: { token?: string } } }): Claims =>
    jsonwebtoken.verify(socket.handshake.auth.token ?? "", key, { algorithms: ["HS256"] }) as unknown as Claims;

  io.use((socket, next) => {
    try {
      verify(socket);
      next();
    } catch {
      next(new Error("unauthenticated"));
    }
  });
  io.on("connection", (socket) => {
    socket.use((_event, next) => {
      try {
        next(verify(socket).role === "member" ? undefined : new Error("forbidden"));
      } catch {
        next(new Error("unauthenticated"));
      }
    });
  });
}
