// Revocations in a store that all nodes share.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { Adapter } from "socket.io-adapter";
import { jwt, signer, type Denial, type GuardAuditEvents, type Revocation, type SessionNotice } from "../../../lib/index.js";
import { closeEverything, event, nextTurn, serve, signal, type Served } from "../../support/server.js";
import { StoreInMemory } from "../../support/revocations.js";
import { codeOf, tries } from "./revoking.js";

const hour = 3_600_000;
const signs = signer({ key: "chat", secret: "a secret of the tests, twenty bytes and more" });
const down = () => { throw new Error("The store is down."); };

describe("revocations in a store", () => {
  afterEach(closeEverything);

  it("end the sessions of this node, then become durable, then notify other nodes", async () => {
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

  it("are kept as long as anything that they revoke can be valid: the longest maxLifetime or signinLifetime, plus the time for recovery", async () => {
    const keys = "a secret of the tests that is thirty-two bytes and more";
    const day = 24 * hour;
    const own = { name: "own", authenticate: () => undefined };
    const lives: [Parameters<typeof serve>[0], Parameters<Served["guarded"]["of"]>[1] | undefined, number][] = [
      [{}, undefined, 90 * day],
      [{ authenticate: jwt({ keys, maxLifetime: "1h" }) as never }, undefined, hour],
      [{ authenticate: jwt({ keys, maxLifetime: "1h" }) as never }, { authenticate: jwt({ keys, maxLifetime: "2d" }) as never }, 2 * day],
      [{ authenticate: own as never }, undefined, 90 * day],
      [{ authenticate: jwt({ keys, maxLifetime: "1h" }) as never, signer: signs, signinLifetime: "2h" }, undefined, 2 * hour],
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

  it("send no notification through the in-memory adapter, and report an adapter that rejects", async () => {
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
    const failed = signal<GuardAuditEvents["failed"]>();
    guarded.on("failed", failed.settle);
    await guarded.revoke({ subject: "alice" });
    expect(await failed.promise).to.deep.include({ source: "adapter" }).and.have.nested.property("error.message", "Redis is down.");
  });

  it("reach other nodes, and nodes that start later", async () => {
    const store = new StoreInMemory();
    const [one, other] = [await serve({ store: { revocations: store }, maxStaleness: 400 }), await serve({ store: { revocations: store }, maxStaleness: 400 })];
    const held = one.token();
    const there = await other.member("/", { auth: { token: held } });
    const bye = event<Denial>(there.client, "guard:bye");
    await one.guarded.revoke({ subject: "alice" });
    expect((await bye).code).to.equal("token_revoked");
    const late = await serve({ store: { revocations: store } });
    expect(await tries(late, held)).to.equal("token_revoked");
  });

  it("end the sessions of this node although the store does not take them, and are published later", async () => {
    const store = new StoreInMemory();
    const { guarded, member } = await serve({ store: { revocations: store }, maxStaleness: 400 });
    const failures: unknown[] = [];
    guarded.on("failed", (fact) => failures.push(fact.source));
    const { client } = await member();
    const bye = event<Denial>(client, "guard:bye");
    store.before = down;
    expect(await codeOf(guarded.revoke({ subject: "alice" }))).to.equal("store_unavailable");
    expect((await bye).code).to.equal("token_revoked");
    expect(failures).to.include("store");
    await new Promise<void>((resolve) => { store.before = (use) => { if (use === "append") setImmediate(resolve); }; });
    expect(store.appended.flat().map(({ kind, value }) => [kind, value])).to.deep.equal([["subject", "alice"]]);
  });

  it("of sign-in sessions reach a node that was cut off from the store for longer than the maxLifetime of tokens", async () => {
    const store = new StoreInMemory();
    const keys = "a secret of the tests that is thirty-two bytes and more";
    const tokens = jwt({ keys, maxLifetime: "15m" });
    let isCutOff = false;
    const cutOff = { append: store.append.bind(store), since: (version: never) => (isCutOff ? down() : store.since(version)) };
    const setting = { authenticate: tokens as never, signer: signs, signinLifetime: "24h", maxStaleness: 400 } as const;
    const here = await serve({ ...setting, store: { revocations: store } });
    const there = await serve({ ...setting, store: { revocations: cutOff } });
    const client = there.connect("/", { auth: { token: tokens.issue({ sub: "alice" }, { expiresIn: "10m" }) } });
    const { signingId } = await event<SessionNotice>(client, "guard:session");
    await client.emitWithAck("guard:signin", signs.authenticateUser(signingId!, { id: "alice" }));
    isCutOff = true;
    await here.guarded.revoke({ subject: "alice" });
    const { now } = Date;
    try {
      Date.now = () => now() + hour;
      const bye = event<Denial>(client, "guard:bye");
      isCutOff = false;
      expect((await bye).code).to.equal("token_revoked");
    } finally {
      Date.now = now;
    }
  });

  it("delay the first handshakes after a start until they have been read", async () => {
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

  it("are written back to a store that has lost them", async () => {
    const store = new StoreInMemory();
    const { guarded } = await serve({ store: { revocations: store }, maxStaleness: 400 });
    await guarded.revoke({ subject: "alice" });
    await guarded.revoke({ tokenId: "one" });
    store.empty();
    await new Promise<void>((resolve) => { store.before = (use) => { if (use === "append") setImmediate(resolve); }; });
    expect((await store.since(undefined)).records.map(({ value }) => value)).to.have.members(["alice", "one"]);
  });
});
