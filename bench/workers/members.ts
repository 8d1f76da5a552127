// The members of rooms: real websockets that join, and count what they receive.
import type { Socket } from "node:net";
import { answerCommands } from "../framework/worker.js";
import { signTokens } from "../tokens.js";
import { connectWith, maskedFrame, received } from "../wire.js";

/** The event that asks the server: the guard's, or that of a bare server's own handler. */
export type JoinEvent = "guard:join" | "join";

export interface Heard {
  readonly packets: number;
  readonly bytes: number;
}

const outsiders: Socket[] = [];
const members: Socket[] = [];

/** Opens this number of websockets, each of a user of its own. */
async function connect({ port, secret, connections }: { port: number; secret: string; connections: number }): Promise<void> {
  const tokens = signTokens(secret, connections);
  for (let first = 0; first < connections; first += 50) {
    const opened = await Promise.all(tokens.slice(first, first + 50).map((token) => connectWith(port, token)));
    for (const socket of opened) outsiders.push(socket.on("error", () => undefined).resume());
  }
}

/** The next so many join a room, and are answered. */
async function join({ event, room, count }: { event: JoinEvent; room: string; count: number }): Promise<void> {
  for (let joined = 0; joined < count; joined += 50) {
    await Promise.all(outsiders.splice(0, Math.min(50, count - joined)).map((socket) => joinOne(socket, event, room)));
  }
}

async function joinOne(socket: Socket, event: JoinEvent, room: string): Promise<void> {
  const answered = received(socket, '431[{"room":');
  socket.write(joinFrame(1, event, room));
  await answered;
  members.push(socket);
}

/** One joins every so many milliseconds, until this is over. Returns what another member received meanwhile. */
async function joinInTurn({ event, room, perSecond, seconds }: { event: JoinEvent; room: string; perSecond: number; seconds: number }): Promise<Heard> {
  const heard = countAt(members[0]!, '42["guard:presence"');
  const start = performance.now();
  for (let joined = 0; joined < perSecond * seconds; joined++) {
    const wait = start + joined / perSecond * 1_000 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    outsiders.pop()!.write(joinFrame(1, event, room));
  }
  return heard();
}

function countAt(socket: Socket, text: string): () => Heard {
  let [packets, bytes, tail] = [0, 0, ""];
  socket.on("data", (data) => {
    bytes += data.length;
    const seen = tail + data.toString("latin1");
    packets += seen.split(text).length - 1;
    tail = seen.slice(seen.length - text.length + 1);
  });
  return () => ({ packets, bytes });
}

/** Each joins so many rooms as fast as the server reads. It does not wait for the answers. */
function joinMany({ event, rooms }: { event: JoinEvent; rooms: number }): void {
  const frames = Buffer.concat(Array.from({ length: rooms }, (_, nth) => joinFrame(nth, event, `private-group-${nth}`)));
  for (const socket of outsiders) socket.write(frames);
}

/** Resolves when each member has received this text. */
async function heardByAll(text: string): Promise<void> {
  await Promise.all(members.map((member) => received(member, text)));
}

function joinFrame(id: number, event: JoinEvent, room: string): Buffer {
  return maskedFrame(`42${id}${JSON.stringify([event, { room }])}`);
}

answerCommands({ connect, join, joinInTurn, joinMany, heardByAll });
