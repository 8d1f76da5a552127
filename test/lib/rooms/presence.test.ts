import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { activeTimers, pass, restoreTimers, useFakeTimers } from "./fake-timers.js";
import { Network, timeout, type FakeNode } from "./presence-support.js";

describe("presence on one node", () => {
  let node: FakeNode;
  beforeEach(() => {
    useFakeTimers();
    node = new Network().node();
  });
  afterEach(restoreTimers);

  it("counts a user with several sockets once, until the last of them has left", () => {
    node.join("lobby", "s1", { id: "alice" });
    node.join("lobby", "s2", { id: "alice" });
    expect(node.ids("lobby")).to.deep.equal(["alice"]);
    node.leave("lobby", "s1", "alice");
    expect(node.ids("lobby")).to.deep.equal(["alice"]);
    node.leave("lobby", "s2", "alice");
    expect(node.ids("lobby")).to.deep.equal([]);
  });

  it("ignores that somebody leaves who is not there", () => {
    node.presence.left("/", "lobby", "alice");
    node.join("lobby", "s1", { id: "alice" });
    node.presence.left("/", "lobby", "bob");
    node.presence.left("/other", "lobby", "alice");
    expect(node.ids("lobby")).to.deep.equal(["alice"]);
  });

  it("keeps rooms and namespaces apart", () => {
    node.presence.joined("/", "lobby", { id: "alice" });
    node.presence.joined("/admin", "lobby", { id: "bob" });
    node.presence.joined("/", "lobby-2", { id: "carol" });
    expect(node.ids("lobby")).to.deep.equal(["alice"]);
    expect(node.presence.members("/admin", "lobby")).to.deep.equal([{ id: "bob" }]);
  });

  it("tells the sockets of a room who has joined and left, and no others", () => {
    node.join("lobby", "s1", { id: "alice", info: { name: "Alice" } });
    node.join("other", "s9", { id: "zoe" });
    pass(100);
    node.news("s1");
    node.news("s9");
    node.join("lobby", "s2", { id: "bob", info: { name: "Bob" } });
    pass(100);
    expect(node.news("s1")).to.deep.equal([{ room: "lobby", joined: [{ id: "bob", info: { name: "Bob" } }] }]);
    node.leave("lobby", "s2", "bob");
    pass(100);
    expect(node.news("s1")).to.deep.equal([{ room: "lobby", left: ["bob"] }]);
    expect(node.news("s9")).to.deep.equal([]);
  });

  it("tells nobody anything while the node is silent, and what has changed afterwards", () => {
    node.join("lobby", "s1", { id: "alice" });
    node.join("lobby", "s2", { id: "bob" });
    node.join("lobby", "s3", { id: "carol" });
    pass(100);
    node.news("s1");
    node.isSilent = true;
    node.leave("lobby", "s2", "bob");
    node.join("lobby", "s4", { id: "dan" });
    pass(60_000);
    expect(node.news("s1")).to.deep.equal([]);
    node.leave("lobby", "s3", "carol");
    pass(60_000);
    node.isSilent = false;
    pass(200);
    const news = node.news("s1");
    expect(news.flatMap(({ joined = [] }) => joined.map(({ id }) => id))).to.deep.equal(["dan"]);
    expect(news.flatMap(({ left = [] }) => left)).to.have.members(["bob", "carol"]);
  });

  it("tells nothing of a member's second socket", () => {
    node.join("lobby", "s1", { id: "alice" });
    pass(100);
    node.news("s1");
    node.join("lobby", "s2", { id: "alice" });
    pass(100);
    expect(node.news("s1")).to.deep.equal([]);
  });

  it("tells of changed info as of somebody who has joined", () => {
    node.join("lobby", "s1", { id: "alice", info: { mood: "calm" } });
    pass(100);
    node.news("s1");
    node.join("lobby", "s2", { id: "alice", info: { mood: "busy" } });
    pass(100);
    expect(node.news("s1")).to.deep.equal([{ room: "lobby", joined: [{ id: "alice", info: { mood: "busy" } }] }]);
    expect(node.presence.members("/", "lobby")).to.deep.equal([{ id: "alice", info: { mood: "busy" } }]);
  });

  it("does not change with an object that the host changes afterwards", () => {
    const info = { name: "Alice" };
    node.join("lobby", "s1", { id: "alice", info });
    info.name = "Mallory";
    expect(node.presence.members("/", "lobby")).to.deep.equal([{ id: "alice", info: { name: "Alice" } }]);
  });

  for (const [sentence, info] of [["is circular", circular()], ["is a function", () => 1], ["is too long", "x".repeat(2_047)], ["holds a BigInt", { n: 1n }]] as const) {
    it(`shows a member without info if it ${sentence}`, () => {
      node.join("lobby", "s1", { id: "alice", info });
      expect(node.presence.members("/", "lobby")).to.deep.equal([{ id: "alice" }]);
    });
  }

  it("tells nothing of a member who leaves and is back before the next notice", () => {
    node.join("lobby", "s1", { id: "alice" });
    node.join("lobby", "s2", { id: "bob" });
    pass(100);
    node.news("s1");
    node.leave("lobby", "s2", "bob");
    node.presence.joined("/", "lobby", { id: "bob" });
    pass(100);
    node.presence.joined("/", "lobby", { id: "carol" });
    node.presence.left("/", "lobby", "carol");
    pass(100);
    expect(node.news("s1")).to.deep.equal([]);
  });

  it("tells of one who came and went if somebody was told of that member in between", () => {
    node.join("lobby", "s1", { id: "alice" });
    pass(100);
    node.news("s1");
    node.presence.joined("/", "lobby", { id: "carol" });
    expect(node.join("lobby", "s2", { id: "bob" })).to.deep.include({ id: "carol" });
    node.presence.left("/", "lobby", "carol");
    pass(100);
    expect(node.news("s2")).to.deep.equal([{ room: "lobby", joined: [{ id: "bob" }], left: ["carol"] }]);
  });

  it("leaves no timer behind when nobody is present any more", () => {
    node.join("lobby", "s1", { id: "alice" });
    pass(1_000);
    expect(activeTimers()).to.equal(1);
    node.leave("lobby", "s1", "alice");
    pass(1_000);
    expect(activeTimers()).to.equal(0);
  });

  it("does nothing after it was stopped", () => {
    node.join("lobby", "s1", { id: "alice" });
    pass(100);
    node.news("s1");
    node.presence.joined("/", "lobby", { id: "bob" });
    node.presence.stop();
    node.presence.stop();
    node.presence.joined("/", "lobby", { id: "carol" });
    node.presence.left("/", "lobby", "alice");
    expect(activeTimers()).to.equal(0);
    pass(2 * timeout);
    expect(node.news("s1")).to.deep.equal([]);
  });
});

function circular(): object {
  const info: Record<string, unknown> = {};
  info["self"] = info;
  return info;
}
