// One node of a cluster with presence, in its own process. It has no store: only the adapter connects it to other nodes.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { guard, jwt, signedIn, type Authenticator, type Guard } from "../../../lib/index.js";
import { obey } from "../../support/child.js";
import { adapterOf, type AdapterPlace } from "./places.js";

export interface PresenceConfig {
  readonly secret: string;
  readonly adapter: AdapterPlace;
  /** Milliseconds. */
  readonly maxStaleness: number;
}

interface Claims {
  readonly sub: string;
}

let io: Server;
let guarded: Guard<Claims, Claims>;

const commands = {
  async listen({ secret, adapter, maxStaleness }: PresenceConfig): Promise<number> {
    const web = createServer();
    io = new Server(web, { transports: ["websocket"], adapter: (await adapterOf(adapter)) as never });
    const authenticate = jwt({ keys: secret }) as unknown as Authenticator<Claims>;
    guarded = guard(io, { authenticate, events: {}, rooms: { "room-$n": { join: signedIn, presence: true } }, maxStaleness });
    // The postgres adapter may print that it lost the connection, and that is what a test wants.
    guarded.on("failed", () => undefined);
    // Without `exclusive`, the workers of a cluster would share the port.
    web.listen({ port: 0, host: "127.0.0.1", exclusive: true });
    await once(web, "listening");
    return (web.address() as AddressInfo).port;
  },

  /** The number of nodes that the adapter knows. */
  nodes: (): Promise<number> => (io.of("/").adapter as unknown as { serverCount(): Promise<number> }).serverCount(),

  /** The ids of the members of a room, sorted. */
  members: (room: string): string[] => guarded.room(room).members().map(({ id }) => id).sort(),

  close: (): Promise<void> => guarded.close(),
};

export type PresenceCommands = typeof commands;
obey(commands);
