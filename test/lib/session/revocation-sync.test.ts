// What a node reads, reports and publishes, and what it does when its store has lost records.
import { expect } from "chai";
import type { RevocationStore } from "../../../lib/session/revocation.js";
import { signal } from "../../support/server.js";
import { hour, record } from "../../support/revocations.js";
import { down, minute, realNow, Node } from "./revocation-sync-support.js";

describe("the synchronization of a node's revocations with its store", () => {
  let node: Node;
  let restore: () => void;
  beforeEach(() => { node = new Node(); });
  afterEach(() => node.stop());

  it("reads everything page by page, and is fresh from the request for the last page", async () => {
    await node.store.append(Array.from({ length: 2_500 }, (_, index) => record(String(index))));
    const asked = Date.now();
    const sync = node.start();
    expect(node.isFresh).to.equal(false);
    await sync.ready();
    expect([...node.known]).to.have.length(2_500);
    expect(node.freshness.staleAt).to.be.within(asked + minute - 5, Date.now() + minute);
    expect(node.heard).to.equal(3);
  });

  it("reads the records of other nodes, and reports only those that are new", async () => {
    const sync = node.start();
    await sync.ready();
    const mine = record("mine");
    node.known.add(mine, Date.now());
    await sync.publish([mine]);
    await sync.read();
    expect(node.heard).to.equal(0);
    await node.store.append([record("theirs")]);
    await sync.read();
    expect(node.heard).to.equal(1);
    expect(node.values()).to.deep.equal(["mine", "theirs"]);
  });

  it("reads at least twice in maxStaleness without being asked", async () => {
    const sync = node.start(2_000);
    await sync.ready();
    await node.store.append([record("theirs")]);
    const asked = performance.now();
    await node.until(() => [...node.known].length === 1);
    expect(performance.now() - asked).to.be.below(2_000);
    expect(node.isFresh).to.equal(true);
  });

  it("reads once more when asked during a read, which may have come too early", async () => {
    const sync = node.start();
    await sync.ready();
    const [begun, release] = [signal(), signal()];
    const since = node.store.since.bind(node.store);
    let isFirst = true;
    node.store.since = async (version) => {
      const page = await since(version);
      if (isFirst) {
        isFirst = false;
        begun.settle();
        await release.promise;
      }
      return page;
    };
    const first = sync.read();
    await begun.promise;
    await node.store.append([record("late")]);
    const [second, third] = [sync.read(), sync.read()];
    release.settle();
    await first;
    expect([...node.known]).to.have.length(0);
    await Promise.all([second, third]);
    expect([...node.known]).to.have.length(1);
  });

  it("rejects a publish that the store does not take, and publishes the record as soon as the store does", async () => {
    const sync = node.start(400);
    await sync.ready();
    node.store.before = (use) => (use === "append" ? down() : undefined);
    const error = await sync.publish([record("mine")]).then(() => undefined, (reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).with.property("message", "The store is down.");
    await node.until(() => node.errors.length > 1);
    node.store.before = () => undefined;
    await node.until(() => node.store.size === 1);
    expect(node.store.appended.flat().map(({ value }) => value)).to.deep.equal(["mine"]);
    await sync.read();
    await sync.read();
    expect(node.store.appended).to.have.length(1);
  });

  it("reads on, and stays fresh, while the store takes no records", async () => {
    const sync = node.start(200);
    await sync.ready();
    await node.store.append([record("theirs")]);
    node.store.before = (use) => (use === "append" ? down() : undefined);
    await sync.publish([record("mine")]).catch(() => undefined);
    const staleAt = node.freshness.staleAt;
    await node.until(() => [...node.known].length === 1 && node.freshness.staleAt > staleAt);
    expect(node.isFresh).to.equal(true);
    expect(node.errors).not.to.deep.equal([]);
  });

  it("does not publish records that have expired meanwhile", async () => {
    const sync = node.start();
    await sync.ready();
    node.store.before = down;
    await sync.publish([record("lasting"), record("short")]).catch(() => undefined);
    node.store.before = () => undefined;
    Date.now = () => realNow() + 2 * hour;
    await sync.publish([record("new")]);
    await sync.read();
    expect(await node.stored()).to.deep.equal(["new"]);
  });

  for (const [how, lose] of [["was emptied", () => node.store.empty()], ["was restored from an older copy", () => restore()]] as const) {
    it(`gives the store back the records that it lost when it ${how}`, async () => {
      restore = node.store.copy();
      const sync = node.start();
      await sync.ready();
      const mine = record("mine");
      node.known.add(mine, Date.now());
      await sync.publish([mine]);
      await node.store.append([record("theirs")]);
      await sync.read();
      lose();
      await node.store.append([record("new")]);
      await sync.read();
      expect(node.values()).to.have.members(["mine", "theirs", "new"]);
      expect(await node.stored()).to.have.members(["mine", "theirs", "new"]);
      expect(node.errors).to.deep.equal([]);
    });
  }

  it("gives lost records back although the store takes none at first", async () => {
    await node.store.append([record("one"), record("two")]);
    const sync = node.start(400);
    await sync.ready();
    node.store.empty();
    node.store.before = (use) => (use === "append" ? down() : undefined);
    await sync.read();
    expect(node.errors).to.have.length(1);
    // The store may have lost more than this node knows: the node is stale until the store is whole again.
    expect(node.isFresh).to.equal(false);
    node.store.before = () => undefined;
    await node.until(() => node.store.size === 2 && node.isFresh);
    expect(await node.stored()).to.have.members(["one", "two"]);
  });

  it("gives up a read when the store has a new epoch each time", async () => {
    let uses = 0;
    const fickle: RevocationStore = {
      append: async () => undefined,
      since: async () => ({ records: [record("one")], version: { epoch: String(uses += 1), number: 1 } }),
    };
    const sync = node.start(minute, fickle);
    await sync.ready();
    expect(node.errors.map(({ message }) => message)).to.deep.equal(["The store of revocations went backwards twice while it was read."]);
    expect(node.isFresh).to.equal(false);
  });

  it("reports when the store has taken records that it did not take at first", async () => {
    const sync = node.start(40);
    await sync.ready();
    node.store.before = down;
    await sync.publish([record("one")]).catch(() => undefined);
    expect(node.published).to.equal(0);
    node.store.before = () => undefined;
    await node.until(() => node.published > 0);
    expect(await node.stored()).to.deep.equal(["one"]);
    await sync.publish([record("two")]);
    expect(node.published).to.equal(1);
  });

  it("does not read any more when it was stopped", async () => {
    const sync = node.start(40);
    await sync.ready();
    sync.stop();
    let uses = 0;
    node.store.before = () => { uses += 1; };
    await sync.read();
    // Another node with the same interval reads several times meanwhile.
    const other = new Node();
    let reads = 0;
    other.store.before = () => { reads += 1; };
    other.start(40);
    await other.until(() => reads > 4);
    other.stop();
    expect(uses).to.equal(0);
  });
});
