/** A signed-in client of the chat, as a test uses it. */
import { io, type Socket } from "socket.io-client";
import type { Denial, WithDenials } from "socket.io-guard";
import type { ClientToServerEvents, ServerToClientEvents } from "../../../definitions/events.js";
import { signIn } from "../../../modules/terminal/sign-in.js";

export type ChatClient = Socket<ServerToClientEvents, WithDenials<ClientToServerEvents>>;

const clients = new Set<ChatClient>();

type Transports = ("polling" | "websocket")[];

export async function connectAs(address: string, user: string, transports?: Transports): Promise<ChatClient> {
  return connect(address, { auth: { token: await tokenOf(address, user) }, ...(transports && { transports }) });
}

/** A token as the page gets one: by the sign-in. */
export async function tokenOf(address: string, user: string): Promise<string> {
  const token = await (await signIn(address, user, "wonderland"))();
  if (token === null) throw new Error(`${user} is not signed in.`);
  return token;
}

export async function connect(address: string, options: { auth?: object; extraHeaders?: Record<string, string>; transports?: Transports }): Promise<ChatClient> {
  const client: ChatClient = io(address, { ...options, forceNew: true, reconnection: false });
  clients.add(client);
  await new Promise<void>((resolve, reject) => {
    client.once("connect", resolve);
    client.once("connect_error", reject);
  });
  return client;
}

export function closeClients(): void {
  for (const client of clients) client.disconnect();
  clients.clear();
}

type Heard<Event extends keyof ServerToClientEvents> = Parameters<ServerToClientEvents[Event]>[0];

/** The next such event for which the test is true. */
export function heard<Event extends keyof ServerToClientEvents>(client: ChatClient, event: Event, fits: (value: Heard<Event>) => boolean = () => true): Promise<Heard<Event>> {
  return new Promise((resolve) => {
    const listener = (value: Heard<Event>): void => {
      if (!fits(value)) return;
      client.off(event, listener as never);
      resolve(value);
    };
    client.on(event, listener as never);
  });
}

export function disconnected(client: ChatClient): Promise<string> {
  return new Promise((resolve) => client.once("disconnect", resolve));
}

/** The answer of an ack that must not be a denial or a failure. */
export function granted<Answer>(answer: Answer): Exclude<Answer, { error: unknown }> {
  if (typeof answer === "object" && answer !== null && "error" in answer) throw new Error(`Denied: ${JSON.stringify(answer.error)}`);
  return answer as Exclude<Answer, { error: unknown }>;
}

/** The denial of an ack that must be one. */
export function deniedWith(answer: unknown): Denial {
  const error = (answer as { error?: Denial } | null)?.error;
  if (error?.guard !== true) throw new Error(`Not denied: ${JSON.stringify(answer)}`);
  return error;
}

/** The denial of a connection that must be refused. */
export async function denialOf(connection: Promise<ChatClient>): Promise<Denial> {
  const error = await connection.then(() => new Error("The connection was accepted."), (reason: Error & { data?: Denial }) => reason);
  if (!("data" in error) || error.data === undefined) throw error;
  return error.data;
}
