// guard:refresh: a new credential for a connection that stays open.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, anyone, role, signedIn, type CheckContext, type Denial, type RefreshAnswer, type SessionNotice } from "../../../lib/index.js";
import { closeEverything, event, nextTurn, refusal, serve, signal, someEvents, type Client, type Setting } from "../../support/server.js";

const withGuests = (setting: Setting = {}): Promise<Awaited<ReturnType<typeof serve>>> => {
  const late: { tokens?: object } = {};
  const first = { name: "jwt", secrets: ["token"], authenticate: (handshake: never) => (late.tokens as { authenticate(given: never): unknown }).authenticate(handshake), clock: () => (late.tokens as { clock(): number }).clock() };
  return serve({ ...setting, authenticate: [first, anonymous()] as never }).then((served) => {
    late.tokens = served.tokens;
    return served;
  });
};

const refresh = (client: Client, auth: unknown): Promise<RefreshAnswer> => client.emitWithAck("guard:refresh", auth) as Promise<RefreshAnswer>;
const codeOf = (answer: RefreshAnswer): string | undefined => ("error" in answer ? answer.error.code : undefined);
const hour = 3_600_000;

describe("guard:refresh", () => {
  afterEach(closeEverything);

  it("moves the end of a session, replaces its claims, and is told to client and host", async () => {
    const { guarded, member, tokens, clock } = await serve({ events: { ...someEvents, ban: role("admin") } });
    const { client, socket } = await member();
    const facts: unknown[] = [];
    guarded.on("refreshed", (fact) => facts.push(fact));
    const notice = event<SessionNotice>(client, "guard:session");
    const answer = await refresh(client, { token: tokens.issue({ sub: "alice", role: "admin" } as never, { expiresIn: "2h" }) }) as SessionNotice;
    expect(answer).to.have.all.keys("expiresIn", "expiresAt");
    expect(answer.expiresIn).to.be.within(2 * hour - 10_000, 2 * hour);
    expect((await notice).expiresAt).to.equal(answer.expiresAt);
    expect(guarded.session(socket)).to.deep.include({ subject: "alice", expiresAt: answer.expiresAt });
    expect(guarded.session(socket)!.claims["role"]).to.equal("admin");
    expect((socket.data as { user: unknown }).user).to.deep.include({ role: "admin" });
    expect(facts).to.deep.equal([{ id: socket.id, subject: "alice", method: "jwt", namespace: "/", address: "127.0.0.1", before: "alice" }]);
    clock.ahead = hour + 60_000;
    socket.on("message", (ack: (answer: string) => void) => ack("still here"));
    expect(await client.emitWithAck("message")).to.equal("still here");
    clock.ahead = 2 * hour;
    expect(await event<Denial>(client, "guard:bye")).to.deep.include({ code: "token_expired" });
  });

  it("is seen by the event right behind it, and not by the one before it", async () => {
    const { member, token } = await serve({ events: { ban: role("admin") } });
    const { client, socket } = await member();
    socket.on("ban", (ack: (answer: string) => void) => ack("banned"));
    const answers = await Promise.all([
      client.emitWithAck("ban"),
      refresh(client, { token: token({ role: "admin" }) }),
      client.emitWithAck("ban"),
      refresh(client, { token: token({ role: "member" }) }),
      client.emitWithAck("ban"),
    ]) as [{ error: Denial }, unknown, string, unknown, { error: Denial }];
    expect([answers[0].error.code, answers[2], answers[4].error.code]).to.deep.equal(["forbidden", "banned", "forbidden"]);
  });

  it("takes the new token out of nothing that handlers or other nodes see: it is nowhere", async () => {
    const { member, token } = await serve();
    const { client, socket } = await member();
    const held = token();
    await refresh(client, { token: held });
    expect(JSON.stringify([socket.handshake, socket.data])).to.not.contain(held.split(".")[2]);
  });

  it("with another user's token ends the connection, all of it, for good", async () => {
    const { io, rawMember, token } = await serve();
    io.of("/admin");
    const { raw } = await rawMember();
    await raw.connect("/admin", { token: token() });
    raw.send(`421${JSON.stringify(["guard:refresh", { token: token({ sub: "bob" }) }])}`);
    await raw.closed;
    const frames = raw.frames.map(String);
    expect(frames.find((frame) => frame.startsWith("431"))).to.contain("subject_changed");
    const byes = frames.filter((frame) => frame.includes("guard:bye"));
    expect(byes).to.have.lengthOf(2);
    for (const bye of byes) expect(bye).to.match(/"code":"subject_changed".*"reconnect":"never"/);
  });

  it("renews every session of the connection that has the same subject, and no other", async () => {
    const { io, guarded, rawMember, token, tokens } = await serve();
    const { raw, socket } = await rawMember();
    for (const [name, sub] of [["/same", "alice"], ["/other", "bob"]] as const) {
      io.of(name);
      await raw.connect(name, { token: token({ sub }) });
    }
    const ends = () => [socket, ...[...io.of("/same").sockets.values()], ...io.of("/other").sockets.values()].map((one) => Math.round((guarded.session(one)!.expiresAt - Date.now()) / hour));
    expect(ends()).to.deep.equal([1, 1, 1]);
    raw.send(`421${JSON.stringify(["guard:refresh", { token: tokens.issue({ sub: "alice" } as never, { expiresIn: "3h" }) }])}`);
    await raw.next((frame) => frame.startsWith("431"));
    expect(ends()).to.deep.equal([3, 3, 1]);
    expect(raw.frames.map(String).filter((frame) => frame.includes("guard:session") && frame.startsWith("42/same,"))).to.have.lengthOf(2);
    expect(raw.frames.map(String).filter((frame) => frame.includes("guard:session") && frame.startsWith("42/other,"))).to.have.lengthOf(1);
  });

  it("with a token that does not hold is answered so, and leaves the session as it is", async () => {
    const { guarded, member, token, clock } = await serve();
    const { client, socket } = await member();
    const before = guarded.session(socket)!.expiresAt;
    const expired = token();
    clock.ahead = -2 * hour;
    const early = token();
    clock.ahead = 0;
    expect(codeOf(await refresh(client, { token: early }))).to.equal("token_expired");
    for (const [auth, code] of [[{ token: `${expired.slice(0, -4)}AAAA` }, "token_invalid"], [{ token: "no token" }, "token_malformed"], [{}, "token_missing"]] as const) {
      expect(codeOf(await refresh(client, auth)), code).to.equal(code);
    }
    for (const auth of [undefined, null, "text", 1]) expect(codeOf(await refresh(client, auth))).to.equal("event_malformed");
    expect([guarded.session(socket)!.expiresAt, client.connected]).to.deep.equal([before, true]);
  });

  it("that is refused counts as a denial: who tries twenty in a row is sent away", async () => {
    const { member } = await serve();
    const { client } = await member();
    const bye = event<Denial>(client, "guard:bye");
    for (let nth = 0; nth < 20; nth += 1) client.emit("guard:refresh", { token: "no token" });
    expect((await bye).code).to.equal("rate_limited");
  });

  it("comes too late once the session has expired", async () => {
    const { member, token, clock } = await serve();
    const { client } = await member();
    const bye = event<Denial>(client, "guard:bye");
    clock.ahead = hour;
    expect(codeOf(await refresh(client, { token: token() }))).to.equal("token_expired");
    expect(await bye).to.deep.include({ code: "token_expired" });
  });

  it("makes a guest a user, whoever it is, and a user a guest again, without another connection", async () => {
    const { guarded, member, token } = await withGuests({ events: { hello: anyone, message: signedIn } });
    const { client, socket } = await member("/", { auth: {} });
    socket.on("message", (ack: (sub: unknown) => void) => ack((socket.data as { user: { sub: string } }).user.sub));
    const who = () => [guarded.session(socket)?.subject, (socket.data as { user?: { sub: string } }).user?.sub];
    expect(who()).to.deep.equal([undefined, undefined]);
    for (const sub of ["alice", "bob"]) {
      await refresh(client, { token: token({ sub }) });
      expect(await client.emitWithAck("message")).to.equal(sub);
      expect(who()).to.deep.equal([sub, sub]);
      expect(await refresh(client, {})).to.deep.equal({ expiresIn: null, expiresAt: null });
      expect(who()).to.deep.equal([undefined, undefined]);
    }
    expect(await refresh(client, {})).to.deep.equal({ expiresIn: null, expiresAt: null });
    expect(client.connected).to.equal(true);
  });

  it("makes nobody a guest whose other namespace has no guests: all sessions of a user sign out, or none", async () => {
    const { io, guarded, rawMember, tokens, token } = await withGuests();
    guarded.of("/admin", { authenticate: tokens });
    io.of("/admin");
    const { raw, socket } = await rawMember();
    await raw.connect("/admin", { token: token() });
    raw.send('421["guard:refresh",{}]');
    expect(await raw.next((frame) => frame.startsWith("431"))).to.contain("token_missing");
    expect(guarded.session(socket)!.subject).to.equal("alice");
  });

  it("leaves a guest what it is where a namespace lets in nobody else, and makes it a user in all others", async () => {
    const { io, guarded, raw, token } = await withGuests();
    guarded.of("/lobby", { authenticate: anonymous() });
    io.of("/lobby");
    io.of("/other");
    const client = await raw();
    for (const name of ["/", "/lobby", "/other"]) await client.connect(name, {});
    client.send(`421${JSON.stringify(["guard:refresh", { token: token() }])}`);
    expect(await client.next((frame) => frame.startsWith("431"))).to.match(/^431\[\{"expiresIn":\d/);
    const subjects = ["/", "/lobby", "/other"].map((name) => guarded.session([...io.of(name).sockets.values()][0]!)!.subject);
    expect(subjects).to.deep.equal(["alice", undefined, "alice"]);
  });

  it("of two namespaces, to two users at once, signs one of them in: the other one ends the connection", async () => {
    const waiting: { sub: string; go: () => void }[] = [];
    const both = signal();
    const slow = async (claims: { sub: string }) => {
      await new Promise<void>((go) => { if (waiting.push({ sub: claims.sub, go }) === 2) both.settle(); });
      return { sub: claims.sub };
    };
    const { io, raw, guarded, token } = await withGuests({ findUser: slow });
    io.of("/other");
    const client = await raw();
    await client.connect("/", {});
    await client.connect("/other", {});
    client.send(`421${JSON.stringify(["guard:refresh", { token: token({ sub: "alice" }) }])}`);
    client.send(`42/other,2${JSON.stringify(["guard:refresh", { token: token({ sub: "bob" }) }])}`);
    await both.promise;
    const refreshed = signal<string | undefined>();
    guarded.on("refreshed", ({ subject }) => refreshed.settle(subject));
    waiting.find(({ sub }) => sub === "bob")!.go();
    expect(await refreshed.promise).to.equal("bob");
    waiting.find(({ sub }) => sub === "alice")!.go();
    await client.closed;
    expect(client.frames.map(String).filter((frame) => frame.includes("guard:bye"))[0]).to.contain("subject_changed");
  });

  it("is refused for a user that does not exist, and holds nothing for it", async () => {
    let asked = 0;
    const { guarded, member, token } = await serve({ findUser: (claims: { role?: unknown; sub: string }) => { asked += 1; return claims.role === "ghost" ? null : { sub: claims.sub }; } });
    const { client, socket } = await member();
    expect(codeOf(await refresh(client, { token: token({ role: "ghost" }) }))).to.equal("user_unknown");
    expect(asked).to.equal(2);
    await guarded.userChanged("alice");
    expect(asked).to.equal(3);
    expect((socket.data as { user: unknown }).user).to.deep.equal({ sub: "alice" });
  });

  it("that is awaited while the session ends renews nothing", async () => {
    const asked = signal<() => void>();
    let questions = 0;
    const findUser = async (claims: { sub: string }) => {
      questions += 1;
      if (questions === 2) await new Promise<void>((go) => asked.settle(go));
      return { sub: claims.sub };
    };
    const { guarded, rawMember, token } = await serve({ findUser });
    const { raw } = await rawMember();
    let refreshed = 0;
    guarded.on("refreshed", () => { refreshed += 1; });
    raw.send(`421${JSON.stringify(["guard:refresh", { token: token({ role: "admin" }) }])}`);
    const go = await asked.promise;
    await guarded.revoke({ subject: "alice" });
    go();
    await raw.closed;
    expect(raw.frames.map(String).find((frame) => frame.startsWith("431"))).to.contain("token_revoked");
    await guarded.userChanged("alice");
    expect([refreshed, questions, guarded.stats().sessions]).to.deep.equal([0, 2, 0]);
  });

  it("while a check is awaited has the check asked again, for the user as it is now", async () => {
    const users: unknown[] = [];
    const first = signal<(answer: boolean) => void>();
    const check = ({ user }: CheckContext<Record<string, unknown>>) => {
      users.push(user["role"]);
      return users.length === 1 ? new Promise<boolean>((resolve) => first.settle(resolve)) : user["role"] === "admin";
    };
    const { io, guarded, rawMember, token } = await serve({ events: { ban: check as never } });
    io.of("/other");
    const { raw, socket } = await rawMember("/", { token: token({ role: "admin" }) });
    await raw.connect("/other", { token: token({ role: "admin" }) });
    let ran = 0;
    socket.on("ban", () => { ran += 1; });
    raw.send('421["ban"]');
    const answer = await first.promise;
    const refreshed = new Promise<void>((resolve) => guarded.on("refreshed", () => resolve()));
    raw.send(`42/other,${JSON.stringify(["guard:refresh", { token: token({ role: "member" }) }])}`);
    await refreshed;
    answer(true);
    expect(await raw.next((frame) => frame.startsWith("431"))).to.contain("forbidden");
    expect([users, ran]).to.deep.equal([["admin", "member"], 0]);
  });

  it("keeps what was sent behind it waiting, in order", async () => {
    const { member, token } = await serve({ findUser: async ({ sub }: { sub: string }) => { await Promise.resolve(); return { sub }; } });
    const { client, socket } = await member();
    const seen: number[] = [];
    const last = signal();
    (socket).on("message", (nth: number) => { if (seen.push(nth) === 20) last.settle(); });
    for (let nth = 0; nth < 20; nth += 1) {
      client.emit("message", nth);
      if (nth % 5 === 0) client.emit("guard:refresh", { token: token({ nth }) });
    }
    await last.promise;
    expect(seen).to.deep.equal(Array.from({ length: 20 }, (_, nth) => nth));
  });

  it("is a login for a guest: an address that guesses by it waits, and who is signed in does not", async () => {
    const served = await withGuests();
    const { client: alice } = await served.member();
    const { client } = await served.member("/", { auth: {} });
    const codes: unknown[] = [];
    for (let guess = 0; guess < 11; guess += 1) codes.push(codeOf(await refresh(client, { token: `no token ${guess}` })));
    expect(codes.slice(9)).to.deep.equal(["token_malformed", "rate_limited"]);
    expect((await refusal(served.connect("/", { auth: {} }))).data!.code).to.equal("rate_limited");
    expect(await refresh(alice, { token: served.token() })).to.have.property("expiresIn");
  });

  it("to a guest leaves behind what was the user's: the rooms, and what handlers kept", async () => {
    const served = await withGuests();
    const { client, socket } = await served.member();
    const facts: { subject: string | undefined; before: string | undefined }[] = [];
    served.guarded.on("refreshed", ({ subject, before }) => facts.push({ subject, before }));
    await socket.join("alice's room");
    (socket.data as { cart?: string }).cart = "alice's";
    await refresh(client, {});
    await refresh(client, { token: served.token({ sub: "bob" }) });
    expect([...socket.rooms]).to.deep.equal([socket.id]);
    expect(socket.data).to.have.all.keys("user");
    expect(facts).to.deep.equal([{ subject: undefined, before: "alice" }, { subject: "bob", before: undefined }]);
  });

  it("does not outrun a revocation, in whatever microtask that comes", async () => {
    let seen: (() => void) | undefined;
    const slow = {
      name: "slow",
      async authenticate({ auth }: { auth: { sub?: string } }) {
        if (auth.sub === undefined) return undefined;
        await nextTurn();
        seen?.();
        return { method: "slow", subject: auth.sub, claims: { sub: auth.sub }, notBefore: -Infinity, endsAt: Infinity, issuedAt: Date.now() - 10 };
      },
    };
    const served = await serve({ authenticate: [slow, anonymous()] as never });
    for (let offset = 0; offset < 30; offset += 1) {
      const subject = `user ${offset}`;
      const { client, socket } = await served.member("/", { auth: {} });
      const revoked = signal();
      seen = () => void (async () => {
        for (let passed = 0; passed < offset; passed += 1) await Promise.resolve();
        await served.guarded.revoke({ subject });
        revoked.settle();
      })();
      client.emit("guard:refresh" as never, { sub: subject });
      await revoked.promise;
      await nextTurn();
      const { signal: ended } = served.guarded.session(socket)!;
      expect(served.guarded.session(socket)!.subject === undefined || ended.aborted || !socket.connected, `offset ${offset}`).to.equal(true);
      client.disconnect();
      // A revoked login is a failed one, and a success clears those.
      await served.member("/", { auth: { sub: `somebody else ${offset}` } });
    }
  });

  it("by claims that cannot be copied is refused as a handshake is, and changes nothing", async () => {
    const odd = { name: "odd", authenticate: ({ auth }: { auth: { odd?: true } }) => auth.odd && { method: "odd", subject: "alice", claims: { sub: "alice", say: () => "hello" }, notBefore: -Infinity, endsAt: Infinity } };
    const served = await serve({ authenticate: [odd, anonymous()] as never });
    const { client, socket } = await served.member("/", { auth: {} });
    expect(codeOf(await refresh(client, { odd: true }))).to.equal("unavailable");
    expect(served.guarded.session(socket)!.subject).to.equal(undefined);
  });
});
