// A bare or guarded node with an adapter.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { adapterOf, type AdapterPlace } from "../../cluster/support/places.js";
import { obey } from "../../support/child.js";
import { guardForUsers } from "../guards.js";
import { actions, prepare, type Action } from "./actions.js";

let io: Server;
const noted: unknown[] = [];

const commands = {
  async listen({ place, isGuarded }: { place: AdapterPlace; isGuarded: boolean }): Promise<string> {
    const web = createServer();
    io = new Server(web, { adapter: (await adapterOf(place)) as never });
    if (isGuarded) guardForUsers(io);
    prepare(io, (...things) => noted.push(things));
    // Workers of a cluster would share the port.
    web.listen({ port: 0, host: "127.0.0.1", exclusive: true });
    await once(web, "listening");
    return `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  },
  act: (name: Action): unknown => actions[name][1](io),
  noted: (): unknown[] => noted.splice(0),
  nodes: (): Promise<number> => io.of("/").adapter.serverCount(),
};

export type Commands = typeof commands;
obey(commands);
