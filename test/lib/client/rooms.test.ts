// Rooms of a guard client: joining, sharing and leaving them, and what arrives.
import { expect } from "chai";
import type { GuardRoom } from "../../../lib/client/index.js";
import { denial } from "../../../lib/protocol.js";
import { closeEverything, event, nextTurn, signal } from "../../support/server.js";
import { becomes, denied, failure, heard, inOnePiece, openRooms, RoomServer, statuses } from "./room-server.js";
import { emitted, openGuardClient, wireServer } from "./support.js";

describe("client.join", () => {
  afterEach(closeEverything);

  it("waits for the connection, and resolves with a room that was joined", async () => {
    const { client, join, server } = await openRooms();
    expect(client.state.status).to.equal("connecting");
    const room = await join();
    expect(room).to.include({ name: "lobby", status: "joined", denial: null, error: null });
    expect(room.members).to.deep.equal([]);
    expect(server.sent("guard:join")).to.deep.equal([{ room: "lobby" }]);
  });

  it("waits for a socket that has not been told to connect", async () => {
    const { socket, join } = await openRooms({ socket: { autoConnect: false } });
    const joining = join();
    socket.connect();
    expect((await joining).status).to.equal("joined");
  });

  it("rejects with the DenialError of the server", async () => {
    const { join, server } = await openRooms();
    server.answer = () => denied("room_unlisted");
    expect(await failure(join())).to.include({ name: "DenialError", code: "room_unlisted" });
    server.answer = (_, { room }) => ({ room });
    expect((await join()).status).to.equal("joined");
  });

  it("rejects with any denial, also with one that may pass: only rooms that were joined are tried again", async () => {
    const { join, server, time } = await openRooms();
    server.answer = () => denied("check_timeout", 10);
    expect(await failure(join())).to.include({ code: "check_timeout" });
    time.advance(60_000);
    await nextTurn();
    expect(server.sent("guard:join")).to.have.lengthOf(1);
  });

  for (const [what, given] of Object.entries({ "no members": { members: null }, "a number of members": { members: 5 }, "members without an id": { members: [null, {}, { id: 7 }] }, "no error": { error: null } })) {
    it(`survives an answer with ${what}`, async () => {
      const { join, server } = await openRooms();
      server.answer = (_, { room }) => ({ room, ...given });
      const { status, members } = await join();
      expect({ status, members }).to.deep.equal({ status: "joined", members: [] });
    });
  }

  it("survives notices of any form", async () => {
    const { join, server } = await openRooms();
    const room = await join();
    for (const name of ["guard:room", "guard:published", "guard:presence", "guard:left"] as const) server.send(name, null as never);
    for (const presence of [{ joined: 5 }, { joined: [null, {}], left: "x" }, { members: null }]) server.send("guard:presence", { room: "lobby", ...presence });
    server.send("guard:presence", { room: "lobby", joined: [{ id: "bob" }] });
    server.send("guard:room", { room: "lobby", event: "news" });
    await heard(room, "news");
    expect(room.members).to.deep.equal([{ id: "bob" }]);
  });

  it("rejects if there is no answer within ackTimeout, and tells the server that it does not want to be in the room", async () => {
    const { join, server } = await openRooms({ ackTimeout: 20 });
    server.answer = (name, { room }) => (name === "guard:join" ? undefined : { room });
    expect(await failure(join())).to.include({ message: "operation has timed out" });
    expect(await server.seen("guard:leave", 1)).to.deep.equal([{ room: "lobby" }]);
  });

  it("rejects if the server refuses the connection for good, at once after that, and if the page disconnects the socket", async () => {
    const server = new RoomServer(await wireServer(() => denial("user_unknown")));
    const { client, socket } = openGuardClient(server.wire);
    expect(await failure(client.join("lobby"))).to.include({ code: "user_unknown" });
    expect(await failure(client.join("lobby"))).to.include({ code: "user_unknown" });
    server.wire.judge = () => null;
    socket.connect();
    await emitted(client, "session");
    server.answer = () => undefined;
    const joining = failure(client.join("lobby"));
    await server.seen("guard:join", 1);
    socket.disconnect();
    expect(await joining).to.include({ message: "The socket is disconnected." });
  });

  it("joins after the connection was lost while it waited for the answer", async () => {
    const { join, server } = await openRooms();
    server.answer = () => undefined;
    const joining = join();
    await server.seen("guard:join", 1);
    server.answer = (_, { room }) => ({ room });
    server.wire.breakTransports();
    expect((await joining).status).to.equal("joined");
    expect(server.sent("guard:join")).to.have.lengthOf(2);
  });

  it("asks the server once for all who join a room at the same time or later", async () => {
    const { join, server } = await openRooms();
    const rooms = await Promise.all([join(), join(), join("other")]);
    rooms.push(await join());
    expect(rooms.map(({ name, status }) => [name, status])).to.deep.equal(["lobby", "lobby", "other", "lobby"].map((name) => [name, "joined"]));
    expect(new Set(rooms).size).to.equal(4);
    expect(server.sent("guard:join")).to.have.deep.members([{ room: "lobby" }, { room: "other" }]);
  });

  it("rejects all of them if it is denied", async () => {
    const { join, server } = await openRooms();
    server.answer = () => denied("forbidden");
    const errors = await Promise.all([failure(join()), failure(join())]);
    expect(errors.map(({ code }) => code)).to.deep.equal(["forbidden", "forbidden"]);
    expect(server.sent("guard:join")).to.have.lengthOf(1);
  });

  it("rejects after client.close(), and when the client is closed in the meantime", async () => {
    const { client, join, server } = await openRooms();
    server.answer = () => undefined;
    const joining = failure(join());
    await server.seen("guard:join", 1);
    client.close();
    expect(await joining).to.include({ message: "The guard client was closed." });
    expect(await failure(join())).to.include({ message: "The guard client was closed." });
  });
});

describe("room.leave", () => {
  afterEach(closeEverything);

  it("tells the server once the last who has joined leaves, and resolves with its answer", async () => {
    const { join, server } = await openRooms();
    const [one, other] = await Promise.all([join(), join()]);
    await one.leave();
    expect([one.status, other.status, server.sent("guard:leave").length]).to.deep.equal(["left", "joined", 0]);
    await one.leave();
    await other.leave();
    expect(server.sent("guard:leave")).to.deep.equal([{ room: "lobby" }]);
    expect(other).to.include({ status: "left", denial: null, error: null });
  });

  it("stops everything that arrives for those who have left, and for nobody else", async () => {
    const { join, server } = await openRooms();
    const [one, other] = await Promise.all([join(), join()]);
    const seen: unknown[] = [];
    const listen = (room: GuardRoom, name: string): void => {
      room.on("news", (data) => seen.push([name, data]));
      room.onPublished("typing", (data) => seen.push([name, data]));
      room.subscribe(() => seen.push([name, room.status]));
    };
    listen(one, "one");
    listen(other, "other");
    void one.leave();
    listen(one, "late");
    const last = heard(other, "news");
    server.send("guard:presence", { room: "lobby", joined: [{ id: "bob" }] });
    server.send("guard:published", { room: "lobby", event: "typing", data: 1, from: "bob" });
    server.send("guard:room", { room: "lobby", event: "news", data: 2 });
    await last;
    expect(seen).to.deep.equal([["one", "left"], ["other", "joined"], ["other", 1], ["other", 2]]);
  });

  it("also stops what the server sends before it has read that", async () => {
    const { join, server } = await openRooms();
    const room = await join();
    const seen: unknown[] = [];
    room.on("news", (data) => seen.push(data));
    server.answer = (name, { room }) => {
      if (name === "guard:leave") for (const data of [1, 2]) server.send("guard:room", { room, event: "news", data });
      return { room };
    };
    await room.leave();
    const again = await join();
    again.on("news", (data) => seen.push(data));
    server.send("guard:room", { room: "lobby", event: "news", data: 3 });
    await heard(again, "news");
    expect(seen).to.deep.equal([3]);
  });

  it("never rejects, and sends nothing without a connection", async () => {
    const { join, server, socket } = await openRooms();
    const [one, other] = await Promise.all([join(), join("other")]);
    server.answer = (name, { room }) => (name === "guard:leave" ? denied("not_a_member") : { room });
    await one.leave();
    socket.disconnect();
    await other.leave();
    const connected = event(socket, "connect");
    socket.connect();
    await connected;
    await (await join()).leave();
    expect(server.sent("guard:leave")).to.deep.equal([{ room: "lobby" }, { room: "lobby" }]);
  });

  it("does not stop the listeners that are called after the one that leaves, but those of the same room", async () => {
    const { join, server } = await openRooms();
    const [one, other] = await Promise.all([join(), join()]);
    const seen: string[] = [];
    one.on("news", () => { seen.push("first"); void one.leave(); });
    one.on("news", () => seen.push("second"));
    other.on("news", () => seen.push("other"));
    server.send("guard:room", { room: "lobby", event: "news" });
    await heard(other, "news");
    expect(seen).to.deep.equal(["first", "other"]);
  });
});

describe("client.close", () => {
  afterEach(closeEverything);

  it("ends all rooms: they are left, nothing arrives any more, and the server is told nothing", async () => {
    const { client, join, server, socket } = await openRooms();
    const room = await join();
    const seen = statuses(room);
    room.on("news", (data) => seen.push(String(data)));
    client.close();
    expect(room).to.include({ status: "left", denial: null, error: null });
    server.send("guard:room", { room: "lobby", event: "news", data: "late" });
    await event(socket, "guard:room");
    expect(seen).to.deep.equal(["left"]);
    expect(server.sent("guard:leave")).to.deep.equal([]);
    await room.leave();
    expect(["guard:room", "guard:published", "guard:presence", "guard:left"].flatMap((name) => socket.listeners(name))).to.deep.equal([]);
  });
});

describe("a room", () => {
  afterEach(closeEverything);

  it("tells events of the server from those of members, who cannot pose as the server", async () => {
    const { join, server } = await openRooms();
    const room = await join();
    const seen: unknown[] = [];
    room.on("news", (data) => seen.push(["server", data]));
    room.onPublished("news", (data, from) => seen.push([from, data]));
    room.onPublished("typing", (data, from) => seen.push([from, data]));
    server.send("guard:published", { room: "lobby", event: "news", data: 1, from: "bob" });
    server.send("guard:published", { room: "lobby", event: "typing", from: null });
    server.send("guard:room", { room: "lobby", event: "other", data: 2 });
    server.send("guard:room", { room: "other", event: "news", data: 3 });
    server.send("guard:room", { room: "lobby", event: "news", data: 4 });
    await heard(room, "news");
    expect(seen).to.deep.equal([["bob", 1], [null, undefined], ["server", 4]]);
  });

  it("removes a listener when its function is called", async () => {
    const { join, server } = await openRooms();
    const room = await join();
    const seen: unknown[] = [];
    const stops = [room.on("news", () => seen.push("on")), room.onPublished("news", () => seen.push("onPublished")), room.subscribe(() => seen.push("subscribe"))];
    for (const stop of stops) stop();
    server.send("guard:published", { room: "lobby", event: "news", from: null });
    server.send("guard:presence", { room: "lobby", joined: [{ id: "bob" }] });
    server.send("guard:room", { room: "lobby", event: "news" });
    await heard(room, "news");
    expect(seen).to.deep.equal([]);
  });

  it("misses nothing that arrives together with the answer to the join", async () => {
    const { join, server } = await openRooms();
    server.answer = (_, { room }, socket) => {
      inOnePiece(socket);
      queueMicrotask(() => {
        for (const data of [1, 2]) server.send("guard:room", { room, event: "news", data });
        server.send("guard:presence", { room, joined: [{ id: "bob" }] });
        server.send("guard:published", { room, event: "typing", data: 3, from: "bob" });
      });
      return { room, members: [{ id: "alice" }] };
    };
    const room = await join();
    const seen: unknown[] = [];
    room.on("news", (data) => seen.push(data));
    const published = new Promise<void>((resolve) => void room.onPublished("typing", (data) => { seen.push(data); resolve(); }));
    await published;
    expect(seen).to.deep.equal([1, 2, 3]);
    expect(room.members).to.deep.equal([{ id: "alice" }, { id: "bob" }]);
  });

  it("is told that it was removed, also right after the answer to the join", async () => {
    const { join, server } = await openRooms();
    server.answer = (_, { room }, socket) => {
      inOnePiece(socket);
      queueMicrotask(() => server.remove(room, "evicted"));
      return { room };
    };
    const room = await join();
    await becomes(room, "left");
    expect(room.denial).to.include({ code: "evicted" });
  });
});

describe("room.emit", () => {
  afterEach(closeEverything);

  it("publishes an event, and resolves when the server has accepted it", async () => {
    const { join, server } = await openRooms();
    const room = await join();
    await room.emit("typing", { by: "alice" });
    await room.emit("stopped");
    expect(server.sent("guard:publish")).to.deep.equal([{ room: "lobby", event: "typing", data: { by: "alice" } }, { room: "lobby", event: "stopped" }]);
  });

  it("rejects with the DenialError of the server", async () => {
    const { join, server } = await openRooms();
    const room = await join();
    server.answer = () => denied("rate_limited", 300);
    const error = await failure(room.emit("typing"));
    expect(error).to.include({ name: "DenialError", code: "rate_limited" });
    expect(error["denial"]).to.include({ retryAfter: 300 });
  });

  it("waits while the client joins again, so that the server does not deny it", async () => {
    const { join, server } = await openRooms();
    const room = await join();
    const answered = signal<object>();
    server.answer = (name, { room }) => (name === "guard:join" ? answered.promise : { room });
    server.wire.breakTransports();
    await becomes(room, "joining");
    const published = room.emit("typing");
    await server.seen("guard:join", 2);
    expect(server.sent("guard:publish")).to.deep.equal([]);
    answered.settle({ room: "lobby" });
    await published;
    expect(server.sent("guard:publish")).to.have.lengthOf(1);
  });

  it("rejects if that takes longer than ackTimeout", async () => {
    const { join, server, socket, time } = await openRooms();
    const room = await join();
    socket.disconnect();
    await becomes(room, "joining");
    const failed = failure(room.emit("typing"));
    time.advance(10_000);
    expect(await failed).to.include({ message: "The room was not joined again in time." });
    expect(server.sent("guard:publish")).to.deep.equal([]);
  });

  it("rejects in a room that the page has left, or from which the server has removed the client", async () => {
    const { join, server } = await openRooms();
    const [one, other] = await Promise.all([join(), join()]);
    void one.leave();
    expect(await failure(one.emit("typing"))).to.include({ message: "The room was left." });
    server.remove("lobby", "forbidden");
    await becomes(other, "left");
    expect(await failure(other.emit("typing"))).to.include({ name: "DenialError", code: "forbidden" });
    expect(server.sent("guard:publish")).to.deep.equal([]);
  });
});

describe("room.members", () => {
  afterEach(closeEverything);

  it("are those of the answer to the join, and are kept current by notices that may repeat what is known", async () => {
    const { join, server, socket } = await openRooms();
    server.answer = (_, { room }) => ({ room, members: [{ id: "alice" }] });
    const room = await join();
    expect(room.members).to.deep.equal([{ id: "alice" }]);
    let changes = 0;
    room.subscribe(() => { changes += 1; });
    const expectations: [object, object[], number][] = [
      [{ joined: [{ id: "bob", info: { name: "Bob" } }] }, [{ id: "alice" }, { id: "bob", info: { name: "Bob" } }], 1],
      [{ joined: [{ id: "bob", info: { name: "Bob" } }], left: ["carol"] }, [{ id: "alice" }, { id: "bob", info: { name: "Bob" } }], 1],
      [{ joined: [{ id: "bob", info: { name: "Robert" } }] }, [{ id: "alice" }, { id: "bob", info: { name: "Robert" } }], 2],
      [{ left: ["alice"], joined: [{ id: "carol" }] }, [{ id: "bob", info: { name: "Robert" } }, { id: "carol" }], 3],
      [{ members: [{ id: "carol" }, { id: "bob", info: { name: "Robert" } }] }, [{ id: "bob", info: { name: "Robert" } }, { id: "carol" }], 3],
      [{ members: [{ id: "carol" }] }, [{ id: "carol" }], 4],
      [{ members: [] }, [], 5],
    ];
    for (const [notice, members, changed] of expectations) {
      const before = room.members;
      const arrived = event(socket, "guard:presence");
      server.send("guard:presence", { room: "lobby", ...notice });
      await arrived;
      expect(room.members, JSON.stringify(notice)).to.deep.equal(members);
      expect(changes, JSON.stringify(notice)).to.equal(changed);
      expect(room.members === before, JSON.stringify(notice)).to.equal(changed === (expectations[expectations.findIndex(([other]) => other === notice) - 1]?.[2] ?? 0));
    }
  });

  it("stay while the client joins again, and are replaced by its answer; after the room was left there are none", async () => {
    const { join, server } = await openRooms();
    server.answer = (_, { room }) => ({ room, members: [{ id: "alice" }, { id: "bob" }] });
    const room = await join();
    server.answer = (_, { room }) => ({ room, members: [{ id: "alice" }] });
    server.wire.breakTransports();
    await becomes(room, "joining");
    expect(room.members).to.have.lengthOf(2);
    await becomes(room, "joined");
    expect(room.members).to.deep.equal([{ id: "alice" }]);
    server.remove("lobby", "forbidden");
    await becomes(room, "left");
    expect(room.members).to.deep.equal([]);
  });
});
