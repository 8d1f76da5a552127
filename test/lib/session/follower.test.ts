import { expect } from "chai";
import { Follower } from "../../../lib/session/follower.js";
import type { Revocation, RevocationStore } from "../../../lib/session/revocation.js";
import { Revocations } from "../../../lib/session/revocations.js";
import { signal } from "../../support/server.js";
import { hour, readAll, record, StoreInMemory } from "../../support/revocations.js";

const long = 60_000;
const realNow = Date.now;

describe("a node that follows a store of revocations", () => {
  const followers: Follower[] = [];
  let store: StoreInMemory;
  let known: Revocations;
  let errors: Error[];
  let heard: number;
  let published: number;
  let listeners: (() => void)[];
  let restore: () => void;

  beforeEach(() => {
    store = new StoreInMemory();
    known = new Revocations();
    errors = [];
    heard = 0;
    published = 0;
    listeners = [];
  });
  afterEach(() => {
    Date.now = realNow;
    for (const follower of followers.splice(0)) follower.stop();
  });

  const tell = () => { for (const listener of [...listeners]) listener(); };

  function follow(staleAfter = long, followed: RevocationStore = store): Follower {
    const follower = new Follower({
      store: followed, revocations: known, staleAfter,
      heard: () => { heard += 1; tell(); },
      published: () => { published += 1; tell(); },
      failed: (error) => { errors.push(error as Error); tell(); },
    });
    followers.push(follower);
    return follower;
  }

  /** Looked at after whatever the follower or the store does. */
  function until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        clearInterval(often);
        resolve();
      };
      const often = setInterval(look, 5);
      listeners.push(look);
      look();
    });
  }

  const values = () => [...known].map(({ value }) => value);
  const isFresh = (follower: Follower) => Date.now() < follower.staleAt;
  const down = () => { throw new Error("The store is down."); };
  /** What an outsider finds in the store. */
  const stored = async (): Promise<string[]> => {
    store.before = () => undefined;
    return (await readAll(store)).records.map(({ value }: Revocation) => value);
  };

  it("knows what the store has, page by page, and counts as fresh from when it asked for the last one", async () => {
    await store.append(Array.from({ length: 2_500 }, (_, index) => record(String(index))));
    const asked = Date.now();
    const follower = follow();
    expect(isFresh(follower)).to.equal(false);
    await follower.known();
    expect(known.size).to.equal(2_500);
    expect(follower.staleAt).to.be.within(asked + long - 5, Date.now() + long);
    expect(heard).to.equal(3);
  });

  it("counts as stale, and has who asks wait, until it has read the last page", async () => {
    await store.append(Array.from({ length: 1_500 }, (_, index) => record(String(index))));
    const follower = follow();
    const looked: boolean[] = [];
    let isKnown = false;
    const waiting = follower.known().then(() => { isKnown = true; });
    store.before = () => { looked.push(isFresh(follower) || isKnown); };
    await waiting;
    expect(looked.length).to.be.at.least(2);
    expect(looked).not.to.include(true);
    expect(isFresh(follower)).to.equal(true);
  });

  it("has nobody wait for a store that cannot be reached: it is stale, and says why", async () => {
    store.before = down;
    const follower = follow();
    await follower.known();
    expect(isFresh(follower)).to.equal(false);
    expect(errors.map(({ message }) => message)).to.deep.equal(["The store is down."]);
  });

  it("hears of what others appended, and tells of it only if it is news", async () => {
    const follower = follow();
    await follower.known();
    const mine = record("mine");
    known.add(mine, Date.now());
    await follower.publish([mine]);
    await follower.read();
    expect(heard).to.equal(0);
    await store.append([record("theirs")]);
    await follower.read();
    expect(heard).to.equal(1);
    expect(values()).to.deep.equal(["mine", "theirs"]);
  });

  it("reads by itself, at least twice in staleAfter", async () => {
    const follower = follow(200);
    await follower.known();
    await store.append([record("theirs")]);
    const asked = performance.now();
    await until(() => known.size === 1);
    expect(performance.now() - asked).to.be.below(200);
    expect(isFresh(follower)).to.equal(true);
  });

  it("reads once more for who asks during a reading, which may have been too early", async () => {
    const follower = follow();
    await follower.known();
    const [begun, release] = [signal(), signal()];
    const since = store.since.bind(store);
    let isFirst = true;
    store.since = async (version) => {
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
    await store.append([record("late")]);
    const [second, third] = [follower.read(), follower.read()];
    release.settle();
    await first;
    expect(known.size).to.equal(0);
    await Promise.all([second, third]);
    expect(known.size).to.equal(1);
  });

  it("tells who publishes that the store did not take it, keeps it, and publishes it as soon as the store does", async () => {
    const follower = follow(400);
    await follower.known();
    store.before = (use) => (use === "append" ? down() : undefined);
    const error = await follower.publish([record("mine")]).then(() => undefined, (reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).with.property("message", "The store is down.");
    await until(() => errors.length > 1);
    store.before = () => undefined;
    await until(() => store.size === 1);
    expect(store.appended.flat().map(({ value }) => value)).to.deep.equal(["mine"]);
    await follower.read();
    await follower.read();
    expect(store.appended).to.have.length(1);
  });

  it("goes on hearing of others, and is fresh, while the store takes nothing", async () => {
    const follower = follow(200);
    await follower.known();
    await store.append([record("theirs")]);
    store.before = (use) => (use === "append" ? down() : undefined);
    await follower.publish([record("mine")]).catch(() => undefined);
    const staleAt = follower.staleAt;
    await until(() => known.size === 1 && follower.staleAt > staleAt);
    expect(isFresh(follower)).to.equal(true);
    expect(errors).not.to.deep.equal([]);
  });

  it("does not publish what expired meanwhile", async () => {
    const follower = follow();
    await follower.known();
    store.before = down;
    await follower.publish([record("lasting"), record("short")]).catch(() => undefined);
    store.before = () => undefined;
    Date.now = () => realNow() + 2 * hour;
    await follower.publish([record("new")]);
    await follower.read();
    expect(await stored()).to.deep.equal(["new"]);
  });

  for (const [how, lose] of [["was emptied", () => store.empty()], ["was put back to an older state", () => restore()]] as const) {
    it(`gives a store back what it lost when it ${how}`, async () => {
      restore = store.copy();
      const follower = follow();
      await follower.known();
      const mine = record("mine");
      known.add(mine, Date.now());
      await follower.publish([mine]);
      await store.append([record("theirs")]);
      await follower.read();
      lose();
      await store.append([record("new")]);
      await follower.read();
      expect(values()).to.have.members(["mine", "theirs", "new"]);
      expect(await stored()).to.have.members(["mine", "theirs", "new"]);
      expect(errors).to.deep.equal([]);
    });
  }

  it("gives it back also if the store takes nothing at first", async () => {
    await store.append([record("one"), record("two")]);
    const follower = follow(400);
    await follower.known();
    store.empty();
    store.before = (use) => (use === "append" ? down() : undefined);
    await follower.read();
    expect(errors).to.have.length(1);
    // Others may have lost what they do not know any more, too: nothing counts until the store is whole.
    expect(isFresh(follower)).to.equal(false);
    store.before = () => undefined;
    await until(() => store.size === 2 && isFresh(follower));
    expect(await stored()).to.have.members(["one", "two"]);
  });

  it("does not run in circles with a store that is another one each time", async () => {
    let uses = 0;
    const fickle: RevocationStore = {
      append: async () => undefined,
      since: async () => ({ records: [record("one")], version: { epoch: String(uses += 1), number: 1 } }),
    };
    const follower = follow(long, fickle);
    await follower.known();
    expect(errors.map(({ message }) => message)).to.deep.equal(["The store of revocations went backwards twice while it was read."]);
    expect(isFresh(follower)).to.equal(false);
  });

  it("is stale when the store could not be read for staleAfter, and fresh as soon as it can", async () => {
    const follower = follow(200);
    await follower.known();
    store.before = down;
    await until(() => errors.length > 0);
    expect(isFresh(follower)).to.equal(true);
    await until(() => !isFresh(follower));
    await store.append([]).catch(() => undefined);
    store.before = () => undefined;
    await until(() => isFresh(follower));
  });

  it("is stale while a store hangs for longer than staleAfter, gives up, and reads again", async () => {
    const follower = follow(200);
    await follower.known();
    store.before = () => new Promise(() => undefined);
    await until(() => !isFresh(follower));
    await until(() => errors.length > 0);
    expect(errors[0]!.message).to.equal("The store of revocations did not answer within 1000 ms.");
    store.before = () => undefined;
    await until(() => isFresh(follower));
  });

  it("is stale in time also when the clock was set back meanwhile", async () => {
    const follower = follow(200);
    await follower.known();
    store.before = down;
    Date.now = () => realNow() - hour;
    await until(() => !isFresh(follower));
    store.before = () => undefined;
    await until(() => isFresh(follower));
    expect(follower.staleAt).to.be.below(realNow() - hour + 300);
  });

  it("says so when the store has taken what it did not take at first", async () => {
    const follower = follow(40);
    await follower.known();
    store.before = down;
    await follower.publish([record("one")]).catch(() => undefined);
    expect(published).to.equal(0);
    store.before = () => undefined;
    await until(() => published > 0);
    expect(await stored()).to.deep.equal(["one"]);
    await follower.publish([record("two")]);
    expect(published).to.equal(1);
  });

  it("is stale when the machine slept while it waited for the answer", async () => {
    const follower = follow();
    await follower.known();
    store.before = () => { Date.now = () => realNow() + hour; };
    await follower.read();
    expect(isFresh(follower)).to.equal(false);
    store.before = () => undefined;
    await follower.read();
    expect(isFresh(follower)).to.equal(true);
  });

  it("reads and publishes nothing by itself when it was stopped", async () => {
    const follower = follow(40);
    await follower.known();
    follower.stop();
    let uses = 0;
    store.before = () => { uses += 1; };
    await follower.read();
    // As long as it would have read several times.
    const other = follow(40);
    const before = other.staleAt;
    await until(() => other.staleAt > before && uses > 4);
    const staleAt = follower.staleAt;
    other.stop();
    expect(follower.staleAt).to.equal(staleAt);
  });
});
