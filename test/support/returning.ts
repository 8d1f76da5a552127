// Clients that lose their connection and come back with what Socket.IO gave them for it: their pid, and the offset of
// the last event that they heard.
import { event, type Client, type Refusal, type ServerSocket } from "./server.js";

/** What a client presents to get its old socket back. A thief presents the same. */
export interface Secret {
  readonly pid: string;
  readonly offset: string;
}

interface Inside {
  _pid: string;
  _lastOffset: string;
  io: { uri: string; engine: { close(): void } };
}

const inside = (client: Client): Inside => client as unknown as Inside;

/** Makes sure that the client has heard an event: without an offset Socket.IO recovers nothing. */
export async function hear(client: Client, socket: Pick<ServerSocket, "emit">): Promise<void> {
  const heard = event(client, "heard");
  socket.emit("heard");
  await heard;
}

export const secretOf = (client: Client): Secret => ({ pid: inside(client)._pid, offset: inside(client)._lastOffset });

/** Breaks the connection, and waits until the server has noticed. */
export async function breakOff(client: Client, socket: ServerSocket): Promise<Secret> {
  const secret = secretOf(client);
  const gone = event(socket, "disconnect");
  inside(client).io.engine.close();
  await gone;
  return secret;
}

export interface Way {
  readonly auth?: Record<string, unknown>;
  /** Another server than before. */
  readonly address?: string;
}

/** Connects again with what the client has. Rejects with the refusal. */
export async function comeBack(client: Client, { auth, address }: Way = {}): Promise<void> {
  if (auth !== undefined) client.auth = auth;
  if (address !== undefined) inside(client).io.uri = address;
  const answer = answered(client);
  client.connect();
  await answer;
}

/** Settles when a client that is connecting is in, and rejects with the refusal. */
export function answered(client: Client): Promise<unknown> {
  return Promise.race([
    event(client, "guard:session"),
    event<Refusal>(client, "connect_error").then((refusal) => { throw refusal; }),
  ]);
}

/** Keeps what a client hears of the host's own events, without their offsets. */
export function keepHeard(client: Client): unknown[][] {
  const all: unknown[][] = [];
  client.onAny((name: string, ...args: unknown[]) => { if (!name.startsWith("guard:")) all.push([name, args[0]]); });
  return all;
}

/** When this settles the client has heard all that the server sent it before. */
export async function mark(client: Client, socket: ServerSocket): Promise<void> {
  const marked = event(client, "mark");
  socket.emit("mark");
  await marked;
}
