// Passes frames and packets to a server in the same process, in a loop. Without the cost of the network sockets, small
// differences show.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket as NetSocket } from "node:net";
import type { Socket } from "socket.io";
import { answerCommands } from "../framework/worker.js";
import { quantile } from "../framework/statistics.js";
import { freshSecret, signTokens } from "../tokens.js";
import { createVariant, guardOf, type Variant } from "../variants.js";
import { connectWith, maskedFrame, messageEvent } from "../wire.js";

/** Where events enter: the websocket's receiver, the parser's listener, or the socket. */
export type Level = "frame" | "packet" | "socket";
export interface Asked {
  variant: Variant;
  level: Level;
  warmUp: number;
  blocks: number;
  /** The number of revocations of other users' tokens. Guarded servers only. */
  revocations?: number;
}
/** Nanoseconds per event, the 10th percentile of all blocks. */
export interface Answer {
  event: number;
  /** For denied events that the client is told of: the first ten within a second. */
  told?: number;
}

const websockets = 16;
const eventsInBlock = 9; // with the ten before them, still fewer than the denials that end a session
const noticesInSecond = 10;

async function measure({ variant, level, warmUp, blocks, revocations = 0 }: Asked): Promise<Answer> {
  let handled = 0;
  const { sockets, clients } = await open(variant, () => { handled++; }, revocations);
  const feed = feeds[level](sockets);
  const told: number[] = [];
  const perEvent: number[] = [];
  for (let block = 0; block < warmUp + blocks; block++) {
    letElevenSecondsPass();
    if (variant === "denied") told.push(await timed(feed(noticesInSecond)) / noticesInSecond);
    perEvent.push(await timed(feed(eventsInBlock)) / eventsInBlock);
  }
  mustBe(sockets.every(({ connected }) => connected), "a socket was disconnected during the measurement");
  mustBe(handled === (variant === "denied" ? 0 : (warmUp + blocks) * eventsInBlock * websockets), `${handled} events reached the handler`);
  clients.forEach((client) => client.destroy());
  const event = quantile(perEvent.slice(warmUp), 0.1);
  return variant === "denied" ? { event, told: quantile(told.slice(warmUp), 0.1) } : { event };
}

async function open(variant: Variant, handled: () => void, revocations: number): Promise<{ sockets: Socket[]; clients: NetSocket[] }> {
  const web = createServer();
  const sockets: Socket[] = [];
  const secret = freshSecret();
  const io = createVariant(variant, web, secret, handled, (socket) => sockets.push(socket));
  for (let nth = 0; nth < revocations; nth++) await guardOf(io).revoke(nth % 2 === 0 ? { tokenId: `token ${nth}` } : { subject: `user ${nth}` });
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  const { port } = web.address() as AddressInfo;
  const clients = await Promise.all(signTokens(secret, websockets).map((token) => connectWith(port, token)));
  clients.forEach((client) => client.resume());
  return { sockets, clients };
}

type Feed = (events: number) => () => void;

/** Passes masked bytes to the websocket's receiver. It unmasks them in place, so that each call needs a copy. */
function feedFrames(sockets: Socket[]): Feed {
  const receivers = sockets.map((socket) => (socket.conn.transport as unknown as { socket: { _receiver: { write(bytes: Buffer): void } } }).socket._receiver);
  return (events) => {
    const bytes = Buffer.concat(Array.from({ length: events }, () => maskedFrame(messageEvent())));
    const copies = receivers.map(() => Buffer.from(bytes));
    return () => receivers.forEach((receiver, nth) => receiver.write(copies[nth]!));
  };
}

/** Passes decoded packets to the function that the parser calls. */
function feedPackets(sockets: Socket[]): Feed {
  const clients = sockets.map((socket) => socket.client as unknown as { ondecoded(packet: object): void });
  return (events) => {
    const packets = clients.map(() => decoded(events));
    return () => clients.forEach((client, nth) => packets[nth]!.forEach((packet) => client.ondecoded(packet)));
  };
}

/** Passes decoded packets to `socket._onpacket`, without the connection. */
function feedSockets(sockets: Socket[]): Feed {
  const receivers = sockets as unknown as { _onpacket(packet: object): void }[];
  return (events) => {
    const packets = receivers.map(() => decoded(events));
    return () => receivers.forEach((receiver, nth) => packets[nth]!.forEach((packet) => receiver._onpacket(packet)));
  };
}

function decoded(events: number): object[] {
  return Array.from({ length: events }, () => ({ type: 2, nsp: "/", data: JSON.parse(messageEvent().slice(2)) as unknown }));
}

const feeds = { frame: feedFrames, packet: feedPackets, socket: feedSockets };

/**
 * Nanoseconds for one event on each websocket. Ticks run in order, so that every handler has run two ticks after the
 * packets.
 */
async function timed(feed: () => void): Promise<number> {
  const nanoseconds = await new Promise<number>((resolve) => {
    const start = process.hrtime.bigint();
    feed();
    process.nextTick(() => process.nextTick(() => resolve(Number(process.hrtime.bigint() - start))));
  });
  await new Promise((resolve) => setImmediate(resolve));
  return nanoseconds / websockets;
}

// Twenty denials within ten seconds end a session. Moves the clock between two blocks.
const now = Date.now;
let passed = 0;
Date.now = () => now() + passed;
function letElevenSecondsPass(): void {
  passed += 11_000;
}

function mustBe(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(`The measurement is not valid: ${otherwise}`);
}

answerCommands({ measure });
