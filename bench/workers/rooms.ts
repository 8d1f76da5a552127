// A server with rooms: a guarded one, or a bare one whose own handler lets everybody join.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Server } from "socket.io";
import { guard, jwt, role, type Authenticator, type Guard } from "socket.io-guard";
import { waitAfter } from "../../lib/rooms/presence-notices.js";
import { answerCommands } from "../framework/worker.js";
import { generous } from "../variants.js";
import { watchLoop, type Turns } from "./loop.js";
import { count, meter } from "./meter.js";

interface Claims {
  readonly sub: string;
  readonly role: "member" | "admin";
}

export type RoomServer = "bare" | "guarded";

/** All in milliseconds. */
export interface Watched {
  readonly cpu: number;
  readonly wall: number;
  /** The longest time by which a timer was late. */
  readonly stall: number;
}

export interface Rejudged extends Turns {
  /** How long `guarded.updateRules` took, in milliseconds. */
  readonly call: number;
  /** How many sockets are in the room when it returns. */
  readonly left: number;
}

const message = { text: "See you at the harbour at noon", room: "lobby" };

let io: Server;
let guarded: Guard<Claims, Claims>;
let drained = (): void => undefined;

async function listen({ variant, secret }: { variant: RoomServer; secret: string }): Promise<number> {
  const web = createServer();
  io = new Server(web, { serveClient: false, transports: ["websocket"], pingInterval: 3_600_000 });
  if (variant === "guarded") guardRooms(secret);
  io.on("connection", (socket) => {
    socket.conn.on("drain", () => drained());
    if (variant === "guarded") return;
    socket.on("join", ({ room }: { room: string }, ack: (answer: object) => void) => {
      void socket.join(room);
      ack({ room });
    });
  });
  io.of("/").adapter.on("join-room", () => count("joins"));
  web.listen(0, "127.0.0.1", 1_024);
  await once(web, "listening");
  return (web.address() as AddressInfo).port;
}

function guardRooms(secret: string): void {
  const authenticate = jwt({ keys: secret }) as unknown as Authenticator<Claims>;
  guarded = guard(io, {
    authenticate,
    events: {},
    limits: generous,
    rooms: {
      "lobby": { join: ({ user }) => user.role === "member" },
      "presence-lobby": { join: role<Claims>("member") },
      "private-group-$group": { join: ({ user, params }) => user.sub !== params.group },
    },
  });
}

/** Sends to all members, one time after the other. Returns microseconds of CPU for each time. */
async function broadcast({ by, size, times }: { by: "io" | "guarded"; size: number; times: number }): Promise<number> {
  const send = by === "io" ? () => io.to("lobby").emit("message", message) : () => guarded.room("lobby").emit("message", message);
  const sendAndWait = (): Promise<void> => new Promise((resolve) => {
    let left = size;
    drained = () => { if (--left === 0) resolve(); };
    send();
  });
  for (let warmUp = 0; warmUp < 10; warmUp++) await sendAndWait();
  global.gc!();
  const before = process.cpuUsage();
  for (let time = 0; time < times; time++) await sendAndWait();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

/** Shows the members of a room to each other, and waits until nothing is left to tell about that. */
async function show({ room, size }: { room: string; size: number }): Promise<void> {
  guarded.updateRules({ rooms: { [room]: { join: role<Claims>("member"), presence: true } } });
  // Sending it takes some seconds, too.
  await pause(1.2 * waitAfter(size, size) + 3_000);
}

let stop: () => Watched;

// `watchLoop` uses the whole processor, and CPU time is measured here, too.
function watch(): void {
  global.gc!();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const [start, before] = [performance.now(), process.cpuUsage()];
  stop = () => {
    const { user, system } = process.cpuUsage(before);
    return { cpu: (user + system) / 1_000, wall: performance.now() - start, stall: delay.max / 1e6 };
  };
}

function watched(): Watched {
  return stop();
}

/** Replaces the rules, so that all members are judged again, and watches the event loop until a second after it. */
async function rejudge(allowed: Claims["role"]): Promise<Rejudged> {
  global.gc!();
  // Else sweeping after a garbage collection would be measured, too.
  await pause(500);
  const turns = watchLoop();
  await pause(20);
  const start = performance.now();
  guarded.updateRules({ rooms: { lobby: { join: ({ user }) => user.role === allowed } } });
  const call = performance.now() - start;
  const left = io.of("/").adapter.rooms.get("lobby")?.size ?? 0;
  await pause(1_000);
  return { call, left, ...turns() };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

answerCommands({ listen, meter, broadcast, show, watch, watched, rejudge });
