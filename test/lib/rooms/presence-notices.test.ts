// How much the sockets of a large room are told, and when.
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { waitAfter } from "../../../lib/rooms/presence-notices.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { pass, restoreTimers, useFakeTimers } from "./fake-timers.js";
import { clientView, Network, nodeView, type FakeNode } from "./presence-support.js";

describe("the notices of a room", () => {
  let node: FakeNode;
  beforeEach(() => {
    useFakeTimers();
    node = new Network().node();
  });
  afterEach(restoreTimers);

  it("come after 10 ms, and then after a wait that grows with the sockets and the changes", () => {
    for (const [sockets, changes, wait] of [[1, 1, 10], [100, 1, 10], [100, 100, 10], [1_000, 1, 100], [10_000, 1, 1_000], [10_000, 100, 1_000], [10_000, 200, 1_000], [10_000, 1_000, 5_000], [10, 10_000, 50]] as const) {
      expect(waitAfter(sockets, changes), `${sockets} sockets, ${changes} changes`).to.equal(wait);
    }
  });

  it("are one a second in a room of 10,000 that 100 join each second", () => {
    for (let socket = 0; socket < 10_000; socket += 1) node.enter("lobby", `s${socket}`);
    for (let joined = 0; joined < 1_000; joined += 1) {
      node.presence.joined("/", "lobby", { id: `user ${joined}` });
      pass(10);
    }
    pass(2_000);
    const news = node.news("s1");
    expect(news.length).to.be.within(10, 12);
    expect(new Set(news.flatMap(({ joined = [] }) => joined.map(({ id }) => id))).size).to.equal(1_000);
  });

  it("come within 10 ms in a small room, one for each change if there is time in between", () => {
    node.enter("lobby", "s1");
    for (let joined = 0; joined < 10; joined += 1) {
      node.presence.joined("/", "lobby", { id: `user ${joined}` });
      pass(20);
    }
    expect(node.news("s1").map(({ joined }) => joined?.length)).to.deep.equal(Array.from({ length: 10 }, () => 1));
    for (let left = 0; left < 10; left += 1) node.presence.left("/", "lobby", `user ${left}`);
    pass(10);
    expect(node.news("s1")).to.deep.equal([{ room: "lobby", left: Array.from({ length: 10 }, (_, left) => `user ${left}`) }]);
  });

  it("have at most 1,000 changes, and the oldest are told first", () => {
    node.enter("lobby", "s1");
    for (let joined = 0; joined < 2_500; joined += 1) node.presence.joined("/", "lobby", { id: `user ${joined}` });
    pass(10);
    expect(node.news("s1").map(({ joined }) => joined?.at(-1)?.id)).to.deep.equal(["user 999"]);
    pass(20);
    expect(node.news("s1").map(({ joined }) => joined?.length)).to.deep.equal([1_000, 500]);
  });
});

describe("the members of a large room", () => {
  let node: FakeNode;
  beforeEach(() => {
    useFakeTimers();
    node = new Network().node();
  });
  afterEach(restoreTimers);

  function fill(count: number): void {
    for (let member = 0; member < count; member += 1) node.presence.joined("/", "lobby", { id: `user ${member}` });
    pass(100);
  }

  it("are all in the answer up to 500", () => {
    fill(499);
    expect(node.join("lobby", "s1", { id: "alice" })).to.have.lengthOf(500);
    pass(1_000);
    expect(node.news("s1")).to.deep.equal([{ room: "lobby", joined: [{ id: "alice" }] }]);
  });

  it("follow in pieces of 500 if there are more", () => {
    fill(1_200);
    const members = node.join("lobby", "s1", { id: "alice" });
    expect(members).to.have.lengthOf(500);
    pass(1_000);
    const news = node.news("s1");
    expect(Math.max(...news.map(({ joined = [] }) => joined.length))).to.equal(500);
    expect(clientView(members, news)).to.deep.equal(nodeView(node, "lobby"));
  });

  it("are sent once to all who have joined meanwhile, and not to those who have left again", () => {
    fill(1_200);
    const answers = Array.from({ length: 50 }, (_, socket) => node.join("lobby", `s${socket}`, { id: `new ${socket}` }));
    node.leave("lobby", "s7", "new 7");
    const before = node.broadcasts;
    pass(1_000);
    // Three pieces, and one notice of who has joined and left.
    expect(node.broadcasts - before).to.equal(4);
    expect(node.news("s7")).to.deep.equal([]);
    for (const socket of [0, 8, 49]) expect(clientView(answers[socket]!, node.news(`s${socket}`))).to.deep.equal(nodeView(node, "lobby"));
  });

  it("are not sent while the node must be silent", () => {
    fill(1_200);
    const members = node.join("lobby", "s1", { id: "alice" });
    node.isSilent = true;
    pass(5_000);
    expect(node.news("s1")).to.deep.equal([]);
    node.isSilent = false;
    pass(1_000);
    expect(clientView(members, node.news("s1"))).to.deep.equal(nodeView(node, "lobby"));
  });

  it("are sent to 100 newcomers at a time: two million entries a second", () => {
    fill(1_000);
    for (let socket = 0; socket < 300; socket += 1) node.join("lobby", `s${socket}`, { id: "alice" });
    const knowing = () => Array.from({ length: 300 }, (_, socket) => `s${socket}`).filter((socket) => (node.told.get(socket) ?? []).some(({ joined = [] }) => joined.length === 500)).length;
    pass(30);
    expect(knowing()).to.equal(100);
    pass(50);
    expect(knowing()).to.equal(200);
    pass(50);
    expect(knowing()).to.equal(300);
  });

  it("are known to each client while others join and leave all the time", () => {
    const random = randomFrom(seed());
    for (let run = 0; run < draws(30); run += 1) {
      node = new Network().node();
      const room = new Map<string, { readonly id: string; readonly answer: ReturnType<FakeNode["join"]> }>();
      fill(900 + Math.floor(random() * 400));
      for (let step = 0; step < 300; step += 1) {
        const socket = `s${step}`;
        const id = random() < 0.5 ? `new ${Math.floor(random() * 20)}` : `user ${Math.floor(random() * 900)}`;
        if (random() < 0.6 || room.size === 0) room.set(socket, { id, answer: node.join("lobby", socket, { id }) });
        else {
          const [leaving, left] = [...room][Math.floor(random() * room.size)]!;
          node.leave("lobby", leaving, left.id);
          room.delete(leaving);
        }
        if (random() < 0.3) node.presence.left("/", "lobby", `user ${Math.floor(random() * 900)}`);
        pass(Math.floor(random() * 8));
      }
      pass(10_000);
      for (const [socket, { answer }] of room) expect(clientView(answer, node.news(socket))).to.deep.equal(nodeView(node, "lobby"));
      node.presence.stop();
    }
  });
});
