// Guards that allow everything, and clients that each of them admits.
import type { Server, Socket } from "socket.io";
import { io as openClient, type ManagerOptions, type Socket as Client, type SocketOptions } from "socket.io-client";
import { anonymous, anyone, guard, jwt, type Anyone, type Authenticator } from "../../lib/index.js";
import { closeLater, firstSecret } from "../support/server.js";

/** What the scripts use of a guard. */
export interface Guarding {
  of(namespace: string, options: { authenticate: Authenticator<never>; events: Record<string, Anyone> }): unknown;
}

const tokens = jwt({ keys: firstSecret });

export const guardForUsers = (io: Server): Guarding => guard(io, { authenticate: tokens, events: {}, undeclared: anyone });

/** Guards that allow everything: guests, users, and users whose every event waits for an asynchronous check. */
export const guards = {
  "guests are admitted": (io) => guard(io, { authenticate: anonymous(), events: {}, undeclared: anyone }),
  "users are admitted by their token": guardForUsers,
  "each event waits for an asynchronous check": (io) => guard(io, { authenticate: tokens, events: {}, undeclared: () => Promise.resolve(true) }),
} satisfies Record<string, (io: Server) => Guarding>;

/** A token of alice's, which the guarded servers accept. */
export const token = tokens.issue({ sub: "alice" }, { expiresIn: "1h" });

/** Opens a client of its own connection, unless the options say otherwise. It always sends a valid token. */
export type OpenClient = (namespace?: string, options?: Partial<ManagerOptions & SocketOptions>) => Client;

export function clientsOf(address: string): OpenClient {
  return (namespace = "/", { auth, ...options } = {}) => {
    const client = openClient(address + namespace, { forceNew: true, reconnection: false, transports: ["websocket"], auth: { token, ...auth as object }, ...options });
    closeLater(() => {
      client.io.reconnection(false);
      client.disconnect();
    });
    return client;
  };
}

/** A socket's data without `user`, which the guard puts there. */
export function dataOf({ data }: Pick<Socket, "data">): unknown {
  const { user, ...own } = data as Record<string, unknown>;
  return own;
}
