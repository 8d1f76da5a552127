// How long a node may rely on what it has read from its store.
import { expect } from "chai";
import { hour, record } from "../../support/revocations.js";
import { down, realNow, Node } from "./revocation-sync-support.js";

describe("the freshness of a node's revocations", () => {
  let node: Node;
  beforeEach(() => { node = new Node(); });
  afterEach(() => node.stop());

  it("begins only when the last page was read, and ready() waits for that", async () => {
    await node.store.append(Array.from({ length: 1_500 }, (_, index) => record(String(index))));
    const sync = node.start();
    const looked: boolean[] = [];
    let isReady = false;
    const waiting = Promise.resolve(sync.ready()).then(() => { isReady = true; });
    node.store.before = () => { looked.push(node.isFresh || isReady); };
    await waiting;
    expect(looked.length).to.be.at.least(2);
    expect(looked).not.to.include(true);
    expect(node.isFresh).to.equal(true);
  });

  it("does not begin, and ready() does not wait, when the store cannot be reached; onError is told why", async () => {
    node.store.before = down;
    const sync = node.start();
    await sync.ready();
    expect(node.isFresh).to.equal(false);
    expect(node.errors.map(({ message }) => message)).to.deep.equal(["The store is down."]);
  });

  it("ends when the store could not be read for maxStaleness, and begins again with the next read", async () => {
    const sync = node.start(1_000);
    await sync.ready();
    node.store.before = down;
    await sync.read().catch(() => undefined);
    expect(node.errors).to.have.length(1);
    expect(node.isFresh).to.equal(true);
    await node.until(() => !node.isFresh);
    await node.store.append([]).catch(() => undefined);
    node.store.before = () => undefined;
    await node.until(() => node.isFresh);
  });

  it("ends while the store hangs for longer than maxStaleness; the read times out and is tried again", async () => {
    const sync = node.start(200);
    await sync.ready();
    node.store.before = () => new Promise(() => undefined);
    await node.until(() => !node.isFresh);
    await node.until(() => node.errors.length > 0);
    expect(node.errors[0]!.message).to.equal("The store of revocations did not answer within 1000 ms.");
    node.store.before = () => undefined;
    await node.until(() => node.isFresh);
  });

  it("ends in time although the clock was set back meanwhile", async () => {
    const sync = node.start(200);
    await sync.ready();
    node.store.before = down;
    Date.now = () => realNow() - hour;
    await node.until(() => !node.isFresh);
    node.store.before = () => undefined;
    await node.until(() => node.isFresh);
    expect(node.freshness.staleAt).to.be.below(realNow() - hour + 300);
  });

  it("does not begin with an answer for which the machine slept past maxStaleness", async () => {
    const sync = node.start();
    await sync.ready();
    node.store.before = () => { Date.now = () => realNow() + hour; };
    await sync.read();
    expect(node.isFresh).to.equal(false);
    node.store.before = () => undefined;
    await sync.read();
    expect(node.isFresh).to.equal(true);
  });
});
