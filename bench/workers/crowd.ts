// A guarded server with many sessions that end at once. Measures how long that takes, and how long the event loop is blocked.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { guard, jwt, role, type Authenticator, type Guard } from "socket.io-guard";
import { answerCommands } from "../framework/worker.js";
import { generous } from "../variants.js";
import { watchLoop, type Turns } from "./loop.js";
import { count, meter } from "./meter.js";

interface Claims {
  readonly sub: string;
  readonly role: "member" | "admin";
}

export interface Ended extends Turns {
  /** The time from the decision until the last connection was closed, in milliseconds. */
  readonly all: number;
  /** The number of events that reached a handler after the decision. */
  readonly accepted: number;
}

const realNow = Date.now;

let guarded: Guard<Claims, Claims>;
let endsAt = Infinity;
let accepted = 0;
let open = 0;
let allClosed = (): void => undefined;

async function listen({ secret }: { secret: string }): Promise<number> {
  const web = createServer();
  const io = new Server(web, { serveClient: false, transports: ["websocket"], pingInterval: 3_600_000 });
  const authenticate = jwt({ keys: secret }) as unknown as Authenticator<Claims>;
  guarded = guard(io, { authenticate, events: { message: role<Claims>("member") }, limits: generous });
  guarded.on("refreshed", () => count("refreshes"));
  io.on("connection", (socket) => {
    open++;
    socket.on("message", () => { if (Date.now() >= endsAt) accepted++; });
    socket.conn.once("close", () => { if (--open === 0) allClosed(); });
  });
  web.listen(0, "127.0.0.1", 1_024);
  await once(web, "listening");
  return (web.address() as AddressInfo).port;
}

/** Ends them by `guarded.revoke`. */
async function revoke({ subject }: { subject: string }): Promise<Ended> {
  return ending(0, () => void guarded.revoke({ subject }));
}

/** Ends them by expiry: the clock is set so that they expire in a second. */
async function expire({ expiresAt }: { expiresAt: number }): Promise<Ended> {
  const wait = 1_000;
  return ending(wait, () => {
    const ahead = expiresAt * 1000 - wait - realNow();
    Date.now = () => realNow() + ahead;
  });
}

async function ending(wait: number, decide: () => void): Promise<Ended> {
  global.gc!();
  // Else sweeping after a garbage collection would be measured, too.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const closed = new Promise<void>((resolve) => { allClosed = resolve; });
  const turns = watchLoop();
  const decidedAt = performance.now() + wait;
  decide();
  endsAt = Date.now() + wait;
  await closed;
  return { all: performance.now() - decidedAt, ...turns(), accepted };
}

answerCommands({ listen, revoke, expire, meter });
