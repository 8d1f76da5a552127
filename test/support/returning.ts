// Clients that lose their connection and reconnect with their pid and the offset of the last event that they received.
import { event, type Client, type Refusal, type ServerSocket } from "./server.js";

/** What a client, or a thief, presents to recover a socket. */
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

/** Sends the client an event, because Socket.IO recovers nothing without an offset. */
export async function hear(client: Client, socket: Pick<ServerSocket, "emit">): Promise<void> {
  const heard = event(client, "heard");
  socket.emit("heard");
  await heard;
}

export const secretOf = (client: Client): Secret => ({ pid: inside(client)._pid, offset: inside(client)._lastOffset });

/** Breaks the connection, and resolves when the server has noticed. */
export async function breakOff(client: Client, socket: ServerSocket): Promise<Secret> {
  const secret = secretOf(client);
  const gone = event(socket, "disconnect");
  inside(client).io.engine.close();
  await gone;
  return secret;
}

export interface Way {
  readonly auth?: Record<string, unknown>;
  /** The address of another server. */
  readonly address?: string;
}

/** Reconnects with the client's pid and offset. Rejects if the client is refused. */
export async function comeBack(client: Client, { auth, address }: Way = {}): Promise<void> {
  if (auth !== undefined) client.auth = auth;
  if (address !== undefined) inside(client).io.uri = address;
  const answer = answered(client);
  client.connect();
  await answer;
}

/** Resolves when the client is connected, and rejects if it is refused. */
export function answered(client: Client): Promise<unknown> {
  return Promise.race([
    event(client, "guard:session"),
    event<Refusal>(client, "connect_error").then((refusal) => { throw refusal; }),
  ]);
}

/** Collects the events of the host that a client receives, without their offsets. */
export function keepHeard(client: Client): unknown[][] {
  const all: unknown[][] = [];
  client.onAny((name: string, ...args: unknown[]) => { if (!name.startsWith("guard:")) all.push([name, args[0]]); });
  return all;
}

/** Resolves when the client has received everything that the server sent before. */
export async function mark(client: Client, socket: ServerSocket): Promise<void> {
  const marked = event(client, "mark");
  socket.emit("mark");
  await marked;
}
