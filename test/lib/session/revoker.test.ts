// guarded.revoke and guarded.revokeAll: what is covered ends here at once, elsewhere when it is heard of, and never comes back.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import jsonwebtoken from "jsonwebtoken";
import { Adapter } from "socket.io-adapter";
import { anonymous, anyone, GuardError, jwt, memoryStore, type Denial, type GuardFacts, type Revocation } from "../../../lib/index.js";
import { closeEverything, event, firstSecret, nextTurn, refusal, serve, signal, type Served } from "../../support/server.js";
import { StoreInMemory } from "../../support/revocations.js";

const hour = 3_600_000;
const up = () => undefined;
const down = () => { throw new Error("The store is down."); };

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => undefined, (thrown: unknown) => thrown);
  expect(error).to.be.instanceOf(GuardError);
  return (error as GuardError).code;
}

/** Who is let in with this token: nobody, or its subject. */
async function tries({ connect }: Served, token: string): Promise<string> {
  const client = connect("/", { auth: { token } });
  return Promise.race([refusal(client).then(({ data }) => data!.code).catch(() => "in"), event(client, "guard:session").then(() => "in")]);
}

describe("guarded.revoke", () => {
  afterEach(closeEverything);

  it("by subject ends every session of it in the same tick, and lets none of its tokens in again", async () => {
    const served = await serve();
    const { guarded, member, token, tokens, clock } = served;
    const old = token();
    const others = await member("/", { auth: { token: token({ sub: "bob" }) } });
    const mine = [await member(), await member()];
    const byes = mine.map(({ client }) => event<Denial>(client, "guard:bye"));
    void guarded.revoke({ subject: "alice" });
    expect(mine.map(({ socket }) => guarded.session(socket)!.signal.aborted)).to.deep.equal([true, true]);
    for (const bye of await Promise.all(byes)) expect(bye).to.deep.include({ code: "token_revoked", status: 401, reconnect: "never" });
    expect(guarded.session(others.socket)!.signal.aborted).to.equal(false);
    expect(await tries(served, old)).to.equal("token_revoked");
    clock.ahead = 5;
    expect(await tries(served, tokens.issue({ sub: "alice" } as never, { expiresIn: "1h" }))).to.equal("in");
  });

  it("silences what it ends in the same tick: no broadcast, emit or answer that comes after the call is heard", async () => {
    const { io, guarded, rawMember } = await serve();
    const asked = signal<(answer: string) => void>();
    const all = await Promise.all(Array.from({ length: 20 }, () => rawMember()));
    const [{ raw, socket }] = all as [typeof all[0]];
    socket.on("message", asked.settle);
    raw.send('421["message"]');
    const answer = await asked.promise;
    void guarded.revoke({ subject: "alice" });
    io.emit("news");
    socket.emit("news");
    guarded.toUser("alice").emit("news");
    answer("news");
    await Promise.all(all.map(({ raw: { closed } }) => closed));
    for (const { raw: { frames } } of all) {
      expect(frames.map(String).filter((frame) => frame.includes("news"))).to.deep.equal([]);
      expect(frames.map(String).filter((frame) => frame.includes("token_revoked"))).to.not.deep.equal([]);
    }
  });

  it("by subject counts iat up to and including issuedBefore, a Date or milliseconds", async () => {
    const served = await serve();
    const at = (instant: number) => {
      served.clock.ahead = instant - Date.now();
      const made = served.token();
      served.clock.ahead = 0;
      return made;
    };
    const now = Date.now();
    const [before, after] = [at(now - 60_000), at(now - 30_000)];
    const { iat } = await served.tokens.verify(before) as unknown as { iat: number };
    await served.guarded.revoke({ subject: "alice", issuedBefore: Math.round(iat * 1000) });
    expect([await tries(served, before), await tries(served, after)]).to.deep.equal(["token_revoked", "in"]);
    await served.guarded.revoke({ subject: "alice", issuedBefore: new Date() });
    expect(await tries(served, after)).to.equal("token_revoked");
    // An earlier instant takes nothing back.
    await served.guarded.revoke({ subject: "alice", issuedBefore: 0 });
    expect(await tries(served, after)).to.equal("token_revoked");
  });

  it("by a raw token ends what that one token opened, and no other of the same user", async () => {
    const served = await serve();
    const { guarded, member, token } = served;
    const [stolen, own] = [token(), token()];
    const thief = await member("/", { auth: { token: stolen } });
    const owner = await member("/", { auth: { token: own } });
    const bye = event<Denial>(thief.client, "guard:bye");
    await guarded.revoke({ token: stolen });
    expect((await bye).code).to.equal("token_revoked");
    expect([owner.client.connected, await tries(served, stolen), await tries(served, own)]).to.deep.equal([true, "token_revoked", "in"]);
  });

  it("by a raw token that has no jti reaches every spelling of its signature", async () => {
    const served = await serve();
    const bare = jsonwebtoken.sign({ sub: "alice" }, firstSecret, { expiresIn: "1h" });
    await served.guarded.revoke({ token: bare });
    expect(await tries(served, bare)).to.equal("token_revoked");
  });

  it("by a raw token that expired does nothing, and by one that does not verify says so", async () => {
    const { guarded, token, clock } = await serve();
    clock.ahead = -2 * hour;
    const expired = token();
    clock.ahead = 0;
    await guarded.revoke({ token: expired });
    expect(await codeOf(guarded.revoke({ token: "no token" }))).to.equal("token_malformed");
    expect(await codeOf(guarded.revoke({ token: `${token().slice(0, -4)}AAAA` }))).to.equal("token_invalid");
  });

  it("by a token's id, and by a session's", async () => {
    const served = await serve();
    const { guarded, member, token } = served;
    const held = token({ jti: "the one" });
    const one = await member("/", { auth: { token: held } });
    await guarded.revoke({ tokenId: "the one" });
    await event(one.client, "disconnect");
    expect(await tries(served, held)).to.equal("token_revoked");
    const [first, second] = [await member(), await member()];
    await guarded.revoke({ session: first.socket.id });
    await event(first.client, "disconnect");
    expect(second.client.connected).to.equal(true);
  });

  it("ends who is still in a middleware of the host's", async () => {
    const { io, guarded, connect } = await serve();
    io.use((_socket, next) => void guarded.revoke({ subject: "alice" }).then(() => next()));
    expect((await refusal(connect())).data!.code).to.equal("token_revoked");
  });

  it("refuses what is no revocation", async () => {
    const { guarded } = await serve();
    const wrong = [undefined, null, {}, { subject: "" }, { subject: 1 }, { tokenId: "a", subject: "b" }, { tokenId: "a", issuedBefore: 1 }, { user: "alice" }];
    for (const what of wrong) expect(await codeOf(guarded.revoke(what as never)), JSON.stringify(what)).to.equal("revoke_invalid");
    for (const issuedBefore of [NaN, new Date(NaN), "yesterday"]) expect(await codeOf(guarded.revoke({ subject: "alice", issuedBefore: issuedBefore as never }))).to.equal("revoke_invalid");
  });

  it("of everything ends everybody, and is for all tokens that were issued until then", async () => {
    const served = await serve();
    const { guarded, member, token } = served;
    const old = token({ sub: "carol" });
    const all = [await member(), await member("/", { auth: { token: token({ sub: "bob" }) } })];
    const byes = Promise.all(all.map(({ client }) => event(client, "guard:bye")));
    await guarded.revokeAll();
    await byes;
    expect(await tries(served, old)).to.equal("token_revoked");
    served.clock.ahead = 5;
    expect(await tries(served, token({ sub: "carol" }))).to.equal("in");
  });

  it("of everything until an instant spares what was issued after it", async () => {
    const served = await serve();
    const { guarded, member, token, clock } = served;
    const now = Date.now();
    clock.ahead = -60_000;
    const old = token({ sub: "carol" });
    clock.ahead = 0;
    const { client } = await member();
    await guarded.revokeAll({ issuedBefore: now - 30_000 });
    expect([await tries(served, old), client.connected]).to.deep.equal(["token_revoked", true]);
    const bye = event<Denial>(client, "guard:bye");
    await guarded.revokeAll({ issuedBefore: new Date() });
    expect((await bye).code).to.equal("token_revoked");
  });
});

describe("revocations in memory", () => {
  afterEach(closeEverything);
  const { NODE_ENV } = process.env;
  afterEach(() => {
    if (NODE_ENV === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = NODE_ENV;
  });

  it("warn of what they forget in production, and there alone; with a store there is nothing to warn of", async () => {
    const warnings: unknown[] = [];
    const listen = (warning: Error & { code?: string }) => { if (warning.name === "GuardWarning") warnings.push(warning.code); };
    process.on("warning", listen);
    try {
      await serve();
      process.env["NODE_ENV"] = "production";
      await serve({ store: { revocations: new StoreInMemory() } });
      await nextTurn();
      expect(warnings).to.deep.equal([]);
      await serve();
      await serve({ store: memoryStore() });
      await nextTurn();
      expect(warnings).to.deep.equal(["STORE_IN_MEMORY", "STORE_IN_MEMORY"]);
    } finally {
      process.off("warning", listen);
    }
  });
});

describe("revocations in a store", () => {
  afterEach(closeEverything);

  it("end this node's sessions first, are durable then, and hinted at last", async () => {
    const store = new StoreInMemory();
    const order: string[] = [];
    class Telling extends Adapter {
      override serverSideEmit(packet: unknown[]): void { order.push(`hint ${store.size}: ${String(packet[0])}`); }
    }
    const { guarded, member } = await serve({ store: { revocations: store }, server: { adapter: Telling } });
    const { socket } = await member();
    const session = guarded.session(socket)!;
    store.before = (use) => { if (use === "append") order.push(`append, ended: ${session.signal.aborted}`); };
    const revoked = guarded.revoke({ subject: "alice" });
    expect([session.signal.aborted, order]).to.deep.equal([true, ["append, ended: true"]]);
    await revoked;
    expect(order).to.deep.equal(["append, ended: true", "hint 1: guard:hint"]);
  });

  it("live as long as anything that they revoke can: the longest maxLifetime of any namespace, and what a session may be away", async () => {
    const keys = "a secret of the tests that is thirty-two bytes and more";
    const day = 24 * hour;
    const own = { name: "own", authenticate: () => undefined };
    const lives: [Parameters<typeof serve>[0], Parameters<Served["guarded"]["of"]>[1] | undefined, number][] = [
      [{}, undefined, 90 * day],
      [{ authenticate: jwt({ keys, maxLifetime: "1h" }) as never }, undefined, hour],
      [{ authenticate: jwt({ keys, maxLifetime: "1h" }) as never }, { authenticate: jwt({ keys, maxLifetime: "2d" }) as never }, 2 * day],
      [{ authenticate: own as never }, undefined, 90 * day],
      [{ authenticate: jwt({ keys, maxLifetime: "1h" }) as never, server: { connectionStateRecovery: { maxDisconnectionDuration: day } } }, undefined, day + hour],
    ];
    for (const [setting, ofAdmin, life] of lives) {
      const store = new StoreInMemory();
      const { guarded } = await serve({ ...setting, store: { revocations: store } });
      if (ofAdmin !== undefined) guarded.of("/admin", ofAdmin);
      const now = Date.now();
      await guarded.revoke({ subject: "alice" });
      const [{ expiresAt }] = store.appended.flat() as [Revocation];
      expect(expiresAt - life).to.be.within(now, Date.now());
      const later = now + 10 * day;
      await guarded.revoke({ subject: "alice", issuedBefore: later });
      expect(store.appended.flat().at(-1)!.expiresAt).to.equal(later + life);
    }
  });

  it("are not hinted at through the adapter in memory, which would only warn; an adapter that rejects is told of", async () => {
    const { warn } = console;
    const warnings: unknown[] = [];
    console.warn = (text: unknown) => warnings.push(text);
    try {
      const { guarded } = await serve({ store: { revocations: new StoreInMemory() } });
      await guarded.revoke({ subject: "alice" });
    } finally {
      console.warn = warn;
    }
    expect(warnings).to.deep.equal([]);
    class Failing extends Adapter {
      override serverSideEmit(): void { return Promise.reject(new Error("Redis is down.")) as never; }
    }
    const { guarded } = await serve({ store: { revocations: new StoreInMemory() }, server: { adapter: Failing } });
    const failed = signal<GuardFacts["failed"]>();
    guarded.on("failed", failed.settle);
    await guarded.revoke({ subject: "alice" });
    expect(await failed.promise).to.deep.include({ in: "adapter" }).and.have.nested.property("error.message", "Redis is down.");
  });

  it("reach the other nodes, and those that start later", async () => {
    const store = new StoreInMemory();
    const [one, other] = [await serve({ store: { revocations: store }, staleAfter: 40 }), await serve({ store: { revocations: store }, staleAfter: 40 })];
    const held = one.token();
    const there = await other.member("/", { auth: { token: held } });
    const bye = event<Denial>(there.client, "guard:bye");
    await one.guarded.revoke({ subject: "alice" });
    expect((await bye).code).to.equal("token_revoked");
    const late = await serve({ store: { revocations: store } });
    expect(await tries(late, held)).to.equal("token_revoked");
  });

  it("end this node's sessions also if the store does not take them, which the host hears, and are published later", async () => {
    const store = new StoreInMemory();
    const { guarded, member } = await serve({ store: { revocations: store }, staleAfter: 40 });
    const failures: unknown[] = [];
    guarded.on("failed", (fact) => failures.push(fact.in));
    const { client } = await member();
    const bye = event<Denial>(client, "guard:bye");
    store.before = down;
    expect(await codeOf(guarded.revoke({ subject: "alice" }))).to.equal("store_unavailable");
    expect((await bye).code).to.equal("token_revoked");
    expect(failures).to.include("store");
    await new Promise<void>((resolve) => { store.before = (use) => { if (use === "append") setImmediate(resolve); }; });
    expect(store.appended.flat().map(({ kind, value }) => [kind, value])).to.deep.equal([["subject", "alice"]]);
  });

  it("that cannot be read for longer than staleAfter make protected events unavailable, but end nobody", async () => {
    const store = new StoreInMemory();
    const { member } = await serve({ store: { revocations: store }, staleAfter: 60 });
    const { client, socket } = await member();
    socket.on("message", (ack: (answer: string) => void) => ack("fine"));
    expect(await client.emitWithAck("message")).to.equal("fine");
    store.before = down;
    const answers: unknown[] = [];
    do answers.push(await client.emitWithAck("message")); while (answers.at(-1) === "fine");
    expect((answers.at(-1) as { error: Denial }).error).to.deep.include({ code: "unavailable", reconnect: "later" });
    store.before = up;
    do answers.push(await client.emitWithAck("message")); while (answers.at(-1) !== "fine");
    expect(client.connected).to.equal(true);
  });

  it("that cannot be read keep signed-in clients from hearing, too, until they can; guests hear on", async () => {
    const store = new StoreInMemory();
    const served = await serve({ store: { revocations: store }, staleAfter: 60 });
    served.guarded.of("/guests", { authenticate: anonymous() as never });
    served.io.of("/guests");
    const { client, socket } = await served.member();
    socket.on("message", (ack: () => void) => ack());
    const { client: guest } = await served.member("/guests");
    const heard: number[] = [];
    client.on("news", (nth: number) => heard.push(nth));
    let nth = 0;
    /** Settles when the guest has heard it: then the member would have, too. */
    const say = async () => {
      const told = event(guest, "news");
      nth += 1;
      served.io.emit("news", nth);
      served.io.of("/guests").emit("news", nth);
      await told;
      await client.emitWithAck("message");
    };
    await say();
    expect(heard).to.deep.equal([1]);
    store.before = down;
    do await say(); while (heard.at(-1) === nth);
    const silentFrom = nth;
    await say();
    store.before = up;
    do await say(); while (heard.at(-1) !== nth);
    expect(heard).to.include(1).and.not.include(silentFrom).and.not.include(silentFrom + 1);
    expect(client.connected).to.equal(true);
  });

  it("that cannot be read any more while a handler works deny its answer: a client that waits for one gets one", async () => {
    const store = new StoreInMemory();
    const served = await serve({ store: { revocations: store }, staleAfter: 60 });
    const { client, socket } = await served.member();
    const acks: ((answer: unknown) => void)[] = [];
    socket.on("message", (ack: (answer: unknown) => void) => acks.length < 2 ? acks.push(ack) : ack("fine"));
    const [text, binary] = [client.emitWithAck("message"), client.emitWithAck("message")];
    expect(await client.emitWithAck("message")).to.equal("fine");
    store.before = down;
    while (await client.emitWithAck("message") === "fine") { /* until it is stale */ }
    acks[0]!("a secret");
    acks[1]!(Buffer.from("a secret"));
    for (const answer of [await text, await binary]) expect((answer as { error: Denial }).error).to.deep.include({ code: "unavailable" });
    store.before = up;
  });

  it("that cannot be read let guests in, and nobody else", async () => {
    const store = new StoreInMemory();
    store.before = down;
    const served = await serve({ store: { revocations: store }, staleAfter: 60 });
    served.guarded.of("/guests", { authenticate: anonymous() as never, events: { hello: anyone } });
    served.io.of("/guests");
    expect(await tries(served, served.token())).to.equal("unavailable");
    const { client, socket } = await served.member("/guests");
    socket.on("hello", (ack: (answer: string) => void) => ack("hello"));
    expect(await client.emitWithAck("hello")).to.equal("hello");
  });

  it('that cannot be read change nothing with whenStale: "allow"', async () => {
    const store = new StoreInMemory();
    store.before = down;
    const served = await serve({ store: { revocations: store }, staleAfter: 20, whenStale: "allow" });
    expect(await tries(served, served.token())).to.equal("in");
  });

  it("are waited for by the first handshakes after a start", async () => {
    const store = new StoreInMemory();
    const before = await serve({ store: { revocations: store } });
    const held = before.token();
    await before.guarded.revoke({ subject: "alice" });
    let letRead: () => void = () => undefined;
    const mayRead = new Promise<void>((resolve) => (letRead = resolve));
    const slow = { append: (records: never) => store.append(records), since: async (version: never) => { await mayRead; return store.since(version); } };
    const served = await serve({ store: { revocations: slow } });
    const answer = tries(served, held);
    await nextTurn();
    letRead();
    expect(await answer).to.equal("token_revoked");
  });

  it("that went back are told again what this node knows", async () => {
    const store = new StoreInMemory();
    const { guarded } = await serve({ store: { revocations: store }, staleAfter: 40 });
    await guarded.revoke({ subject: "alice" });
    await guarded.revoke({ tokenId: "one" });
    store.empty();
    await new Promise<void>((resolve) => { store.before = (use) => { if (use === "append") setImmediate(resolve); }; });
    expect((await store.since(undefined)).records.map(({ value }) => value)).to.have.members(["alice", "one"]);
  });
});
