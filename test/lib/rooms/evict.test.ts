// guarded.room(name).evict and guarded.userChanged, on all nodes of a store.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, signedBy, signer } from "../../../lib/index.js";
import { eventually } from "../../support/eventually.js";
import { StoreInMemory } from "../../support/revocations.js";
import { closeEverything, makeTokens, signal, type Setting } from "../../support/server.js";
import { codeOf } from "../session/revoking.js";
import { heard, join, left, serveRooms, signedIn, userOf } from "./support.js";

const down = () => { throw new Error("The store is down."); };

describe("a user who has to leave a room", () => {
  afterEach(closeEverything);

  /** Two nodes of one store, which read it by themselves every 40 ms: no adapter connects them. On a busy machine, that is late at times. */
  async function twoNodes(rooms: object = { lobby: { join: signedIn } }, setting: Setting = {}) {
    const store = new StoreInMemory();
    const start = () => serveRooms(rooms, { store: { revocations: store }, maxStaleness: 80, onStale: "allow", ...setting });
    return { store, one: await start(), other: await start() };
  }

  it("leaves on the node of the call in the same tick, is told why, and hears nothing more", async () => {
    const served = await serveRooms({ lobby: { join: signedIn } });
    const [alice, again, bob] = [await userOf(served), await userOf(served), await userOf(served, "bob")];
    for (const { client } of [alice, again, bob]) await join(client, "lobby");
    const news = heard(alice.client, "news");
    const told = [left(alice.client), left(again.client)];
    const evicted = served.guarded.room("lobby").evict("alice");
    expect([alice, again, bob].map(({ socket }) => socket.rooms.has("lobby"))).to.deep.equal([false, false, true]);
    served.io.to("lobby").emit("news");
    served.guarded.room("lobby").emit("news");
    await evicted;
    for (const denial of await Promise.all(told)) expect(denial).to.deep.include({ guard: true, code: "evicted", status: 403, room: "lobby" });
    expect(await news.settled()).to.deep.equal([]);
  });

  it("leaves on the other nodes, too, and on none a room or namespace that was not named", async () => {
    const { one, other } = await twoNodes({ "room-$name": { join: signedIn } });
    for (const { io } of [one, other]) io.of("/admin");
    const [alice, bob, admin] = [await userOf(other), await userOf(other, "bob"), await userOf(other, "alice", {}, "/admin")];
    for (const { client } of [alice, bob, admin]) for (const room of ["room-a", "room-b"]) await join(client, room);
    const first = left(alice.client);
    await one.guarded.room("room-a").evict("alice");
    expect(await first).to.include({ code: "evicted", room: "room-a" });
    const second = left(admin.client);
    await one.guarded.room("room-b", { namespace: "/admin" }).evict("alice");
    expect(await second).to.include({ code: "evicted", room: "room-b" });
    const rooms = [alice, bob, admin].map(({ socket }) => ["room-a", "room-b"].filter((room) => socket.rooms.has(room)).join());
    expect(rooms).to.deep.equal(["room-b", "room-a,room-b", "room-a"]);
  });

  it("may join again if the rule allows it, and can be removed again, by any node", async () => {
    const { one, other } = await twoNodes();
    const { client, socket } = await userOf(other);
    for (const { guarded } of [one, one, other, one]) {
      expect(await join(client, "lobby")).to.deep.equal({ room: "lobby" });
      const told = left(client);
      await guarded.room("lobby").evict("alice");
      expect((await told).code).to.equal("evicted");
      expect(socket.rooms.has("lobby")).to.equal(false);
    }
  });

  it("is not removed by a notice from before the membership, on a node that starts later", async () => {
    const { store, one } = await twoNodes();
    await one.guarded.room("lobby").evict("alice");
    const late = await serveRooms({ lobby: { join: signedIn } }, { store: { revocations: store }, maxStaleness: 80, onStale: "allow" });
    const { client, socket } = await userOf(late);
    await join(client, "lobby");
    // The store is read three times more.
    for (let reads = 0; reads < 3; reads += 1) await new Promise((resolve) => { store.before = (use) => { if (use === "since") setImmediate(resolve); }; });
    expect(socket.rooms.has("lobby")).to.equal(true);
  });

  it("leaves here although the store does not take the notice, and elsewhere once it does", async () => {
    const { store, one, other } = await twoNodes();
    const [here, there] = [await userOf(one), await userOf(other)];
    for (const { client } of [here, there]) await join(client, "lobby");
    const [toldHere, toldThere] = [left(here.client), left(there.client)];
    store.before = (use) => use === "append" && down();
    expect(await codeOf(one.guarded.room("lobby").evict("alice"))).to.equal("store_unavailable");
    expect((await toldHere).code).to.equal("evicted");
    expect(there.socket.rooms.has("lobby")).to.equal(true);
    store.before = () => undefined;
    expect((await toldThere).code).to.equal("evicted");
  });

  it("leaves on all nodes when userChanged says so and the rule reads data of the host, without findUser", async () => {
    const banned = new Set<string>();
    const { one, other } = await twoNodes({ lobby: { join: ({ user }: { user: { sub: string } }) => !banned.has(user.sub) } });
    const [here, there, bob] = [await userOf(one), await userOf(other), await userOf(other, "bob")];
    for (const { client } of [here, there, bob]) await join(client, "lobby");
    const [toldHere, toldThere] = [left(here.client), left(there.client)];
    banned.add("alice").add("bob");
    const changed = one.guarded.userChanged("alice");
    expect(here.socket.rooms.has("lobby")).to.equal(false);
    await changed;
    expect((await toldHere).code).to.equal("forbidden");
    expect((await toldThere).code).to.equal("forbidden");
    expect(bob.socket.rooms.has("lobby")).to.equal(true);
  });

  /** A rule that reads data of the host, and then takes its time: each call waits until the test lets it go on. */
  function slowRule() {
    const banned = new Set<string>();
    const calls: (() => void)[] = [];
    const join = ({ user }: { user: { sub: string } }) => {
      const allowed = !banned.has(user.sub);
      const { promise, settle } = signal();
      calls.push(settle);
      return promise.then(() => allowed);
    };
    return { banned, calls, lobby: { join } };
  }

  it("leaves before userChanged settles, although an asynchronous check that was asked before answers late that the user may stay", async () => {
    const { banned, calls, lobby } = slowRule();
    const served = await serveRooms({ lobby });
    const { client, socket } = await userOf(served);
    const joined = join(client, "lobby");
    await eventually(() => calls.length === 1, "the join is checked");
    calls[0]!();
    await joined;
    const before = served.guarded.userChanged("alice");
    banned.add("alice");
    const after = served.guarded.userChanged("alice");
    expect(calls).to.have.length(3);
    calls[1]!();
    await eventually(() => calls.length === 4, "the check is asked again");
    calls[3]!();
    calls[2]!();
    await Promise.all([before, after]);
    expect(socket.rooms.has("lobby")).to.equal(false);
  });

  it("is not let in by a check that was asked before userChanged", async () => {
    const { banned, calls, lobby } = slowRule();
    const served = await serveRooms({ lobby });
    const { client, socket } = await userOf(served);
    const joined = join(client, "lobby");
    await eventually(() => calls.length === 1, "the join is checked");
    banned.add("alice");
    await served.guarded.userChanged("alice");
    calls[0]!();
    await eventually(() => calls.length === 2, "the check is asked again");
    calls[1]!();
    expect((await joined).error!.code).to.equal("forbidden");
    expect(socket.rooms.has("lobby")).to.equal(false);
  });

  it("leaves on all nodes when userChanged makes findUser answer something else", async () => {
    const users = new Map([["alice", { groups: ["7"] }]]);
    const findUser = ({ sub }: { sub: string }) => users.get(sub) ?? null;
    const rooms = { "group-$id": { join: ({ user, params }: { user: { groups: string[] }; params: { id: string } }) => user.groups.includes(params.id) } };
    const { one, other } = await twoNodes(rooms, { findUser, findUserCacheFor: "1h" });
    const [here, there] = [await userOf(one), await userOf(other)];
    for (const { client } of [here, there]) await join(client, "group-7");
    const toldThere = left(there.client);
    users.set("alice", { groups: [] });
    await one.guarded.userChanged("alice");
    expect(here.socket.rooms.has("group-7")).to.equal(false);
    expect((await toldThere).code).to.equal("forbidden");
  });

  const signs = signer({ key: "chat", secret: "a secret of the tests, twenty bytes and more" });

  it("leaves by the name of a signature, too, whether the session is a guest's or another user's, and as whom the client joined last", async () => {
    const served = await serveRooms({ desk: { join: signedBy(signs) } }, { authenticate: [makeTokens().tokens, anonymous()] as never });
    const guest = await served.member("/", { auth: {} });
    const bob = await userOf(served, "bob");
    const sign = ({ socket }: typeof bob, user_id: string) => signs.authorizeRoom(served.guarded.session(socket)!.signingId!, "desk", { user_id });
    const isIn = () => [guest, bob].map(({ socket }) => socket.rooms.has("desk"));
    for (const one of [guest, bob]) await join(one.client, "desk", sign(one, "7"));
    await served.guarded.room("desk").evict("8");
    expect(isIn()).to.deep.equal([true, true]);
    await served.guarded.room("desk").evict("7");
    expect(isIn()).to.deep.equal([false, false]);
    for (const id of ["7", "8"]) await join(guest.client, "desk", sign(guest, id));
    await join(bob.client, "desk", sign(bob, "bob"));
    await served.guarded.room("desk").evict("7");
    expect(isIn()).to.deep.equal([true, true]);
    await served.guarded.room("desk").evict("8");
    expect(isIn()).to.deep.equal([false, true]);
    await served.guarded.room("desk").evict("bob");
    expect(isIn()).to.deep.equal([false, false]);
  });

  it("leaves also if the host has let the socket join, and is told; an eviction from a namespace that does not exist does nothing", async () => {
    const served = await serveRooms({ lobby: { join: signedIn } });
    const [alice, bob] = [await userOf(served), await userOf(served, "bob")];
    for (const { socket } of [alice, bob]) await socket.join("backstage");
    const told = left(alice.client);
    await served.guarded.room("backstage").evict("alice");
    expect((await told)).to.include({ code: "evicted", room: "backstage" });
    expect([alice, bob].map(({ socket }) => socket.rooms.has("backstage"))).to.deep.equal([false, true]);
    await served.guarded.room("backstage", { namespace: "/nowhere" }).evict("bob");
    await served.guarded.room("backstage", { namespace: "/nowhere" }).evict("carol");
    expect(bob.socket.rooms.has("backstage")).to.equal(true);
  });

  it("leaves in a time that does not grow with the members of the room", async () => {
    const served = await serveRooms({ lobby: { join: signedIn } });
    const { client } = await userOf(served);
    await join(client, "lobby");
    const { adapter } = served.io.of("/");
    const members = adapter.rooms.get("lobby")!;
    members[Symbol.iterator] = () => { throw new Error("The members of the room are looked at one by one."); };
    await served.guarded.room("lobby").evict("alice");
    expect(members.size).to.equal(0);
  });

  it("is not every guest: a subject must be given", async () => {
    const served = await serveRooms({ lobby: { join: signedIn } });
    for (const subject of ["", undefined]) {
      expect(await codeOf(served.guarded.room("lobby").evict(subject as never))).to.equal("option_invalid");
      expect(await codeOf(served.guarded.userChanged(subject as never))).to.equal("option_invalid");
    }
  });
});
