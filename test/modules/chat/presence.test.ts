import { EventEmitter } from "node:events";
import { expect } from "chai";
import type { ChatUser } from "../../../definitions/users.js";
import type { ChatServer } from "../../../modules/chat/chat-server.js";
import { Presence } from "../../../modules/chat/presence.js";

const alice: ChatUser = { id: "alice", name: "Alice", role: "member" };
const bob: ChatUser = { id: "bob", name: "Bob", role: "member" };
const interval = 20;

/** Nodes that hear each other, until one is cut off. */
class Network {
  readonly #nodes = new Set<EventEmitter>();

  node(): { presence: Presence; cutOff: () => void; told: (names: string) => Promise<void> } {
    const clients = new EventEmitter();
    const io = Object.assign(new EventEmitter(), {
      local: { emit: (_: "present", users: ChatUser[]) => clients.emit("present", users.map(({ name }) => name).join(" ")) },
      serverSideEmit: (...said: [string, string, ChatUser[]]) => {
        if (this.#nodes.has(io)) for (const other of this.#nodes) if (other !== io) other.emit(...said);
      },
    });
    this.#nodes.add(io);
    const presence = new Presence(io as unknown as ChatServer, true, interval);
    const told = (names: string): Promise<void> => new Promise((resolve) => clients.on("present", (now) => { if (now === names) resolve(); }));
    return { presence, told, cutOff: () => this.#nodes.delete(io) };
  }
}

describe("who is here, over several nodes", () => {
  const presences: Presence[] = [];
  afterEach(() => { for (const presence of presences.splice(0)) presence.stop(); });
  const nodesOf = (network: Network) => {
    const node = network.node();
    presences.push(node.presence);
    return node;
  };

  it("a node that starts later knows at once who is on the others", () => {
    const network = new Network();
    nodesOf(network).presence.join(alice);
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      expect(nodesOf(network).presence.list()).to.deep.equal([alice]);
    });
  });

  it("somebody on two nodes is one, and stays until they have left both", async () => {
    const network = new Network();
    const [here, there] = [nodesOf(network), nodesOf(network)];
    const both = here.told("Alice Bob");
    here.presence.join(alice);
    there.presence.join(alice);
    there.presence.join(bob);
    await both;
    const alone = here.told("Alice");
    there.presence.leave(alice);
    there.presence.leave(bob);
    await alone;
    const nobody = there.told("");
    here.presence.leave(alice);
    await nobody;
  });

  it("of a node that is heard no more, nobody is here", async () => {
    const network = new Network();
    const [here, there] = [nodesOf(network), nodesOf(network)];
    const both = here.told("Alice Bob");
    here.presence.join(alice);
    there.presence.join(bob);
    await both;
    const alone = here.told("Alice");
    there.cutOff();
    await alone;
    expect(here.presence.list()).to.deep.equal([alice]);
  });
});
