import { EventEmitter } from "node:events";
import { expect } from "chai";
import type { ChatUser } from "../../../definitions/users.js";
import type { ChatServer } from "../../../modules/chat/chat-server.js";
import { Presence } from "../../../modules/chat/presence.js";
import { nextTurn } from "../../support/server.js";

const alice: ChatUser = { id: "alice", name: "Alice", role: "member" };
const bob: ChatUser = { id: "bob", name: "Bob", role: "member" };

describe("presence on several nodes", () => {
  const nodes = new Set<EventEmitter>();
  const presences: Presence[] = [];
  afterEach(() => {
    for (const presence of presences.splice(0)) presence.stop();
    nodes.clear();
  });

  /** A node that is connected to the others until it is cut off. `online` resolves when its clients see exactly these users. */
  const openNode = () => {
    const clients = new EventEmitter();
    const io = Object.assign(new EventEmitter(), {
      local: { emit: (_: "present", users: ChatUser[]) => clients.emit("present", users.map(({ name }) => name).join(" ")) },
      serverSideEmit: (...args: [string, string, ChatUser[]]) => {
        if (nodes.has(io)) for (const other of nodes) if (other !== io) other.emit(...args);
      },
    });
    nodes.add(io);
    const presence = new Presence(io as unknown as ChatServer, true, 20);
    presences.push(presence);
    const online = (names: string): Promise<void> => new Promise((resolve) => clients.on("present", (now) => { if (now === names) resolve(); }));
    return { presence, online, cutOff: () => nodes.delete(io) };
  };

  it("is known at once to a node that starts later", async () => {
    openNode().presence.join(alice);
    await nextTurn();
    expect(openNode().presence.list()).to.deep.equal([alice]);
  });

  it("lists a user of two nodes once, until the user has left both", async () => {
    const [here, there] = [openNode(), openNode()];
    const both = here.online("Alice Bob");
    here.presence.join(alice);
    there.presence.join(alice);
    there.presence.join(bob);
    await both;
    const alone = here.online("Alice");
    there.presence.leave(alice);
    there.presence.leave(bob);
    await alone;
    const empty = there.online("");
    here.presence.leave(alice);
    await empty;
  });

  it("forgets the users of a node that falls silent", async () => {
    const [here, there] = [openNode(), openNode()];
    const both = here.online("Alice Bob");
    here.presence.join(alice);
    there.presence.join(bob);
    await both;
    const alone = here.online("Alice");
    there.cutOff();
    await alone;
    expect(here.presence.list()).to.deep.equal([alice]);
  });
});
