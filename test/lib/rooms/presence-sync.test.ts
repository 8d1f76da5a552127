// Nodes agree on who is present, whatever the network between them does.
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { RoomMember } from "../../../lib/protocol.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { activeTimers, jump, pass, restoreTimers, useFakeTimers } from "./fake-timers.js";
import { clientView, Network, nodeView, timeout, type FakeNode } from "./presence-support.js";

/** A tick of the timer, and the first wait of a notice, with some to spare. */
const bound = timeout + 1_000;

describe("presence on several nodes", () => {
  let network: Network;
  let one: FakeNode;
  let two: FakeNode;
  beforeEach(() => {
    useFakeTimers();
    network = new Network();
    [one, two] = [network.node(), network.node()];
  });
  afterEach(restoreTimers);

  it("shows and tells the members of all nodes on each", () => {
    one.join("lobby", "s1", { id: "alice", info: { name: "Alice" } });
    pass(100);
    expect(two.join("lobby", "s2", { id: "bob" })).to.deep.equal([{ id: "alice", info: { name: "Alice" } }, { id: "bob" }]);
    pass(100);
    expect(one.ids("lobby")).to.deep.equal(["alice", "bob"]);
    expect(one.news("s1").at(-1)).to.deep.equal({ room: "lobby", joined: [{ id: "bob" }] });
    one.leave("lobby", "s1", "alice");
    pass(100);
    expect(two.ids("lobby")).to.deep.equal(["bob"]);
    expect(two.news("s2").at(-1)).to.deep.equal({ room: "lobby", left: ["alice"] });
  });

  it("tells other nodes only of a member's first and last socket on a node", () => {
    one.join("lobby", "s1", { id: "alice" });
    pass(50);
    const before = network.sent.length;
    for (let socket = 2; socket < 50; socket += 1) one.join("lobby", `s${socket}`, { id: "alice" });
    for (let socket = 2; socket < 50; socket += 1) one.leave("lobby", `s${socket}`, "alice");
    pass(50);
    expect(network.sent.slice(before).filter((text) => text.includes("alice"))).to.deep.equal([]);
  });

  it("keeps a member until the last node has lost the member", () => {
    one.join("lobby", "s1", { id: "alice" });
    two.join("lobby", "s2", { id: "alice" });
    two.enter("lobby", "observer");
    pass(100);
    two.news("observer");
    one.leave("lobby", "s1", "alice");
    pass(100);
    expect(two.ids("lobby")).to.deep.equal(["alice"]);
    two.leave("lobby", "s2", "alice");
    pass(100);
    expect(two.ids("lobby")).to.deep.equal([]);
    expect(one.ids("lobby")).to.deep.equal([]);
    expect(two.news("observer")).to.deep.equal([{ room: "lobby", left: ["alice"] }]);
  });

  it("shows the info of the latest join on every node, also if the clocks differ", () => {
    one.join("lobby", "s1", { id: "alice", info: 1 });
    pass(100);
    const { now } = Date;
    Date.now = () => now() - 3_600_000;
    two.join("lobby", "s2", { id: "alice", info: 2 });
    Date.now = now;
    pass(100);
    for (const node of [one, two]) expect(node.presence.members("/", "lobby")).to.deep.equal([{ id: "alice", info: 2 }]);
    one.join("lobby", "s3", { id: "alice", info: 1 });
    pass(100);
    for (const node of [one, two]) expect(node.presence.members("/", "lobby")).to.deep.equal([{ id: "alice", info: 1 }]);
  });

  it("lets the members of a dead node leave within timeout and a second, and not those who are elsewhere too", () => {
    for (const id of ["alice", "bob"]) two.join("lobby", `two ${id}`, { id });
    one.join("lobby", "s1", { id: "alice" });
    one.join("lobby", "s2", { id: "carol" });
    pass(333);
    expect(one.ids("lobby")).to.deep.equal(["alice", "bob", "carol"]);
    one.news("s1");
    two.isDead = true;
    pass(timeout - 1_000);
    expect(one.news("s1")).to.deep.equal([]);
    pass(bound - (timeout - 1_000));
    expect(one.news("s1")).to.deep.equal([{ room: "lobby", left: ["bob"] }]);
    expect(one.ids("lobby")).to.deep.equal(["alice", "carol"]);
  });

  it("tells nothing while nothing changes, however long", () => {
    one.join("lobby", "s1", { id: "alice" });
    two.join("lobby", "s2", { id: "bob" });
    pass(1_000);
    one.news("s1");
    network.sent.length = 0;
    pass(4 * timeout);
    expect(one.news("s1")).to.deep.equal([]);
    expect(network.sent.filter((text) => !text.includes('"beat"'))).to.deep.equal([]);
  });

  it("lets the members of a node that stops leave at once", () => {
    one.join("lobby", "s1", { id: "alice" });
    two.join("lobby", "s2", { id: "bob" });
    pass(100);
    two.presence.stop();
    expect(one.ids("lobby")).to.deep.equal(["alice"]);
  });

  it("does not bring back the members of a node that has stopped, when its last messages come late", () => {
    one.join("lobby", "s1", { id: "alice" });
    two.join("lobby", "s2", { id: "bob" });
    pass(5);
    network.options = { delay: 400, random: alternating(0.9, 0.1) };
    pass(5);
    two.presence.stop();
    pass(1_000);
    expect(one.ids("lobby")).to.deep.equal(["alice"]);
  });

  it("brings a node that starts late up to date, with as many members as one likes", () => {
    for (let member = 0; member < 2_345; member += 1) one.join("lobby", `s${member}`, { id: `user ${member}`, info: { name: "x".repeat(member % 100) } });
    pass(1_000);
    const three = network.node();
    network.sent.length = 0;
    pass(1_000);
    expect(three.ids("lobby")).to.deep.equal(one.ids("lobby"));
    expect(Math.max(...network.sent.map((text) => text.length))).to.be.below(100_000);
    expect(network.sent.filter((text) => text.includes('"state"'))).to.have.lengthOf(5);
  });

  it("brings a node up to date while members come and go all the time, with one answer", () => {
    for (let member = 0; member < 1_000; member += 1) one.join("lobby", `s${member}`, { id: `user ${member}` });
    pass(1_000);
    network.sent.length = 0;
    network.options = { delay: 100, random: alternating(0.9, 0.5, 0.1, 0.7, 0.3) };
    const three = network.node();
    for (let member = 1_000; member < 1_200; member += 1) {
      one.join("lobby", `s${member}`, { id: `user ${member}` });
      one.leave("lobby", `s${member - 900}`, `user ${member - 900}`);
      pass(5);
    }
    pass(300);
    expect(three.ids("lobby")).to.deep.equal(one.ids("lobby"));
    expect(network.sent.filter((text) => text.includes('"ask"'))).to.have.lengthOf(1);
  });

  it("does not go back to a state that comes late", () => {
    one.join("lobby", "s1", { id: "alice" });
    one.join("lobby", "s2", { id: "bob" });
    pass(100);
    const three = network.node();
    pass(1_000);
    const state = network.sent.filter((text) => text.includes('"state"'));
    expect(state).to.have.lengthOf(1);
    one.leave("lobby", "s2", "bob");
    pass(100);
    three.receive("guard:members", JSON.parse(state[0]!));
    expect(three.ids("lobby")).to.deep.equal(["alice"]);
  });

  it("is up to date a moment after its first member has joined, without waiting for a heartbeat", () => {
    one.join("lobby", "s1", { id: "alice" });
    pass(1_007);
    const three = network.node();
    three.join("lobby", "s3", { id: "carol" });
    pass(200);
    expect(three.ids("lobby")).to.deep.equal(["alice", "carol"]);
  });

  it("answers several nodes that ask with one answer", () => {
    one.join("lobby", "s1", { id: "alice" });
    pass(100);
    for (let late = 0; late < 10; late += 1) network.node();
    network.sent.length = 0;
    pass(1_000);
    expect(network.sent.filter((text) => text.includes('"state"'))).to.have.lengthOf(1);
    for (const node of network.nodes) expect(node.ids("lobby")).to.deep.equal(["alice"]);
  });

  it("needs no answer for messages that were only reordered", () => {
    network.options = { delay: 40, random: alternating(0.9, 0.1) };
    for (let member = 0; member < 20; member += 1) {
      one.join("lobby", `s${member}`, { id: `user ${member}` });
      pass(15);
    }
    pass(200);
    expect(two.ids("lobby")).to.have.lengthOf(20);
    expect(network.sent.filter((text) => text.includes('"ask"'))).to.deep.equal([]);
  });

  it("agrees again after nodes could not reach each other for longer than the timeout", () => {
    one.join("lobby", "s1", { id: "alice" });
    two.join("lobby", "s2", { id: "bob" });
    pass(100);
    two.isCutOff = true;
    one.join("lobby", "s3", { id: "carol" });
    two.leave("lobby", "s2", "bob");
    two.join("lobby", "s4", { id: "dan" });
    pass(4 * timeout);
    expect(one.ids("lobby")).to.deep.equal(["alice", "carol"]);
    expect(two.ids("lobby")).to.deep.equal(["dan"]);
    two.isCutOff = false;
    pass(1_000);
    for (const node of [one, two]) expect(node.ids("lobby")).to.deep.equal(["alice", "carol", "dan"]);
  });

  it("does not count the time that it did not run itself against others", () => {
    one.join("lobby", "s1", { id: "alice" });
    two.join("lobby", "s2", { id: "bob" });
    pass(100);
    one.news("s1");
    two.news("s2");
    jump(10 * timeout);
    pass(1_000);
    expect(one.news("s1")).to.deep.equal([]);
    expect(two.news("s2")).to.deep.equal([]);
  });

  it("has no timers when nobody is present anywhere", () => {
    one.join("lobby", "s1", { id: "alice" });
    two.join("lobby", "s2", { id: "bob" });
    pass(1_000);
    one.leave("lobby", "s1", "alice");
    pass(1_000);
    expect(activeTimers()).to.equal(2);
    two.leave("lobby", "s2", "bob");
    pass(bound + 1_000);
    expect(activeTimers()).to.equal(0);
    one.join("lobby", "s3", { id: "carol" });
    pass(100);
    expect(two.ids("lobby")).to.deep.equal(["carol"]);
  });

  it("ignores messages that it cannot read", () => {
    one.join("lobby", "s1", { id: "alice" });
    pass(100);
    const change = ["/", "lobby", "eve", 1];
    const junk: unknown[] = [
      undefined, null, 7, "beat", [], {}, { kind: "beat" }, { kind: "beat", node: "x", number: -1 }, { kind: "beat", node: "x", number: 1.5 }, { kind: "beat", node: {}, number: 1 },
      { kind: "beat", node: "x".repeat(65), number: 1 }, { kind: "future", node: "x", changes: [change] }, { kind: "changes", node: "x", first: 0, changes: [change] },
      { kind: "changes", node: "x", first: 1, changes: "all" }, { kind: "changes", node: "x", first: 1, changes: Array.from({ length: 501 }, () => change) },
      { kind: "changes", node: "y", first: 1, changes: [null, 7, [], ["/", "a b", "eve", 1], ["/", "lobby", 7, 1], ["", "lobby", "eve", 1], ["/", "lobby", "", 1], ["/", "lobby", "eve", "1"], ["/", "lobby", "eve", 1, "{"], ["/", "lobby", "x".repeat(1_025), 1]] },
      { kind: "state", node: "z", number: 1, piece: 1, pieces: 1, changes: [change] }, { kind: "state", node: "z", number: 1, piece: 0, pieces: 2_001, changes: [change] },
    ];
    for (const message of junk) one.receive("guard:members", message);
    pass(100);
    expect(one.ids("lobby")).to.deep.equal(["alice"]);
    // The changes that could be read of the same node count.
    one.receive("guard:members", { kind: "changes", node: "y", first: 11, changes: [["/", "lobby", "bob", 1]] });
    expect(one.ids("lobby")).to.deep.equal(["alice", "bob"]);
  });

  it("keeps little of a node whose messages never fit together, and of many nodes that do not exist", () => {
    one.join("lobby", "s1", { id: "alice" });
    for (let number = 0; number < 100_000; number += 1) {
      one.receive("guard:members", { kind: "changes", node: "x", first: 10 + 2 * number, changes: [["/", "lobby", `eve ${number}`, 1]] });
      one.receive("guard:members", { kind: "beat", node: `node ${number}`, number: 1 });
    }
    network.sent.length = 0;
    pass(60);
    expect(network.sent.filter((text) => text.includes('"ask"'))).to.have.lengthOf.below(1_001);
    pass(bound);
    expect(one.ids("lobby")).to.deep.equal(["alice"]);
  });
});

describe("presence over a network that loses, doubles and reorders messages", () => {
  beforeEach(useFakeTimers);
  afterEach(restoreTimers);

  it("agrees once the network works, on each node and with each client", function () {
    this.timeout(300_000);
    const random = randomFrom(seed());
    for (let run = 0; run < draws(500); run += 1) new RandomRun(random).run();
  });
});

/** Some nodes, rooms and users, and a second or so in which random things happen. */
class RandomRun {
  readonly #random: () => number;
  readonly #network = new Network();
  readonly #sockets: { readonly node: FakeNode; readonly room: string; readonly socket: string; readonly id: string; readonly members: readonly RoomMember[] }[] = [];
  #names = 0;

  constructor(random: () => number) {
    this.#random = random;
    for (let nodes = 2 + this.#below(3); nodes > 0; nodes -= 1) this.#network.node(1_000);
  }

  run(): void {
    this.#network.options = { random: this.#random, lost: this.#random() * 0.4, doubled: this.#random() * 0.3, delay: this.#random() * 200 };
    for (let step = 0; step < 200; step += 1) {
      this.#step();
      pass(this.#below(5) * 5);
    }
    this.#network.options = { random: this.#random, delay: 30 };
    for (const node of this.#network.nodes) node.isCutOff = false;
    pass(5_000);
    this.#check();
    for (const { presence } of this.#network.nodes) presence.stop();
    pass(100);
    expect(activeTimers()).to.equal(0);
  }

  #step(): void {
    const chance = this.#random();
    const node = this.#oneOf(this.#network.nodes.filter(({ isDead }) => !isDead));
    if (chance < 0.5) this.#join(node);
    else if (chance < 0.94) this.#leave();
    else if (chance < 0.97) node.isCutOff = !node.isCutOff;
    else if (chance < 0.98) pass(2_000);
    else if (this.#alive.length > 1) this.#end(node);
    else this.#network.node(1_000);
  }

  get #alive(): FakeNode[] {
    return this.#network.nodes.filter(({ isDead }) => !isDead);
  }

  #join(node: FakeNode): void {
    const room = `room-${this.#below(2)}`;
    const id = `user ${this.#below(6)}`;
    const socket = `socket ${this.#names += 1}`;
    const members = node.join(room, socket, { id, ...(this.#random() < 0.5 && { info: this.#below(3) }) });
    this.#sockets.push({ node, room, socket, id, members });
  }

  #leave(): void {
    const [left] = this.#sockets.splice(this.#below(this.#sockets.length), 1);
    left?.node.leave(left.room, left.socket, left.id);
  }

  /** Killed, or stopped in order. */
  #end(node: FakeNode): void {
    if (this.#random() < 0.5) node.presence.stop();
    node.isDead = true;
    this.#sockets.splice(0, Infinity, ...this.#sockets.filter((socket) => socket.node !== node));
    if (this.#random() < 0.7) this.#network.node(1_000);
  }

  #check(): void {
    for (const room of ["room-0", "room-1"]) {
      const present = new Set(this.#sockets.filter((socket) => socket.room === room).map(({ id }) => id));
      const [first, ...others] = this.#alive.map((node) => nodeView(node, room));
      expect([...first!.keys()].sort()).to.deep.equal([...present].sort());
      for (const other of others) expect(other).to.deep.equal(first);
    }
    for (const { node, room, socket, members } of this.#sockets) {
      expect(clientView(members, node.told.get(socket) ?? [])).to.deep.equal(nodeView(node, room));
    }
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #oneOf<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)]!;
  }
}

function alternating(...values: readonly number[]): () => number {
  let calls = 0;
  return () => values[(calls += 1) % values.length]!;
}
