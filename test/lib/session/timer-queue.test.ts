import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { TimerQueue, type Timed } from "../../../lib/session/timer-queue.js";
import { restoreClock, startClock } from "../../support/clock.js";
import { draws, randomFrom, seed } from "../../support/draws.js";

interface Item extends Timed {
  readonly name: number;
}

function item(name = 0): Item {
  return { name, dueAt: Infinity };
}

describe("a timer queue", () => {
  afterEach(restoreClock);

  it("calls back for what is due and for nothing else, after any sequence of additions, moves and deletions", () => {
    const random = randomFrom(seed());
    for (let draw = 0; draw < draws(2_000); draw += 1) {
      Date.now = () => 0;
      const called: number[] = [];
      const queue = new TimerQueue<Item>(({ name }) => called.push(name));
      const items = Array.from({ length: 1 + Math.floor(random() * 40) }, (_, name) => item(name));
      const dueAt = items.map(() => Infinity);
      for (let step = 0; step < 60; step += 1) {
        const nth = Math.floor(random() * items.length);
        dueAt[nth] = random() < 0.3 ? Infinity : Math.floor(random() * 3_000);
        if (dueAt[nth] === Infinity) queue.delete(items[nth]!);
        else queue.set(items[nth]!, dueAt[nth]);
      }
      const now = Math.floor(random() * 3_000);
      Date.now = () => now;
      while (queue.runDue());
      expect([...called].sort((one, other) => one - other)).to.deep.equal(items.flatMap(({ name }) => dueAt[name]! <= now ? [name] : []));
      expect(items.map((one) => one.dueAt)).to.deep.equal(dueAt.map((instant) => instant <= now ? Infinity : instant));
      queue.stop();
    }
  });

  it("calls back without being asked, and never too early", async () => {
    let called: (item: Item) => void = () => undefined;
    const queue = new TimerQueue<Item>((due) => called(due));
    for (const wait of [20, 700]) {
      const dueAt = Date.now() + wait;
      const due = new Promise<Item>((resolve) => (called = resolve));
      queue.set(item(wait), dueAt);
      expect((await due).name).to.equal(wait);
      expect(Date.now()).to.be.at.least(dueAt);
    }
  });

  it("does not call back at once for what is due in ninety days, as a timer of that length would", async () => {
    const called: number[] = [];
    let resolve: () => void = () => undefined;
    const queue = new TimerQueue<Item>(({ name }) => { called.push(name); resolve(); });
    queue.set(item(90), Date.now() + 90 * 86_400_000);
    const soon = new Promise<void>((settle) => (resolve = settle));
    queue.set(item(20), Date.now() + 20);
    await soon;
    expect(called).to.deep.equal([20]);
    queue.stop();
  });

  it("calls back when the wall clock jumps, which timers do not see", async () => {
    const clock = startClock();
    const due = new Promise<Item>((resolve) => new TimerQueue<Item>(resolve).set(item(), Date.now() + 1e9));
    clock.advance(1e9);
    await due;
  });

  it("leaves the event loop its turns when thousands are due at once", async () => {
    let called = 0;
    const queue = new TimerQueue<Item>(() => {
      called += 1;
      for (const until = performance.now() + 1; performance.now() < until;);
    });
    for (let name = 0; name < 20; name += 1) queue.set(item(name), 0);
    expect(queue.runDue()).to.equal(true);
    expect(called).to.be.lessThan(20);
    while (called < 20) await new Promise((resolve) => setImmediate(resolve));
  });

  it("takes an item back that is added again while it is called", () => {
    Date.now = () => 1_000;
    const called: number[] = [];
    const queue = new TimerQueue<Item>((due) => { called.push(due.name); if (called.length < 3) queue.set(due, 1_000); });
    queue.set(item(7), 500);
    while (queue.runDue());
    expect(called).to.deep.equal([7, 7, 7]);
  });
});
