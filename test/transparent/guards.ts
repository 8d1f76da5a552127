// Guards that allow everything, guards that only report, and clients that each of them admits.
import type { DefaultEventsMap, Server, Socket } from "socket.io";
import { io as openClient, type ManagerOptions, type Socket as Client, type SocketOptions } from "socket.io-client";
import { anonymous, anyone, guard, jwt, refuse, type Anyone, type Authenticator, type GuardOptions } from "../../lib/index.js";
import { printedBy, warningsOf } from "../support/output.js";
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

const nobody: Authenticator<never> = { name: "nobody", authenticate: () => refuse("token_invalid") };

/** Guards that would stop everything, but only report it. */
export const reportingGuards = {
  "nobody would be admitted, and no event allowed": (io) => reporting(io, { mode: "report", authenticate: nobody, undeclared: () => false }),
  "users are admitted, and an asynchronous check would deny each event": (io) =>
    reporting(io, { mode: { authenticate: "enforce", events: "report" }, authenticate: tokens, undeclared: () => Promise.resolve(false) }),
} satisfies Record<string, (io: Server) => Guarding>;

type Reporting = Partial<GuardOptions<DefaultEventsMap, Authenticator<unknown>>>;

function reporting(io: Server, options: Reporting): Guarding {
  const { result: guarded } = warningsOf(() => guard(io, { events: {}, ...options } as GuardOptions<DefaultEventsMap, Authenticator<unknown>, object>));
  closeLater(() => void printedBy(() => guarded.close()));
  return guarded;
}

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
