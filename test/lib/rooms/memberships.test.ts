// A client stays in a room only as long as its rule allows it. From the decision on it receives nothing more of the room.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, anyone, deny, jwt, role, signedIn } from "../../../lib/index.js";
import { closeEverything, event, firstSecret, nextTurn, signal } from "../../support/server.js";
import { heard, join, left, publish, serveRooms, userOf } from "./support.js";

interface Asked {
  readonly user: { readonly sub: string; readonly groups?: readonly string[]; readonly role?: string };
  readonly params: Readonly<Record<string, string>>;
}

const byGroup = { "private-group-$group": { join: ({ user, params }: Asked) => user.groups?.includes(params["group"]!) === true } };
const room = "private-group-7";

describe("A member of a room", () => {
  afterEach(closeEverything);

  it("leaves in the tick in which its refreshed claims say so, is told, and hears nothing more", async () => {
    const served = await serveRooms(byGroup);
    const { client, socket } = await userOf(served, "alice", { groups: ["7"] });
    await join(client, room);
    const spied = heard(client, "news");
    const gone = left(client);
    let stillIn: boolean | undefined;
    served.guarded.on("refreshed", () => {
      stillIn = socket.rooms.has(room);
      served.io.to(room).emit("news", "a secret");
    });
    await client.emitWithAck("guard:refresh", { token: served.token({ sub: "alice", groups: [] }) });
    expect(stillIn).to.equal(false);
    expect(await gone).to.deep.equal({ guard: true, code: "forbidden", status: 403, message: "You are not allowed to do this.", event: "guard:join", room });
    expect(await spied.settled()).to.deep.equal([]);
    expect((await publish(client, room, "typing")).error!.code).to.equal("not_a_member");
  });

  it("stays if its refreshed claims still allow it", async () => {
    const served = await serveRooms(byGroup);
    const { client, socket } = await userOf(served, "alice", { groups: ["7"] });
    await join(client, room);
    const spied = heard(client, "guard:left");
    await client.emitWithAck("guard:refresh", { token: served.token({ sub: "alice", groups: ["6", "7"] }) });
    expect(await spied.settled()).to.deep.equal([]);
    expect(socket.rooms.has(room)).to.equal(true);
  });

  it("leaves when findUser returns another user, before userChanged() has settled", async () => {
    const users: Record<string, object> = { alice: { sub: "alice", groups: ["7"] } };
    const served = await serveRooms(byGroup, { findUser: ({ sub }: { sub: string }) => users[sub] ?? null });
    const { client, socket } = await userOf(served);
    await join(client, room);
    const gone = left(client);
    users["alice"] = { sub: "alice", groups: [] };
    await served.guarded.userChanged("alice");
    expect(socket.rooms.has(room)).to.equal(false);
    expect(await gone).to.include({ code: "forbidden", room });
  });

  it("leaves after userChanged() if the rule reads data of the host, without findUser", async () => {
    const banned = new Set<string>();
    const served = await serveRooms({ lobby: { join: ({ user }: Asked) => !banned.has(user.sub) || deny("You are banned.") } });
    const [alice, bob] = [await userOf(served, "alice"), await userOf(served, "bob")];
    await join(alice.client, "lobby");
    await join(bob.client, "lobby");
    const gone = left(alice.client);
    banned.add("alice").add("bob");
    const changed = served.guarded.userChanged("alice");
    expect(alice.socket.rooms.has("lobby"), "in the same tick").to.equal(false);
    await changed;
    expect(await gone).to.include({ code: "forbidden", message: "You are banned." });
    expect(bob.socket.rooms.has("lobby"), "only this user was asked about").to.equal(true);
  });

  it("leaves in the tick in which new rules say so; a pattern that is gone is room_unlisted", async () => {
    const served = await serveRooms({ lobby: { join: signedIn }, attic: { join: signedIn }, cellar: { join: signedIn } });
    const { client, socket } = await userOf(served);
    for (const name of ["lobby", "attic", "cellar"]) await join(client, name);
    const told: unknown[] = [];
    client.on("guard:left", ({ room: name, code }: { room: string; code: string }) => void told.push([name, code]));
    served.guarded.updateRules({ rooms: { lobby: { join: role("admin") }, cellar: { join: signedIn } } });
    expect([...socket.rooms]).to.deep.equal([socket.id, "cellar"]);
    expect((await join(client, "attic")).error!.code).to.equal("room_unlisted");
    expect(told).to.deep.equal([["lobby", "forbidden"], ["attic", "room_unlisted"]]);
  });

  it("keeps everything if one of the new rules is wrong", async () => {
    const served = await serveRooms({ lobby: { join: signedIn } });
    const { client, socket } = await userOf(served);
    await join(client, "lobby");
    expect(() => served.guarded.updateRules({ rooms: { lobby: { join: role("admin") }, "a-$b-$c$d": { join: signedIn } } })).to.throw().with.property("code", "rule_invalid");
    expect(() => served.guarded.updateRules({ events: { message: "everybody" } as never })).to.throw().with.property("code", "rule_invalid");
    expect(() => served.guarded.updateRules({ rules: {} } as never)).to.throw().with.property("code", "option_unknown");
    expect(socket.rooms.has("lobby")).to.equal(true);
  });

  it("is asked by new rules of its own namespace, which keeps the rules that it was given", async () => {
    const served = await serveRooms({ lobby: { join: signedIn }, attic: { join: signedIn } });
    served.guarded.of("/admin", { rooms: { attic: { join: signedIn } } });
    served.io.of("/admin");
    const { client, socket } = await userOf(served, "alice", {}, "/admin");
    await join(client, "lobby");
    await join(client, "attic");
    served.guarded.updateRules({ rooms: {} });
    expect([...socket.rooms]).to.deep.equal([socket.id, "attic"]);
  });

  it("applies new rules of events to the next event of an open socket", async () => {
    const served = await serveRooms({});
    const { client, socket } = await userOf(served);
    socket.on("message", (ack: () => void) => ack());
    await client.emitWithAck("message");
    served.guarded.updateRules({ events: { message: role("admin") } });
    expect(((await client.emitWithAck("message")) as { error: object }).error).to.include({ code: "forbidden" });
  });

  it("stays while an asynchronous check is asked again, and leaves when it denies", async () => {
    const answers = [Promise.resolve(true)];
    const served = await serveRooms({ lobby: { join: () => answers[0]! } });
    const { client, socket } = await userOf(served);
    await join(client, "lobby");
    const again = signal<boolean>();
    answers[0] = again.promise;
    const changed = served.guarded.userChanged("alice");
    await nextTurn();
    expect(socket.rooms.has("lobby")).to.equal(true);
    const gone = left(client);
    again.settle(false);
    await changed;
    expect(await gone).to.include({ code: "forbidden" });
    expect(socket.rooms.has("lobby")).to.equal(false);
  });

  it("leaves if its check fails", async () => {
    let works = true;
    const served = await serveRooms({ lobby: { join: () => { if (works) return true; throw new Error("no database"); } } });
    served.guarded.on("failed", () => undefined);
    const { client } = await userOf(served);
    await join(client, "lobby");
    works = false;
    const gone = left(client);
    await served.guarded.userChanged("alice");
    expect(await gone).to.include({ code: "check_failed" });
  });

  it("leaves at the instant that its check has set", async () => {
    const served = await serveRooms({ lobby: { join: ({ expireAt }: { expireAt: (instant: number) => void }) => { expireAt(Date.now() + 200); return true; } } });
    const { client } = await userOf(served);
    const gone = left(client);
    expect((await join(client, "lobby")).room).to.equal("lobby");
    expect(await gone).to.include({ code: "signature_expired", room: "lobby" });
  });

  it("leaves all rooms if its session gets another user", async () => {
    const tokens = jwt({ keys: firstSecret });
    const served = await serveRooms({ lobby: { join: anyone } }, { authenticate: [tokens, anonymous()] as never });
    const client = served.connect("/", { auth: { token: tokens.issue({ sub: "alice" }, { expiresIn: "1h" }) } });
    await event(client, "guard:session");
    await join(client, "lobby");
    const gone = left(client);
    await client.emitWithAck("guard:refresh", {});
    expect(await gone).to.include({ code: "session_ended", room: "lobby" });
    expect((await join(client, "lobby")).room, "as a guest").to.equal("lobby");
  });

  it("leaves when it is evicted, on each of its sockets, and may join again", async () => {
    const served = await serveRooms({ lobby: { join: signedIn } });
    const all = [await userOf(served), await userOf(served), await userOf(served, "bob")];
    for (const { client } of all) await join(client, "lobby");
    const gone = Promise.all(all.slice(0, 2).map(({ client }) => left(client)));
    const evicted = served.guarded.room("lobby").evict("alice");
    expect(all.map(({ socket }) => socket.rooms.has("lobby")), "in the same tick").to.deep.equal([false, false, true]);
    await evicted;
    for (const each of await gone) expect(each).to.include({ code: "evicted", status: 403, room: "lobby" });
    expect((await join(all[0]!.client, "lobby")).room).to.equal("lobby");
  });

  it("leaves a room that the host let it join, if its user is evicted", async () => {
    const served = await serveRooms({ lobby: { join: signedIn } });
    const { client, socket } = await userOf(served);
    await socket.join("lobby");
    const gone = left(client);
    await served.guarded.room("lobby").evict("alice");
    expect(await gone).to.include({ code: "evicted" });
    expect(socket.rooms.has("lobby")).to.equal(false);
  });

  it("does not join by a check that was asked before its user was evicted", async () => {
    const answer = signal<boolean>();
    const asked = signal();
    const served = await serveRooms({ lobby: { join: () => { asked.settle(); return answer.promise; } } });
    const { client, socket } = await userOf(served);
    const joining = join(client, "lobby");
    await asked.promise;
    await served.guarded.room("lobby").evict("alice");
    answer.settle(true);
    expect((await joining).error!.code).to.equal("evicted");
    expect(socket.rooms.has("lobby")).to.equal(false);
  });

  it("is out of its rooms as soon as its session ends", async () => {
    const served = await serveRooms({ lobby: { join: signedIn, presence: true } });
    const { client } = await userOf(served);
    await join(client, "lobby");
    const disconnected = event(client, "disconnect");
    const spied: unknown[] = [];
    client.on("news", () => void spied.push("news"));
    void served.guarded.revoke({ subject: "alice" });
    served.io.to("lobby").emit("news");
    await disconnected;
    expect(spied).to.deep.equal([]);
    expect(served.guarded.room("lobby").members()).to.deep.equal([]);
  });
});

describe("guarded.updateRules(...)", () => {
  afterEach(closeEverything);

  it("decides also about events whose check is at work", async () => {
    const answer = signal<boolean>();
    const asked = signal();
    const served = await serveRooms({}, { events: { close: () => { asked.settle(); return answer.promise; } } });
    const { client, socket } = await userOf(served);
    socket.on("close", () => { throw new Error("The new rule does not allow this."); });
    const denied = client.emitWithAck("close") as Promise<{ error: { code: string } }>;
    await asked.promise;
    served.guarded.updateRules({ events: { close: role("admin") } });
    answer.settle(true);
    expect((await denied).error.code).to.equal("forbidden");
  });
});

describe("guarded.room(name)", () => {
  afterEach(closeEverything);

  it("sends to the members under the guard's own name, so that they know which room it is for", async () => {
    const served = await serveRooms({ lobby: { join: signedIn } });
    const [alice, bob] = [await userOf(served), await userOf(served, "bob")];
    await join(alice.client, "lobby");
    const spied = heard(bob.client, "guard:room");
    const got = event(alice.client, "guard:room");
    served.guarded.room("lobby").emit("news", { text: "hello" });
    expect(await got).to.deep.equal({ room: "lobby", event: "news", data: { text: "hello" } });
    expect(await spied.settled()).to.deep.equal([]);
  });

  it("is a room of one namespace", async () => {
    const served = await serveRooms({ lobby: { join: signedIn } });
    served.io.of("/admin");
    const [here, there] = [await userOf(served), await userOf(served, "alice", {}, "/admin")];
    await join(here.client, "lobby");
    await join(there.client, "lobby");
    const gone = left(there.client);
    await served.guarded.room("lobby", { namespace: "/admin" }).evict("alice");
    await gone;
    expect(here.socket.rooms.has("lobby")).to.equal(true);
  });

  it("may be named without the slash of its namespace", async () => {
    const served = await serveRooms({ lobby: { join: signedIn } });
    served.io.of("/admin");
    const { client, socket } = await userOf(served, "alice", {}, "/admin");
    await join(client, "lobby");
    await served.guarded.room("lobby", { namespace: "admin" }).evict("alice");
    expect(socket.rooms.has("lobby")).to.equal(false);
  });

  it("throws for what cannot be the name of a room", async () => {
    const served = await serveRooms({});
    for (const name of ["", "a:b", "x".repeat(201), undefined]) expect(() => served.guarded.room(name as string)).to.throw().with.property("code", "option_invalid");
  });
});
