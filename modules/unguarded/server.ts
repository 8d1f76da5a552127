/**
 * A Socket.IO server without a guard, as many are written: `io.use` checks the token once, and the handlers trust what they receive.
 * The Guard panel attacks it beside the chat. It only listens on this machine, has a secret of its own, and stores nothing.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import jsonwebtoken from "jsonwebtoken";
import { Server } from "socket.io";

export interface Unguarded {
  readonly address: string;
  /** A token for this server. `lifetime` is in seconds; a negative one gives a token that has expired. */
  issue(userId: string, lifetime: number): string;
  close(): Promise<void>;
}

export async function openUnguarded(): Promise<Unguarded> {
  const secret = randomBytes(32);
  const web = createServer();
  const io = new Server(web, { connectionStateRecovery: {}, maxHttpBufferSize: 4_000 });

  io.use((socket, next) => {
    try {
      const { token } = socket.handshake.auth as { token: string };
      socket.data = { userId: (jsonwebtoken.verify(token, secret) as User).sub };
      next();
    } catch {
      next(new Error("unauthorized"));
    }
  });

  io.on("connection", (socket) => {
    socket.emit("welcome", socket.data);
    // The sender says who wrote the message.
    socket.on("message", (message: Sent, ack: unknown) => answer(ack, { stored: { from: message?.userId ?? (socket.data as { userId: string }).userId, text: message?.text } }));
    socket.on("getUser", (id: unknown, ack: unknown) => answer(ack, { id }));
    // The client says which room.
    socket.on("join", (room: unknown, ack: unknown) => {
      void socket.join(String(room));
      answer(ack, { joined: room });
    });
    // Somebody needed this once, and forgot to remove it.
    socket.on("debug", (ack: unknown) => answer(ack, { users: ["alice", "bob"], memory: "42 MB" }));
    socket.on("error", () => socket.emit("failure", { message: "The server's error handler ran." }));
  });

  // `io.use` above is for the main namespace only.
  io.of("/admin").on("connection", (socket) => {
    socket.on("sessions", (ack: unknown) => answer(ack, { sessions: [{ user: "alice" }, { user: "bob" }] }));
  });

  web.listen(0, "127.0.0.1").unref();
  await once(web, "listening");
  return {
    address: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
    issue: (userId, lifetime) => jsonwebtoken.sign({ sub: userId, exp: Date.now() / 1_000 + lifetime }, secret),
    close: () => io.close(),
  };
}

interface User {
  readonly sub: string;
}

interface Sent {
  readonly userId?: unknown;
  readonly text?: unknown;
}

/** A client may send anything in place of an ack. Calling that would end the process, and the chat with it. */
function answer(ack: unknown, value: unknown): void {
  if (typeof ack === "function") (ack as (value: unknown) => void)(value);
}
