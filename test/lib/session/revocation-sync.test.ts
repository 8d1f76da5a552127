// What a follower reads, tells and publishes, and what it does when its store has lost something.
import { expect } from "chai";
import type { RevocationStore } from "../../../lib/session/revocation.js";
import { signal } from "../../support/server.js";
import { hour, record } from "../../support/revocations.js";
import { down, isFresh, long, realNow, Node } from "./following.js";

describe("a node that follows a store of revocations", () => {
  let node: Node;
  let restore: () => void;
  beforeEach(() => { node = new Node(); });
  afterEach(() => node.stop());

  it("knows what the store has, page by page, and counts as fresh from when it asked for the last one", async () => {
    await node.store.append(Array.from({ length: 2_500 }, (_, index) => record(String(index))));
    const asked = Date.now();
    const follower = node.follow();
    expect(isFresh(follower)).to.equal(false);
    await follower.known();
    expect(node.known.size).to.equal(2_500);
    expect(follower.staleAt).to.be.within(asked + long - 5, Date.now() + long);
    expect(node.heard).to.equal(3);
  });

  it("hears of what others appended, and tells of it only if it is news", async () => {
    const follower = node.follow();
    await follower.known();
    const mine = record("mine");
    node.known.add(mine, Date.now());
    await follower.publish([mine]);
    await follower.read();
    expect(node.heard).to.equal(0);
    await node.store.append([record("theirs")]);
    await follower.read();
    expect(node.heard).to.equal(1);
    expect(node.values()).to.deep.equal(["mine", "theirs"]);
  });

  it("reads by itself, at least twice in maxStaleness", async () => {
    const follower = node.follow(200);
    await follower.known();
    await node.store.append([record("theirs")]);
    const asked = performance.now();
    await node.until(() => node.known.size === 1);
    expect(performance.now() - asked).to.be.below(200);
    expect(isFresh(follower)).to.equal(true);
  });

  it("reads once more for who asks during a reading, which may have been too early", async () => {
    const follower = node.follow();
    await follower.known();
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
    const first = follower.read();
    await begun.promise;
    await node.store.append([record("late")]);
    const [second, third] = [follower.read(), follower.read()];
    release.settle();
    await first;
    expect(node.known.size).to.equal(0);
    await Promise.all([second, third]);
    expect(node.known.size).to.equal(1);
  });

  it("tells who publishes that the store did not take it, keeps it, and publishes it as soon as the store does", async () => {
    const follower = node.follow(400);
    await follower.known();
    node.store.before = (use) => (use === "append" ? down() : undefined);
    const error = await follower.publish([record("mine")]).then(() => undefined, (reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).with.property("message", "The store is down.");
    await node.until(() => node.errors.length > 1);
    node.store.before = () => undefined;
    await node.until(() => node.store.size === 1);
    expect(node.store.appended.flat().map(({ value }) => value)).to.deep.equal(["mine"]);
    await follower.read();
    await follower.read();
    expect(node.store.appended).to.have.length(1);
  });

  it("goes on hearing of others, and is fresh, while the store takes nothing", async () => {
    const follower = node.follow(200);
    await follower.known();
    await node.store.append([record("theirs")]);
    node.store.before = (use) => (use === "append" ? down() : undefined);
    await follower.publish([record("mine")]).catch(() => undefined);
    const staleAt = follower.staleAt;
    await node.until(() => node.known.size === 1 && follower.staleAt > staleAt);
    expect(isFresh(follower)).to.equal(true);
    expect(node.errors).not.to.deep.equal([]);
  });

  it("does not publish what expired meanwhile", async () => {
    const follower = node.follow();
    await follower.known();
    node.store.before = down;
    await follower.publish([record("lasting"), record("short")]).catch(() => undefined);
    node.store.before = () => undefined;
    Date.now = () => realNow() + 2 * hour;
    await follower.publish([record("new")]);
    await follower.read();
    expect(await node.stored()).to.deep.equal(["new"]);
  });

  for (const [how, lose] of [["was emptied", () => node.store.empty()], ["was put back to an older state", () => restore()]] as const) {
    it(`gives a store back what it lost when it ${how}`, async () => {
      restore = node.store.copy();
      const follower = node.follow();
      await follower.known();
      const mine = record("mine");
      node.known.add(mine, Date.now());
      await follower.publish([mine]);
      await node.store.append([record("theirs")]);
      await follower.read();
      lose();
      await node.store.append([record("new")]);
      await follower.read();
      expect(node.values()).to.have.members(["mine", "theirs", "new"]);
      expect(await node.stored()).to.have.members(["mine", "theirs", "new"]);
      expect(node.errors).to.deep.equal([]);
    });
  }

  it("gives it back also if the store takes nothing at first", async () => {
    await node.store.append([record("one"), record("two")]);
    const follower = node.follow(400);
    await follower.known();
    node.store.empty();
    node.store.before = (use) => (use === "append" ? down() : undefined);
    await follower.read();
    expect(node.errors).to.have.length(1);
    // Others may have lost what they do not know any more, too: nothing counts until the store is whole.
    expect(isFresh(follower)).to.equal(false);
    node.store.before = () => undefined;
    await node.until(() => node.store.size === 2 && isFresh(follower));
    expect(await node.stored()).to.have.members(["one", "two"]);
  });

  it("does not run in circles with a store that is another one each time", async () => {
    let uses = 0;
    const fickle: RevocationStore = {
      append: async () => undefined,
      since: async () => ({ records: [record("one")], version: { epoch: String(uses += 1), number: 1 } }),
    };
    const follower = node.follow(long, fickle);
    await follower.known();
    expect(node.errors.map(({ message }) => message)).to.deep.equal(["The store of revocations went backwards twice while it was read."]);
    expect(isFresh(follower)).to.equal(false);
  });

  it("says so when the store has taken what it did not take at first", async () => {
    const follower = node.follow(40);
    await follower.known();
    node.store.before = down;
    await follower.publish([record("one")]).catch(() => undefined);
    expect(node.published).to.equal(0);
    node.store.before = () => undefined;
    await node.until(() => node.published > 0);
    expect(await node.stored()).to.deep.equal(["one"]);
    await follower.publish([record("two")]);
    expect(node.published).to.equal(1);
  });

  it("reads and publishes nothing by itself when it was stopped", async () => {
    const follower = node.follow(40);
    await follower.known();
    follower.stop();
    let uses = 0;
    node.store.before = () => { uses += 1; };
    await follower.read();
    // As long as it would have read several times.
    const other = node.follow(40);
    const before = other.staleAt;
    await node.until(() => other.staleAt > before && uses > 4);
    const staleAt = follower.staleAt;
    other.stop();
    expect(follower.staleAt).to.equal(staleAt);
  });
});
