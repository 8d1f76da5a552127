// When a guard client joins its rooms again, and when it does not.
import { expect } from "chai";
import { denial, type DenialCode } from "../../../lib/protocol.js";
import { closeEverything, event, nextTurn, signal } from "../../support/server.js";
import { becomes, denied, heard, openRooms, statuses } from "./room-server.js";
import { emitted } from "./support.js";

describe("a room", () => {
  afterEach(closeEverything);

  it("is joined again after each reconnect", async () => {
    const { join, server } = await openRooms();
    const room = await join();
    const seen = statuses(room);
    for (const count of [2, 3]) {
      server.wire.breakTransports();
      await server.seen("guard:join", count);
      await becomes(room, "joined");
    }
    expect(seen).to.deep.equal(["joining", "joined", "joining", "joined"]);
  });

  it("is not joined again if the page leaves it as another room begins to be joined again", async () => {
    const { join, server } = await openRooms();
    const [lobby, attic, cellar] = [await join("lobby"), await join("attic"), await join("cellar")];
    lobby.subscribe(() => { if (lobby.status === "joining") void attic.leave(); });
    server.renew("bob");
    await becomes(lobby, "joining");
    await becomes(cellar, "joined");
    await becomes(lobby, "joined");
    expect(server.sent("guard:join").slice(3).map(({ room }) => room)).to.deep.equal(["lobby", "cellar"]);
    expect(attic.status).to.equal("left");
  });

  it("receives nothing between the reconnect and the answer", async () => {
    const { join, server, socket } = await openRooms();
    const room = await join();
    const seen: unknown[] = [];
    room.on("news", (data) => seen.push(data));
    const answered = signal<object>();
    server.answer = () => answered.promise;
    server.wire.breakTransports();
    await server.seen("guard:join", 2);
    server.send("guard:room", { room: "lobby", event: "news", data: "not a member" });
    await event(socket, "guard:room");
    answered.settle({ room: "lobby" });
    await becomes(room, "joined");
    server.send("guard:room", { room: "lobby", event: "news", data: "a member" });
    await heard(room, "news");
    expect(seen).to.deep.equal(["a member"]);
  });

  it("is not joined again when its session is renewed", async () => {
    const { client, join, server } = await openRooms();
    const room = await join();
    const seen = statuses(room);
    for (let count = 0; count < 3; count += 1) {
      server.renew();
      await emitted(client, "session");
    }
    await (await join("other")).leave();
    expect(server.sent("guard:join").map(({ room }) => room)).to.deep.equal(["lobby", "other"]);
    expect(seen).to.deep.equal([]);
  });

  for (const [what, subject] of [["another user", "bob"], ["a guest", null], ["the same user with another signingId", "alice"]] as const) {
    it(`is joined again, with another authorization, when the session becomes that of ${what}`, async () => {
      const { join, server } = await openRooms();
      const asked: string[] = [];
      const room = await join("lobby", { authorize: ({ room, signingId }) => { asked.push(`${room} ${signingId}`); return { auth: `auth ${asked.length}` }; } });
      server.renew(subject);
      await server.seen("guard:join", 2);
      await becomes(room, "joined");
      expect(server.sent("guard:join").map(({ auth }) => auth)).to.deep.equal(["auth 1", "auth 2"]);
      expect(new Set(asked).size).to.equal(2);
    });
  }

  it("goes on receiving while it is joined again on the same connection, because the server has kept the membership", async () => {
    const { join, server } = await openRooms();
    const room = await join();
    server.answer = () => undefined;
    server.renew("bob");
    await server.seen("guard:join", 2);
    expect(room.status).to.equal("joining");
    server.send("guard:room", { room: "lobby", event: "news", data: 1 });
    expect(await heard(room, "news")).to.equal(1);
  });

  it("uses the authorization of the newest session, if there is another one while it asks for it", async () => {
    const { join, server } = await openRooms();
    const first = signal<{ auth: string }>();
    let asked = 0;
    await join("lobby", { authorize: () => ({ auth: "first session" }) });
    await join("lobby", { authorize: () => ((asked += 1) === 1 ? first.promise : { auth: "third session" }) });
    server.renew("bob");
    while (asked === 0) await nextTurn();
    server.renew("carol");
    await server.seen("guard:join", 2);
    first.settle({ auth: "second session" });
    await nextTurn();
    expect(server.sent("guard:join").map(({ auth }) => auth)).to.deep.equal(["first session", "third session"]);
  });

  for (const code of ["forbidden", "evicted", "room_unlisted"] satisfies DenialCode[]) {
    it(`that the server took away with ${code} is left, and not joined again`, async () => {
      const { join, server, socket } = await openRooms();
      const room = await join();
      const seen = statuses(room);
      const received: unknown[] = [];
      room.on("news", (data) => received.push(data));
      server.remove("lobby", code);
      await becomes(room, "left");
      expect(room.denial).to.deep.equal(denial(code, { room: "lobby" }));
      expect(room.error).to.include({ name: "DenialError", code });
      server.send("guard:room", { room: "lobby", event: "news" });
      await event(socket, "guard:room");
      server.renew("bob");
      await event(socket, "guard:session");
      const connected = event(socket, "guard:session");
      server.wire.breakTransports();
      await connected;
      await (await join("other")).leave();
      expect(server.sent("guard:join").map(({ room }) => room)).to.deep.equal(["lobby", "other"]);
      expect([seen, received, room.status]).to.deep.equal([["left"], [], "left"]);
    });
  }

  it("that was left can be joined again by the page: the old one stays left", async () => {
    const { join, server } = await openRooms();
    const old = await join();
    server.remove("lobby", "evicted");
    await becomes(old, "left");
    expect((await join()).status).to.equal("joined");
    expect(old.status).to.equal("left");
    await old.leave();
    expect(server.sent("guard:leave")).to.deep.equal([]);
  });

  it("stays joining if its session ended, and is joined again with the next session", async () => {
    const { client, join, server, time } = await openRooms();
    const room = await join();
    const ended = emitted(client, "ended");
    server.remove("lobby", "session_ended");
    server.wire.end(denial("token_expired"));
    await becomes(room, "joining");
    await ended;
    time.advance(30_000);
    await becomes(room, "joined");
    expect(server.sent("guard:join")).to.have.lengthOf(2);
  });

  for (const order of ["before", "after"] as const) {
    it(`is joined again if it is taken away because the session belongs to another user, ${order} the notice of the new session`, async () => {
      const { join, server, socket } = await openRooms();
      const room = await join();
      if (order === "before") server.remove("lobby", "session_ended");
      server.renew("bob");
      if (order === "after") server.remove("lobby", "session_ended");
      await event(socket, "guard:left");
      await becomes(room, "joined");
      expect(server.sent("guard:join")).to.have.lengthOf(2);
    });
  }

  it("is not given up because its session ends while it is joined again", async () => {
    const { join, server, time } = await openRooms();
    const room = await join();
    server.answer = () => denied("token_expired");
    server.renew("bob");
    await server.seen("guard:join", 2);
    server.answer = (_, { room }) => ({ room });
    server.wire.end(denial("token_expired"));
    while (server.wire.connects.length < 2) { await nextTurn(); time.advance(100); }
    await becomes(room, "joined");
    expect(server.sent("guard:join")).to.have.lengthOf(3);
  });

  it("stays joining while the session has ended for good, and is joined again after a login", async () => {
    const { client, join, server } = await openRooms();
    const room = await join();
    const ended = emitted(client, "ended");
    server.wire.end(denial("token_revoked"));
    await ended;
    expect([client.state.status, room.status]).to.deep.equal(["disconnected", "joining"]);
    await client.login();
    await becomes(room, "joined");
  });

  for (const code of ["signature_expired", "signature_invalid"] satisfies DenialCode[]) {
    it(`that the server took away with ${code} is joined again with another authorization`, async () => {
      const { join, server } = await openRooms();
      let asked = 0;
      const room = await join("lobby", { authorize: () => ({ auth: `auth ${(asked += 1)}` }) });
      const seen = statuses(room);
      server.remove("lobby", code);
      await server.seen("guard:join", 2);
      await becomes(room, "joined");
      expect(server.sent("guard:join").map(({ auth }) => auth)).to.deep.equal(["auth 1", "auth 2"]);
      expect(seen).to.deep.equal(["joining", "joined"]);
    });

    it(`is left if the other authorization is denied with ${code}, too`, async () => {
      const { join, server } = await openRooms();
      const room = await join("lobby", { authorize: () => ({ auth: "auth" }) });
      server.answer = () => denied(code);
      server.remove("lobby", code);
      await becomes(room, "left");
      expect(room.denial).to.include({ code });
      expect(server.sent("guard:join")).to.have.lengthOf(2);
    });
  }

  it("is joined again ever more slowly if each authorization expires at once", async () => {
    const { join, server, time } = await openRooms();
    let asked = 0;
    const room = await join("lobby", { authorize: () => ({ auth: `auth ${(asked += 1)}` }) });
    for (const [index, wait] of [0, 1_000, 2_000, 4_000].entries()) {
      server.remove("lobby", "signature_expired");
      await becomes(room, "joining");
      if (wait > 0) {
        time.advance(wait - 1);
        await nextTurn();
        expect(asked).to.equal(index + 1);
        time.advance(1);
      }
      await server.seen("guard:join", index + 2);
      await becomes(room, "joined");
    }
    time.advance(10_000);
    server.remove("lobby", "signature_expired");
    await server.seen("guard:join", 6);
  });

  it("is joined again if the session changes while the server removes it because of its signature", async () => {
    const { join, server, socket } = await openRooms();
    const room = await join("lobby", { authorize: () => ({ auth: "auth" }) });
    const answered = signal<object>();
    server.answer = () => answered.promise;
    server.renew("bob");
    await server.seen("guard:join", 2);
    server.remove("lobby", "signature_invalid");
    await event(socket, "guard:left");
    expect(room.status).to.equal("joining");
    answered.settle({ room: "lobby" });
    await becomes(room, "joined");
    expect(server.sent("guard:join")).to.have.lengthOf(2);
  });

  it("is left if the server evicts the client while it joins again, and the server is told so", async () => {
    const { join, server } = await openRooms();
    const room = await join();
    const answered = signal<object>();
    server.answer = (name, { room }) => (name === "guard:join" ? answered.promise : { room });
    server.renew("bob");
    await server.seen("guard:join", 2);
    server.remove("lobby", "evicted");
    await becomes(room, "left");
    answered.settle({ room: "lobby" });
    await server.seen("guard:leave", 1);
    expect(room.denial).to.include({ code: "evicted" });
  });

  for (const code of ["forbidden", "token_missing"] satisfies DenialCode[]) {
    it(`is left if it is denied with ${code} when it is joined again`, async () => {
      const { join, server } = await openRooms();
      const room = await join();
      server.answer = () => denied(code);
      server.wire.breakTransports();
      await becomes(room, "left");
      expect(room.denial).to.include({ code });
      expect(room.error).to.include({ name: "DenialError" });
    });
  }

  for (const [code, retryAfter] of [["check_timeout", undefined], ["unavailable", 5_000], ["rate_limited", 300], ["room_limit", undefined]] as const) {
    it(`tries again later if joining again is denied with ${code}`, async () => {
      const { join, server, time } = await openRooms();
      const room = await join();
      const errors: Error[] = [];
      room.onError((error) => errors.push(error));
      server.answer = () => denied(code, retryAfter);
      server.wire.breakTransports();
      await server.seen("guard:join", 2);
      while (errors.length === 0) await nextTurn();
      expect(errors[0]).to.include({ code });
      server.answer = (_, { room }) => ({ room });
      time.advance((retryAfter ?? 0) + 499);
      await nextTurn();
      expect(server.sent("guard:join")).to.have.lengthOf(2);
      time.advance(1);
      await becomes(room, "joined");
      expect([server.sent("guard:join").length, errors.length]).to.deep.equal([3, 1]);
    });
  }

  it("tries again if the server does not answer", async () => {
    const { join, server, time } = await openRooms({ ackTimeout: 2_000 });
    const room = await join();
    const failed = new Promise((resolve) => room.onError(resolve));
    server.answer = () => undefined;
    server.wire.breakTransports();
    expect(await failed).to.include({ message: "operation has timed out" });
    server.answer = (_, { room }) => ({ room });
    time.advance(1_000);
    await becomes(room, "joined");
  });

  it("does not try again after it was left, or after another session has begun", async () => {
    const { join, server, time } = await openRooms();
    const [room, other] = await Promise.all([join(), join("other")]);
    const failed = Promise.all([room, other].map((each) => new Promise((resolve) => each.onError(resolve))));
    server.answer = () => denied("unavailable");
    server.wire.breakTransports();
    await failed;
    server.answer = (_, { room }) => ({ room });
    void room.leave();
    server.renew("bob");
    await becomes(other, "joined");
    time.advance(60_000);
    await nextTurn();
    expect(server.sent("guard:join").map(({ room }) => room)).to.deep.equal(["lobby", "other", "lobby", "other", "other"]);
  });
});
