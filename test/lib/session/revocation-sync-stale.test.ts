// Until when a follower may rely on what it knows.
import { expect } from "chai";
import { hour, record } from "../../support/revocations.js";
import { down, isFresh, realNow, Node } from "./following.js";

describe("a node that follows a store of revocations, and how long it is fresh", () => {
  let node: Node;
  beforeEach(() => { node = new Node(); });
  afterEach(() => node.stop());

  it("counts as stale, and has who asks wait, until it has read the last page", async () => {
    await node.store.append(Array.from({ length: 1_500 }, (_, index) => record(String(index))));
    const follower = node.follow();
    const looked: boolean[] = [];
    let isKnown = false;
    const waiting = follower.known().then(() => { isKnown = true; });
    node.store.before = () => { looked.push(isFresh(follower) || isKnown); };
    await waiting;
    expect(looked.length).to.be.at.least(2);
    expect(looked).not.to.include(true);
    expect(isFresh(follower)).to.equal(true);
  });

  it("has nobody wait for a store that cannot be reached: it is stale, and says why", async () => {
    node.store.before = down;
    const follower = node.follow();
    await follower.known();
    expect(isFresh(follower)).to.equal(false);
    expect(node.errors.map(({ message }) => message)).to.deep.equal(["The store is down."]);
  });

  it("is stale when the store could not be read for maxStaleness, and fresh as soon as it can", async () => {
    const follower = node.follow(200);
    await follower.known();
    node.store.before = down;
    await node.until(() => node.errors.length > 0);
    expect(isFresh(follower)).to.equal(true);
    await node.until(() => !isFresh(follower));
    await node.store.append([]).catch(() => undefined);
    node.store.before = () => undefined;
    await node.until(() => isFresh(follower));
  });

  it("is stale while a store hangs for longer than maxStaleness, gives up, and reads again", async () => {
    const follower = node.follow(200);
    await follower.known();
    node.store.before = () => new Promise(() => undefined);
    await node.until(() => !isFresh(follower));
    await node.until(() => node.errors.length > 0);
    expect(node.errors[0]!.message).to.equal("The store of revocations did not answer within 1000 ms.");
    node.store.before = () => undefined;
    await node.until(() => isFresh(follower));
  });

  it("is stale in time also when the clock was set back meanwhile", async () => {
    const follower = node.follow(200);
    await follower.known();
    node.store.before = down;
    Date.now = () => realNow() - hour;
    await node.until(() => !isFresh(follower));
    node.store.before = () => undefined;
    await node.until(() => isFresh(follower));
    expect(follower.staleAt).to.be.below(realNow() - hour + 300);
  });

  it("is stale when the machine slept while it waited for the answer", async () => {
    const follower = node.follow();
    await follower.known();
    node.store.before = () => { Date.now = () => realNow() + hour; };
    await follower.read();
    expect(isFresh(follower)).to.equal(false);
    node.store.before = () => undefined;
    await follower.read();
    expect(isFresh(follower)).to.equal(true);
  });
});
