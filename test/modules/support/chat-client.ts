/** Clients of the chat. `cleanUp` disconnects them. */
import { io, type Socket } from "socket.io-client";
import type { Denial, GuardClientEvents, PresenceNotice, WithDenials } from "socket.io-guard/client";
import type { ClientToServerEvents, ServerToClientEvents } from "../../../definitions/events.js";
import { signIn } from "../../../modules/terminal/sign-in.js";
import { cleanUpLater } from "./chat-server.js";

export type ChatClient = Socket<ServerToClientEvents, WithDenials<ClientToServerEvents> & GuardClientEvents>;

type Transports = ("polling" | "websocket")[];

export interface ConnectOptions {
  readonly auth?: object;
  readonly extraHeaders?: Record<string, string>;
  readonly transports?: Transports;
  /** Adds listeners before the client connects. */
  readonly prepare?: (client: ChatClient) => void;
}

export async function connectAs(address: string, user: string, options: ConnectOptions = {}): Promise<ChatClient> {
  return connect(address, { auth: { token: await tokenOf(address, user) }, ...options });
}

/** Connects each of these users. */
export async function connectAll<Users extends readonly string[]>(address: string, ...users: Users): Promise<{ [Index in keyof Users]: ChatClient }> {
  return await Promise.all(users.map((user) => connectAs(address, user))) as { [Index in keyof Users]: ChatClient };
}

/** Signs in and fetches a token, as the page does. */
export async function tokenOf(address: string, user: string): Promise<string> {
  const token = await (await signIn(address, user, "wonderland"))();
  if (token === null) throw new Error(`${user} is not signed in.`);
  return token;
}

/** Resolves when the client is connected, and in the lobby if it may be there. */
export async function connect(address: string, { prepare, ...options }: ConnectOptions = {}): Promise<ChatClient> {
  const client: ChatClient = io(address, { ...options, forceNew: true, reconnection: false });
  prepare?.(client);
  cleanUpLater(() => client.disconnect());
  await new Promise<void>((resolve, reject) => {
    client.once("connect", resolve);
    client.once("connect_error", reject);
  });
  await joinLobby(client);
  return client;
}

export async function joinLobby(client: ChatClient): Promise<void> {
  const present = new Set<string>();
  const note = ({ room, members, joined = [], left = [] }: PresenceNotice): void => {
    if (room !== "lobby") return;
    if (members !== undefined) present.clear();
    for (const member of [...members ?? [], ...joined]) present.add((member.info as { name: string }).name);
    for (const id of left) for (const name of present) if (name.toLowerCase() === id) present.delete(name);
  };
  lobbies.set(client, present);
  client.on("guard:presence", note);
  // With a callback: a promise settles after the listener of a notice that arrives together with the answer.
  await new Promise<void>((resolve) => client.emit("guard:join", { room: "lobby" }, (answer) => {
    if (!("error" in answer)) note(answer);
    resolve();
  }));
}

/** The names of those who are present in the lobby, as each client knows them. */
const lobbies = new WeakMap<ChatClient, ReadonlySet<string>>();

/** The denial of a connection that must be refused. */
export async function denialOf(connection: Promise<ChatClient>): Promise<Denial> {
  const error = await connection.then(() => new Error("The connection was accepted."), (reason: Error & { data?: Denial }) => reason);
  if (!("data" in error) || error.data === undefined) throw error;
  return error.data;
}

type Payload<Event extends keyof ServerToClientEvents> = Parameters<ServerToClientEvents[Event]>[0];

/** Resolves with the payload of the next such event for which the test is true. */
export function received<Event extends keyof ServerToClientEvents>(client: ChatClient, event: Event, test: (payload: Payload<Event>) => boolean = () => true): Promise<Payload<Event>> {
  return new Promise((resolve) => {
    const listener = (payload: Payload<Event>): void => {
      if (!test(payload)) return;
      client.off(event, listener as never);
      resolve(payload);
    };
    client.on(event, listener as never);
  });
}

/** Resolves when exactly these users are online, given as a list of names: "Alice Bob". */
export async function online(client: ChatClient, names: string): Promise<void> {
  const isSo = (): boolean => [...lobbies.get(client)!].sort().join(" ") === names;
  if (!isSo()) await received(client, "guard:presence", isSo);
}

export function disconnected(client: ChatClient): Promise<string> {
  return new Promise((resolve) => client.once("disconnect", resolve));
}

/** The answer, which must not be a denial or a failure. */
export function granted<Answer>(answer: Answer): Exclude<Answer, { error: unknown }> {
  if (typeof answer === "object" && answer !== null && "error" in answer) throw new Error(`Denied: ${JSON.stringify(answer.error)}`);
  return answer as Exclude<Answer, { error: unknown }>;
}

/** The denial in an answer, which must be one. */
export function deniedWith(answer: unknown): Denial {
  const error = (answer as { error?: Denial } | null)?.error;
  if (error?.guard !== true) throw new Error(`Not denied: ${JSON.stringify(answer)}`);
  return error;
}
