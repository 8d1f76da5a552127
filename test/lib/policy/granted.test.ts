import { expect } from "chai";
import { granted } from "../../../lib/policy/granted.js";

const ask = (user: unknown, room: string, event = "guard:join") => granted()({ user, room, event, args: [] } as never);
const grants = (rooms: unknown) => ({ sub: "alice", rooms });

describe("granted()", () => {
  it("allows a user to join the rooms whose grant has join", () => {
    const alice = grants({ "private-group-7": ["join"], "private-group-8": ["publish:typing"], "private-group-9": [] });
    expect(["private-group-7", "private-group-8", "private-group-9", "private-group-77", "private-group"].map((room) => ask(alice, room))).to.deep.equal([true, false, false, false, false]);
  });

  it("allows a user to publish the events of the grant, or all of them", () => {
    const alice = grants({ "private-group-7": ["join", "publish:typing"], "private-orders-*": ["publish:*"] });
    expect(["typing", "draw", "publish:typing", "typing:x"].map((event) => ask(alice, "private-group-7", event))).to.deep.equal([true, false, false, false]);
    expect(["typing", "draw", "guard:join"].map((event) => ask(alice, "private-orders-1", event))).to.deep.equal([true, true, false]);
  });

  it("takes a name that ends with * for every room that begins so and is longer", () => {
    const alice = grants({ "private-orders-*": ["join"] });
    expect(["private-orders-1", "private-orders-a-b", "private-orders-", "private-orders", "private-order-1", "xprivate-orders-1"].map((room) => ask(alice, room))).to.deep.equal([true, true, false, false, false, false]);
    expect(["private-orders-1", "lobby"].map((room) => ask(grants({ "*": ["join"] }), room))).to.deep.equal([true, true]);
    expect(["private-*-1", "private-.*", "private-**", "$", "#*"].map((name) => ask(grants({ [name]: ["join"] }), "private-a-1"))).to.deep.equal([false, false, false, false, false]);
  });

  it("takes other patterns as the rules of rooms do", () => {
    const alice = grants({ "private-$group-chat": ["join"] });
    expect(["private-a-chat", "private--chat", "private-a-chat-b"].map((room) => ask(alice, room))).to.deep.equal([true, false, false]);
  });

  it("adds grants up", () => {
    const alice = grants({ "private-*": ["join"], "private-7": ["publish:typing"] });
    expect([ask(alice, "private-7"), ask(alice, "private-7", "typing"), ask(alice, "private-8", "typing")]).to.deep.equal([true, true, false]);
  });

  it("denies users whose claims grant nothing in this form", () => {
    const inherited = Object.create({ rooms: { lobby: ["join"] } }) as object;
    for (const user of [null, undefined, "alice", {}, inherited, grants(null), grants("lobby"), grants(["lobby"]), grants({ lobby: "join" }), grants({ lobby: { join: true } }), grants({ lobby: true }), grants({ lobby: [["join"]] }), grants({ lobby: ["*"] })]) {
      expect(ask(user, "lobby"), JSON.stringify(user)).to.equal(false);
    }
  });

  it("reads own properties only", () => {
    for (const room of ["constructor", "toString", "__proto__", "valueOf"]) expect(ask(grants({}), room)).to.equal(false);
    expect(ask(grants(Object.create({ lobby: ["join"] })), "lobby")).to.equal(false);
    expect(ask(grants(JSON.parse('{"__proto__":["join"]}')), "__proto__")).to.equal(true);
  });
});
