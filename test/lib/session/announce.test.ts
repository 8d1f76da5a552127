// Notices of one node, and what the other nodes of the same store do: each notice is followed once, by every node.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { Revoker } from "../../../lib/session/revoker.js";
import type { RevocationStore } from "../../../lib/session/revocation.js";
import { restoreClock, startClock } from "../../support/clock.js";
import { eventually } from "../../support/eventually.js";
import { record, StoreInMemory } from "../../support/revocations.js";
import { nextTurn, signal } from "../../support/server.js";
import { codeOf } from "./revoking.js";
import { newRegistry } from "./support.js";

const hour = 3_600_000;
const evict = { kind: "evict", namespace: "/", room: "lobby", subject: "alice" } as const;
const user = { kind: "user", subject: "alice" } as const;
const down = () => { throw new Error("The store is down."); };

describe("notices in a store", () => {
  const started: Revoker[] = [];
  afterEach(() => {
    restoreClock();
    for (const revoker of started.splice(0)) revoker.stop();
  });

  /** A node, and what it was told to do, in order. It reads the store only when it is told to, unless `maxStaleness` is short. */
  async function startNode(store: RevocationStore | undefined, maxStaleness = hour, applied?: () => Promise<void>) {
    const done: string[] = [];
    const registry = newRegistry();
    const revoker = new Revoker({
      store, maxStaleness, onStale: "deny", freshness: { staleAt: Infinity }, registry, authenticators: () => [], signinLifetime: hour, recoverableFor: 0,
      onRevoked: () => undefined,
      onEvict: ({ namespace, room, subject }) => done.push(`evict ${subject} from ${room} in ${namespace}`),
      onUsersChanged: async (subjects) => {
        done.push(`changed ${[...subjects].join(", ")}`);
        await applied?.();
      },
      onNoticesMissed: () => done.push("missed"),
      onPublished: () => done.push("hint"),
      onSynchronized: () => undefined,
      onRead: () => undefined,
      onError: () => done.push("error"),
    });
    started.push(revoker);
    await revoker.ready();
    return { revoker, done };
  }

  async function read({ revoker }: { readonly revoker: Revoker }, store: StoreInMemory): Promise<void> {
    const { promise, settle } = signal();
    store.before = (use) => { if (use === "since") setImmediate(settle); };
    revoker.read();
    await promise;
  }

  it("are followed here in the same tick, then become durable, then other nodes are told", async () => {
    const store = new StoreInMemory();
    const { revoker, done } = await startNode(store);
    store.before = (use) => done.push(use);
    const announced = revoker.announce(evict);
    expect(done).to.deep.equal(["evict alice from lobby in /", "append"]);
    await announced;
    expect(done).to.deep.equal(["evict alice from lobby in /", "append", "hint"]);
  });

  it("are followed by other nodes as soon as they read, and each one once", async () => {
    const store = new StoreInMemory();
    const [one, other] = [await startNode(store), await startNode(store)];
    await one.revoker.announce(evict);
    await one.revoker.announce({ ...evict, room: "hall", namespace: "/admin" });
    for (const node of [one, other, one, other]) await read(node, store);
    expect(other.done).to.deep.equal(["evict alice from lobby in /", "evict alice from hall in /admin"]);
    expect(one.done.filter((what) => what !== "hint")).to.deep.equal(other.done);
  });

  it("are followed without a hint, when a node reads the store by itself", async () => {
    const store = new StoreInMemory();
    const [one, other] = [await startNode(store), await startNode(store, 60)];
    await one.revoker.announce(user);
    await eventually(() => other.done.length > 0, "the other node reads the notice");
    expect(other.done).to.deep.equal(["changed alice"]);
  });

  it("are followed again when they are repeated, by whichever node", async () => {
    const store = new StoreInMemory();
    const [one, two, reader] = [await startNode(store), await startNode(store), await startNode(store)];
    for (const writer of [one, one, two, one]) {
      await writer.revoker.announce(evict);
      await read(reader, store);
    }
    expect(reader.done).to.deep.equal(Array.from({ length: 4 }, () => "evict alice from lobby in /"));
  });

  it("of one user are one record for each node that writes them, however many", async () => {
    const store = new StoreInMemory();
    const { revoker } = await startNode(store);
    for (let turn = 0; turn < 50; turn += 1) await revoker.announce(user);
    expect(store.size).to.equal(1);
  });

  it("tell of all users of a page at once", async () => {
    const store = new StoreInMemory();
    const [one, other] = [await startNode(store), await startNode(store)];
    for (const subject of ["alice", "bob", "alice", "carol"]) await one.revoker.announce({ kind: "user", subject });
    await read(other, store);
    expect(other.done).to.deep.equal(["changed bob, alice, carol"]);
  });

  it("settle when this node has applied them and the store has the record", async () => {
    const { promise: findUser, settle: answer } = signal();
    const { promise: append, settle: written } = signal();
    const store = new StoreInMemory();
    const { revoker } = await startNode(store, hour, () => findUser);
    store.before = (use) => use === "append" ? append : undefined;
    let isSettled = false;
    const announced = revoker.announce(user).then(() => { isSettled = true; });
    written();
    await eventually(() => store.size === 1, "the record is stored");
    expect(isSettled).to.equal(false);
    answer();
    await announced;
  });

  it("reject when the store does not take them, applied here all the same, and are written later", async () => {
    const store = new StoreInMemory();
    let isApplied = false;
    const one = await startNode(store, 80, async () => { await nextTurn(); isApplied = true; });
    const other = await startNode(store, 80);
    store.before = (use) => use === "append" && down();
    expect(await codeOf(one.revoker.announce(user))).to.equal("store_unavailable");
    expect([isApplied, one.done[0]]).to.deep.equal([true, "changed alice"]);
    expect(other.done).to.deep.equal([]);
    store.before = () => undefined;
    await eventually(() => other.done.length > 0, "the other node reads the notice");
    expect(other.done).to.deep.equal(["changed alice"]);
  });

  it("need a subject", async () => {
    const { revoker, done } = await startNode(undefined);
    for (const subject of ["", undefined, null, 7]) expect(await codeOf(revoker.announce({ ...evict, subject: subject as never }))).to.equal("option_invalid");
    expect(done).to.deep.equal([]);
  });

  it("are followed on this node alone without a store", async () => {
    const { revoker, done } = await startNode(undefined);
    await revoker.announce(evict);
    await revoker.announce(user);
    expect(done).to.deep.equal(["evict alice from lobby in /", "changed alice"]);
  });

  it("are not followed again when the store is read from the beginning, and are given back to a store that has lost them", async () => {
    const store = new StoreInMemory();
    const [one, other] = [await startNode(store), await startNode(store)];
    await one.revoker.announce(evict);
    await read(other, store);
    store.empty();
    await store.append([record("another")]);
    await read(other, store);
    await eventually(() => store.size === 2, "the notice is stored again");
    await read(one, store);
    expect(other.done.filter((what) => what.startsWith("evict"))).to.have.length(1);
    expect(one.done.filter((what) => what.startsWith("evict"))).to.have.length(1);
    const late = await startNode(store);
    expect(late.done).to.deep.equal(["evict alice from lobby in /"]);
  });

  it("about users that expired before a node could read them make it say so, once; evictions are still followed then", async () => {
    const store = new StoreInMemory();
    const [one, other] = [await startNode(store), await startNode(store)];
    const clock = startClock();
    await one.revoker.announce(user);
    await one.revoker.announce(evict);
    clock.advance(hour + 1);
    await read(other, store);
    await read(other, store);
    expect(other.done).to.deep.equal(["evict alice from lobby in /", "missed"]);
  });

  it("do not keep revocations of the same page from ending sessions, and cannot be made by revoke", async () => {
    const store = new StoreInMemory();
    const [one, other] = [await startNode(store), await startNode(store)];
    await one.revoker.announce(evict);
    await one.revoker.revoke({ session: "socket" });
    await one.revoker.announce(user);
    await read(other, store);
    expect(other.done).to.deep.equal(["evict alice from lobby in /", "changed alice"]);
    expect(other.revoker.isRevoked({ id: "socket", subject: "alice", identity: {} })).to.equal(true);
    expect(await codeOf(one.revoker.revoke({ session: 'guard:notice ["node","user","alice"]' }))).to.equal("revoke_invalid");
  });
});
