// A guarded server with a crowd on it, which ends all at once: how long that takes, and how long its event loop stands
// still meanwhile.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { guard, jwt, role, type Authenticator, type Guard } from "socket.io-guard";
import { answerCommands } from "../framework/worker.js";
import { watchLoop, type Turns } from "./loop.js";
import { count, meter } from "./meter.js";

interface Claims {
  readonly sub: string;
  readonly role: "member" | "admin";
}

export interface Ended extends Turns {
  /** From the decision until the last connection was closed, in milliseconds. */
  readonly all: number;
  /** Events that reached a handler after the decision. */
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
  guarded = guard(io, { authenticate, events: { message: role<Claims>("member") } });
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

/** By `guarded.revoke`, now. */
async function revoke({ subject }: { subject: string }): Promise<Ended> {
  return ending(0, () => void guarded.revoke({ subject }));
}

/** The clock goes forward, so that what expires at this instant does so in a second. */
async function expire({ expiresAt }: { expiresAt: number }): Promise<Ended> {
  const wait = 1_000;
  const ahead = expiresAt * 1000 - wait - Date.now();
  return ending(wait, () => { Date.now = () => realNow() + ahead; });
}

async function ending(wait: number, decide: () => void): Promise<Ended> {
  global.gc!();
  // What a collection leaves to be swept afterwards would be measured too.
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
