import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { LimitKey } from "../../../lib/limits/limit-key.js";
import { readRate, type Rate } from "../../../lib/limits/rate.js";
import { SharedLimits, type SharedWindow, type Taken } from "../../../lib/limits/shared-limits.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { MemoryLimits } from "../../support/memory-limits.js";
import { activeTimers, pass, restoreTimers, useFakeTimers } from "../rooms/fake-timers.js";

const turn = setImmediate;
const answers = () => new Promise<void>((resolve) => void turn(resolve));

describe("SharedLimits", () => {
  const nodes: SharedLimits[] = [];
  const told: string[] = [];
  let store: MemoryLimits;

  beforeEach(() => {
    useFakeTimers();
    told.length = 0;
    store = new MemoryLimits(Date.now);
  });
  afterEach(() => {
    for (const node of nodes.splice(0)) node.stop();
    restoreTimers();
  });

  function start(): SharedLimits {
    const node = new SharedLimits({ store, clock: Date.now, onError: (error) => told.push(String(error)), onRecovered: () => told.push("recovered") });
    nodes.push(node);
    return node;
  }

  /** Nodes that know each other. */
  async function startNodes(count: number): Promise<SharedLimits[]> {
    const started = Array.from({ length: count }, start);
    await answers();
    await passing(9_000);
    return started;
  }

  /** In steps, so that the store can answer before its time is over. */
  async function passing(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 200) {
      pass(Math.min(left, 200));
      await answers();
    }
  }

  const windowOf = (rate: Rate, name = "user", key = "alice"): SharedWindow => ({ name, key: new LimitKey(key), rate: readRate(rate, "limit") });

  async function take(node: SharedLimits, ...windows: SharedWindow[]): Promise<Taken> {
    const taken = node.take(windows);
    await answers();
    return taken;
  }

  /** How many of so many events pass. */
  async function passed(node: SharedLimits, window: SharedWindow, events: number): Promise<number> {
    let count = 0;
    for (let event = 0; event < events; event += 1) count += Number((await take(node, window)).wait === 0);
    return count;
  }

  async function breakStore(state: "hangs" | "fails"): Promise<void> {
    store.state = state;
    const taken = nodes.map((node) => node.take([windowOf("1/1s", "another")]));
    await answers();
    if (state === "hangs") await passing(250);
    for (const one of taken) await one;
  }

  it("count together, and tell the window with the longest wait", async () => {
    const [one, other] = await startNodes(2);
    const [short, long] = [windowOf("2/1s"), windowOf("1/10s", "room", "lobby")];
    expect(await take(one!, short, long)).to.include({ wait: 0, window: undefined });
    expect(await take(other!, short, long)).to.include({ wait: 10_000, window: long });
    expect(await take(other!, short)).to.include({ wait: 0 });
    expect(await take(one!, short)).to.include({ wait: 1_000, window: short });
  });

  it("keep names, rates and keys apart", async () => {
    const [node] = await startNodes(1);
    for (const window of [windowOf("1/10s"), windowOf("1/11s"), windowOf("1/10s", "event message"), windowOf("1/10s", "user", "bob")]) {
      expect(await take(node!, window)).to.include({ wait: 0 });
    }
  });

  it("give a place back, in the store and on the node that knew the window to be full", async () => {
    const [one, other] = await startNodes(2);
    const window = windowOf("1/10s");
    const { giveBack } = await take(one!, window);
    expect(await take(one!, window)).to.include({ wait: 10_000 });
    giveBack();
    expect(await take(one!, window)).to.include({ wait: 0 });
    expect(await take(other!, window)).to.include({ wait: 10_000 });
  });

  it("answer a flood at once, and ask the store about it once a second", async () => {
    const [node] = await startNodes(1);
    const window = windowOf("1/10s");
    await take(node!, window);
    await take(node!, window);
    const before = store.asked;
    for (let event = 0; event < 100; event += 1) {
      expect(node!.take([windowOf("5/1s", "room"), window])).to.include({ wait: 10_000 }).and.not.be.instanceOf(Promise);
    }
    pass(999);
    expect(node!.take([window])).to.include({ wait: 9_001 });
    expect(store.asked).to.equal(before);
    pass(1);
    expect(await take(node!, window)).to.include({ wait: 9_000 });
    expect(store.asked).to.equal(before + 1);
  });

  for (const state of ["fails", "hangs"] as const) {
    it(`count alone with their shares while the store ${state}, without asking it`, async () => {
      const [one, other] = await startNodes(2);
      const window = windowOf("7/10s");
      await breakStore(state);
      const before = store.asked;
      expect([await passed(one!, window, 10), await passed(other!, window, 10)]).to.deep.equal([3, 3]);
      expect(await take(one!, window)).to.include({ wait: 10_000, window });
      expect(store.asked).to.equal(before);
      expect(told.filter((text) => text.includes("Error"))).to.have.length(2);
    });
  }

  it("let one event pass where there are more nodes than places", async () => {
    const [one] = await startNodes(3);
    await breakStore("fails");
    expect(await passed(one!, windowOf("2/10s"), 3)).to.equal(1);
  });

  it("give a place of the share back, and take none if another window is full", async () => {
    const [node] = await startNodes(1);
    await breakStore("fails");
    const [wide, narrow] = [windowOf("2/10s"), windowOf("1/5s", "room")];
    const { giveBack } = await take(node!, wide, narrow);
    expect(await take(node!, wide, narrow)).to.include({ wait: 5_000, window: narrow });
    giveBack();
    expect(await passed(node!, wide, 5)).to.equal(2);
  });

  it("ask the store again each second, and tell each change once", async () => {
    const [node] = await startNodes(1);
    await breakStore("fails");
    await passing(5_000);
    store.state = "answers";
    expect(told).to.deep.equal(["Error: the store is down"]);
    await passing(1_000);
    expect(told).to.deep.equal(["Error: the store is down", "recovered"]);
    const before = store.asked;
    expect(await take(node!, windowOf("5/1s"))).to.include({ wait: 0 });
    expect(store.asked).to.equal(before + 1);
  });

  it("wait no longer than the time for a store that is slow", async () => {
    const [node] = await startNodes(1);
    store.state = "hangs";
    const taken = node!.take([windowOf("5/1s")]);
    await passing(249);
    expect(told).to.deep.equal([]);
    await passing(1);
    expect(told).to.deep.equal(["TimeoutError: The store of `limits` took too long."]);
    expect(await taken).to.include({ wait: 0 });
  });

  it("need a place in the share, too, until a window has passed since the store was down", async () => {
    const [one, other] = await startNodes(2);
    const window = windowOf("6/10s");
    await breakStore("fails");
    store.state = "answers";
    await passing(1_000);
    expect([await passed(one!, window, 10), await passed(other!, window, 10)]).to.deep.equal([3, 3]);
    expect(await take(one!, window)).to.include({ window });
    await passing(10_000);
    expect([await passed(one!, window, 10), await passed(other!, window, 10)]).to.deep.equal([6, 0]);
  });

  it("need it from the first event on after the store has lost what it counted, also if they did not notice", async () => {
    const [one, other] = await startNodes(2);
    const window = windowOf("6/10s");
    expect(await passed(one!, window, 10)).to.equal(6);
    store.lose();
    expect([await passed(one!, windowOf("6/10s", "other"), 10), await passed(other!, window, 10)]).to.deep.equal([3, 3]);
  });

  it("keep the number of nodes while a store that was lost does not know the others", async () => {
    const [one, other] = await startNodes(4);
    store.lose();
    await passed(one!, windowOf("1/1s", "other"), 1);
    await breakStore("fails");
    expect([await passed(one!, windowOf("8/10s"), 10), await passed(other!, windowOf("8/10s"), 10)]).to.deep.equal([2, 2]);
  });

  it("keep it after the store has lost what it counted and was then down for longer than a node lives", async () => {
    const [one] = await startNodes(3);
    store.lose();
    await passing(9_000);
    await breakStore("fails");
    await passing(35_000);
    store.state = "answers";
    await passing(1_000);
    await breakStore("fails");
    expect(await passed(one!, windowOf("9/10s"), 10)).to.equal(3);
  });

  it("count a node that is gone for about a minute more", async () => {
    const [one, other] = await startNodes(2);
    other!.stop();
    for (let second = 0; second < 80; second += 1) await passing(1_000);
    await breakStore("fails");
    expect(await passed(one!, windowOf("8/10s"), 10)).to.equal(8);
  });

  it("set no timer after stop()", async () => {
    const [one] = await startNodes(1);
    const pending = one!.take([windowOf("1/1s")]);
    one!.stop();
    await pending;
    await answers();
    expect(activeTimers()).to.equal(0);
  });

  it("never let more than the count and a share of each node pass in any window, whatever the store does", async () => {
    const random = randomFrom(seed());
    const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
    for (let draw = 0; draw < draws(1_000); draw += 1) {
      const number = between(1, 4);
      const started = await startNodes(number);
      const [count, length] = [between(1, 45), between(200, 4_000)];
      const window = windowOf(`${count}/${length}` as Rate);
      const passedAt: number[] = [];
      for (let step = 0; step < 300; step += 1) {
        const chance = random();
        if (chance < 0.02) store.state = "fails";
        else if (chance < 0.05) store.lose();
        else if (chance < 0.15) store.state = "answers";
        else if (chance < 0.3) await passing(between(1, length));
        else for (let event = between(1, 10); event > 0; event -= 1) if ((await take(started[between(0, number - 1)]!, window)).wait === 0) passedAt.push(Date.now());
      }
      const most = count + number * Math.max(1, Math.floor(count / number));
      for (const from of new Set(passedAt)) {
        const within = passedAt.filter((at) => at >= from && at < from + length).length;
        expect(within, `${number} nodes, ${count} in ${length} ms, draw ${draw} of seed ${seed()}`).to.be.at.most(most);
      }
      for (const node of nodes.splice(0)) node.stop();
      store = new MemoryLimits(Date.now);
    }
  });
});
