// guard:join and guard:leave: a client is in a room only if the room's rule allows it.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, anyone, deny, every, role, signedIn } from "../../../lib/index.js";
import { closeEverything, event, makeTokens, signal, type Served } from "../../support/server.js";
import { heard, join, leave, left, publish, serveRooms, userOf, type Answer } from "./support.js";

interface Params {
  readonly user: { readonly sub: string; readonly groups: readonly string[] };
  readonly params: Readonly<Record<string, string>>;
}

const rooms = {
  lobby: { join: signedIn },
  open: { join: anyone },
  "private-user-$userId": { join: ({ user, params }: Params) => params["userId"] === user.sub },
  "private-group-$group": { join: ({ user, params }: Params) => user.groups.includes(params["group"]!) },
  "private-staff-*": { join: every(signedIn, role("admin")) },
};

describe("guard:join", () => {
  afterEach(closeEverything);

  it("lets a client into the room of Socket.IO, so that io.to(room) reaches it", async () => {
    const served = await serveRooms(rooms);
    const { client, socket } = await userOf(served);
    expect(await join(client, "lobby")).to.deep.equal({ room: "lobby" });
    expect([...socket.rooms]).to.include("lobby");
    const said = event(client, "news");
    served.io.to("lobby").emit("news", "hello");
    expect(await said).to.equal("hello");
  });

  it("gives the rule the parts of the room's name", async () => {
    const served = await serveRooms(rooms);
    const { client } = await userOf(served, "alice", { groups: ["7-a"] });
    expect(await join(client, "private-user-alice")).to.deep.equal({ room: "private-user-alice" });
    expect(await join(client, "private-group-7-a")).to.deep.equal({ room: "private-group-7-a" });
    expect((await join(client, "private-user-bob")).error).to.deep.equal({ guard: true, code: "forbidden", status: 403, message: "You are not allowed to do this.", event: "guard:join", room: "private-user-bob" });
    expect((await join(client, "private-group-7")).error!.code).to.equal("forbidden");
  });

  it("denies a room that no pattern names as room_unlisted, and joins nothing", async () => {
    const served = await serveRooms(rooms);
    const { client, socket } = await userOf(served);
    for (const room of ["lobbies", "private-user-", "private-staff-", "", "a:b", "ü", "lobby\n", "x".repeat(201), "__proto__", "constructor"]) {
      expect((await join(client, room)).error, room).to.include({ code: "room_unlisted", event: "guard:join" });
    }
    expect([...socket.rooms]).to.deep.equal([socket.id]);
  });

  it("denies what is not a request", async () => {
    const { client } = await userOf(await serveRooms(rooms));
    for (const given of [undefined, null, 7, "lobby", [], {}, { room: 7 }, { room: ["lobby"] }, { room: "lobby", auth: 7 }, { room: "lobby", auth: "x".repeat(257) }, { room: "lobby", channel_data: {} }, { room: "lobby", channel_data: "x".repeat(16_385) }]) {
      expect(((await client.emitWithAck("guard:join", given)) as { error: object }).error, JSON.stringify(given)).to.include({ code: "event_malformed" });
    }
  });

  it("never lets anybody into the room of another socket's id, whatever the pattern", async () => {
    const served = await serveRooms({ "*": { join: signedIn }, "abcdefgh$rest": { join: signedIn } });
    const { client } = await userOf(served);
    const other = await userOf(served, "bob");
    const heardByAlice = heard(client, "secret");
    expect((await join(client, other.socket.id)).error!.code).to.equal("room_unlisted");
    expect((await join(client, "A".repeat(20))).error!.code, "a socket of another node may have it").to.equal("room_unlisted");
    expect((await join(client, "abcdefgh-123456789AB")).room, "its first eight characters are fixed").to.equal("abcdefgh-123456789AB");
    served.io.to(other.socket.id).emit("secret");
    expect(await heardByAlice.settled()).to.deep.equal([]);
  });

  it("admits guests to rooms for anyone, and to no others", async () => {
    const { tokens } = makeTokens();
    const served = await serveRooms(rooms, { authenticate: [tokens, anonymous()] as never });
    const guest = served.connect("/", { auth: {} });
    await event(guest, "guard:session");
    expect(await join(guest, "open")).to.deep.equal({ room: "open" });
    expect((await join(guest, "lobby")).error!.code).to.equal("token_missing");
    expect(guest.connected).to.equal(true);
  });

  it("tells why a check denies, and denies if a check throws", async () => {
    const served = await serveRooms({ full: { join: () => deny("The room is full.", { retryAfter: 5_000 }) }, broken: { join: () => { throw new Error("no database"); } }, odd: { join: () => 1 } });
    const failures: unknown[] = [];
    served.guarded.on("failed", ({ event: name }) => void failures.push(name));
    const { client } = await userOf(served);
    expect((await join(client, "full")).error).to.deep.include({ code: "forbidden", message: "The room is full.", retryAfter: 5_000, room: "full" });
    expect((await join(client, "broken")).error!.code).to.equal("check_failed");
    expect((await join(client, "odd")).error!.code).to.equal("check_failed");
    expect(failures).to.deep.equal(["guard:join broken", "guard:join odd"]);
  });

  it("denies if the other members cannot be shown who joins", async () => {
    const infos: Record<string, () => unknown> = { throws: () => { throw new Error("no database"); }, waits: () => Promise.resolve("Alice"), long: () => "x".repeat(2_049), odd: () => () => 1, nothing: () => undefined };
    const served = await serveRooms({ "a-desk-$which": { join: signedIn, presence: ({ params }: Params) => infos[params["which"]!]!() } });
    served.guarded.on("failed", () => undefined);
    const { client } = await userOf(served);
    for (const which of ["throws", "waits", "long", "odd"]) expect((await join(client, `a-desk-${which}`)).error!.code, which).to.equal("check_failed");
    expect(await join(client, "a-desk-nothing")).to.deep.equal({ room: "a-desk-nothing", members: [{ id: "alice" }] });
  });

  it("tells the audit who has joined, was denied and has left", async () => {
    const served = await serveRooms(rooms);
    const seen: string[] = [];
    served.guarded.on("roomJoined", ({ subject, room }) => void seen.push(`${subject} joined ${room}`));
    served.guarded.on("roomLeft", ({ subject, room, code }) => void seen.push(`${subject} left ${room}: ${code}`));
    served.guarded.on("denied", ({ subject, room, code }) => void seen.push(`${subject} denied ${room}: ${code}`));
    const { client } = await userOf(served);
    await join(client, "lobby");
    await join(client, "private-user-bob");
    await leave(client, "lobby");
    await join(client, "lobby");
    const ended = new Promise((resolve) => served.guarded.on("ended", resolve));
    client.disconnect();
    await ended;
    expect(seen).to.deep.equal(["alice joined lobby", "alice denied private-user-bob: forbidden", "alice left lobby: left", "alice joined lobby", "alice left lobby: disconnected"]);
  });

  it("waits for an asynchronous check, and asks again if the session has changed meanwhile", async () => {
    const asked: string[] = [];
    const first = signal<boolean>();
    const served = await serveRooms({ lobby: { join: async ({ user }: { user: { role?: string } }) => { asked.push(user.role ?? "none"); return asked.length === 1 ? first.promise : user.role === "admin"; } } });
    const { client, socket } = await userOf(served, "alice", { role: "admin" });
    const joining = join(client, "lobby");
    while (asked.length === 0) await new Promise(setImmediate);
    served.guarded.updateRules({ rooms: { lobby: { join: () => deny("The rules have changed.") } } });
    first.settle(true);
    expect((await joining).error!.message).to.equal("The rules have changed.");
    expect([...socket.rooms]).to.deep.equal([socket.id]);
  });

  it("refuses the 1,001st room of a socket", async () => {
    const served = await serveRooms({ "a-room-of-$n": { join: signedIn } });
    const { client } = await userOf(served);
    const all = await Promise.all(Array.from({ length: 1_001 }, (_, n) => join(client, `a-room-of-${n}`)));
    expect(all.filter(({ error }) => error !== undefined).map(({ error }) => error!.code)).to.deep.equal(["room_limit"]);
    expect((await join(client, "a-room-of-0")).room, "it is in this one already").to.equal("a-room-of-0");
    await leave(client, "a-room-of-0");
    expect((await join(client, "a-room-of-1000")).room).to.equal("a-room-of-1000");
  });

  it("disconnects for a denied room if the guard says so for all rules", async () => {
    const served = await serveRooms(rooms, { onDenied: "disconnect" });
    const { client } = await userOf(served);
    const bye = event<{ code: string }>(client, "guard:bye");
    void join(client, "private-user-bob");
    expect((await bye).code).to.equal("forbidden");
  });

  it("ends the session after twenty denied rooms within ten seconds", async () => {
    const { client } = await userOf(await serveRooms(rooms));
    const bye = event<{ code: string }>(client, "guard:bye");
    for (let nth = 0; nth < 20; nth += 1) client.emit("guard:join", { room: `private-user-${nth}` });
    expect((await bye).code).to.equal("rate_limited");
  });

  it("has rules of its own in each namespace, which inherits the guard's", async () => {
    const served = await serveRooms(rooms);
    served.guarded.of("/admin", { rooms: { lobby: { join: role("admin") }, board: { join: signedIn } } });
    served.io.of("/admin");
    const { client } = await userOf(served, "alice", {}, "/admin");
    expect((await join(client, "lobby")).error!.code).to.equal("forbidden");
    expect((await join(client, "board")).room).to.equal("board");
    expect((await join(client, "private-user-alice")).room).to.equal("private-user-alice");
    expect((await join((await userOf(served)).client, "board")).error!.code).to.equal("room_unlisted");
  });

  it("works for raw clients without an ack, and answers their denials with guard:denied", async () => {
    const served = await serveRooms(rooms);
    const { raw, socket } = await served.rawMember();
    raw.send('42["guard:join",{"room":"lobby"}]', '42["guard:join",{"room":"private-user-bob"}]');
    expect(await raw.next((frame) => frame.includes("guard:denied"))).to.include('"room":"private-user-bob"');
    expect([...socket.rooms]).to.include("lobby");
  });
});

describe("guard:join while code of the host listens", () => {
  afterEach(closeEverything);

  const shown = { lobby: { join: signedIn, presence: true } };
  const removals = {
    "removes it from the room": (served: Served, id: string) => void served.io.in(id).socketsLeave("lobby"),
    "disconnects it": (served: Served, id: string) => void served.io.sockets.sockets.get(id)!.disconnect(),
    "evicts its user": (served: Served) => void served.guarded.room("lobby").evict("alice"),
  };
  for (const [what, remove] of Object.entries(removals)) {
    it(`lets nobody in, and shows nobody, if a listener of "join-room" ${what}`, async () => {
      const served = await serveRooms(shown);
      served.io.of("/").adapter.on("join-room", (room: string, id: string) => { if (room === "lobby") remove(served, id); });
      const { client, socket } = await userOf(served);
      const answered = await Promise.race([join(client, "lobby"), event(client, "disconnect")]);
      if (typeof answered === "object") expect((answered as Answer).error).to.include({ code: "evicted", room: "lobby" });
      expect(socket.rooms.has("lobby")).to.equal(false);
      expect(served.guarded.room("lobby").members()).to.deep.equal([]);
    });
  }

  it("answers whom a listener of roomJoined removes with a denial, and not with the members", async () => {
    const served = await serveRooms({ ...shown, slow: { join: () => Promise.resolve(true), presence: true } });
    served.guarded.on("roomJoined", ({ id, room, subject }) => { if (subject === "alice") served.io.in(id).socketsLeave(room); });
    const [alice, bob] = [await userOf(served, "alice"), await userOf(served, "bob")];
    for (const room of ["lobby", "slow"]) {
      expect((await join(bob.client, room)).members).to.have.lengthOf(1);
      const gone = left(alice.client);
      const answer = await join(alice.client, room);
      expect(answer.members).to.equal(undefined);
      expect(answer.error).to.include({ code: "evicted", room });
      expect(await gone).to.include({ code: "evicted", room });
    }
  });

  it("counts a socket that is gone once, also if a listener of roomLeft removes it again", async () => {
    const served = await serveRooms(shown);
    const left: string[] = [];
    served.guarded.on("roomLeft", ({ code }) => {
      left.push(code);
      served.guarded.updateRules({ rooms: {} });
    });
    const { client, socket } = await userOf(served);
    await join(client, "lobby");
    const gone = event(socket, "disconnect");
    client.disconnect();
    await gone;
    expect(left).to.deep.equal(["disconnected"]);
  });
});

describe("guard:leave", () => {
  afterEach(closeEverything);

  it("takes the client out of the room; a room that it is not in is answered alike", async () => {
    const served = await serveRooms(rooms);
    const { client, socket } = await userOf(served);
    await join(client, "lobby");
    expect(await leave(client, "lobby")).to.deep.equal({ room: "lobby" });
    expect(await leave(client, "lobby")).to.deep.equal({ room: "lobby" });
    expect([...socket.rooms]).to.deep.equal([socket.id]);
    expect((await publish(client, "lobby", "typing")).error!.code).to.equal("not_a_member");
  });

  it("does not take it out of a room that the server has let it join", async () => {
    const served = await serveRooms(rooms);
    const { client, socket } = await userOf(served);
    await socket.join("backstage");
    await leave(client, "backstage");
    await leave(client, socket.id);
    expect([...socket.rooms]).to.deep.equal([socket.id, "backstage"]);
  });

  it("is told to the client if code of the host did it", async () => {
    const served = await serveRooms(rooms);
    const { client, socket } = await userOf(served);
    await join(client, "lobby");
    const gone = left(client);
    await socket.leave("lobby");
    expect(await gone).to.include({ code: "evicted", room: "lobby" });
    expect((await publish(client, "lobby", "typing")).error!.code).to.equal("not_a_member");
  });
});
