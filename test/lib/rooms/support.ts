// What the tests of rooms share: servers with rooms, members, and what they hear.
import { signedIn, type Denial } from "../../../lib/index.js";
import { event, serve, type Client, type Served, type Setting } from "../../support/server.js";

export interface Answer {
  readonly room?: string;
  readonly members?: readonly { id: string; info?: unknown }[];
  readonly error?: Denial;
}

/** A guarded server with these rooms. */
export function serveRooms(rooms: object, more: Setting = {}): Promise<Served> {
  return serve({ rooms: rooms as never, ...more });
}

/** A connected client of this user. */
export async function userOf(served: Served, sub = "alice", claims: object = {}, namespace = "/") {
  const { client, socket } = await served.member(namespace, { auth: { token: served.token({ sub, ...claims }) } });
  return { client, socket };
}

export const join = (client: Client, room: string, more: object = {}): Promise<Answer> => client.emitWithAck("guard:join", { room, ...more }) as Promise<Answer>;
export const leave = (client: Client, room: string): Promise<Answer> => client.emitWithAck("guard:leave", { room }) as Promise<Answer>;
export const publish = (client: Client, room: string, name: string, data?: unknown): Promise<Answer> => client.emitWithAck("guard:publish", { room, event: name, data }) as Promise<Answer>;

export const left = (client: Client): Promise<Denial> => event<Denial>(client, "guard:left");

/** All events of this name that the client receives until `settled`, which asks the server once more and so comes after them. */
export function heard(client: Client, name: string): { readonly all: unknown[]; settled(): Promise<unknown[]> } {
  const all: unknown[] = [];
  client.on(name, (given: unknown) => void all.push(given));
  return {
    all,
    async settled() {
      await leave(client, "nowhere");
      return all;
    },
  };
}

export { signedIn };
