import { expect } from "chai";
import { Deadlines, nowhere, type Deadline } from "../../../lib/session/deadlines.js";
import { restoreClock, startClock } from "../../support/clock.js";
import { draws, randomFrom, seed } from "../../support/draws.js";

describe("deadlines", () => {
  afterEach(restoreClock);

  it("fall due in their order, whatever order they were added and removed in", async () => {
    const random = randomFrom(seed());
    for (let draw = 0; draw < draws(2_000); draw += 1) {
      const deadlines = new Deadlines();
      const fallen: number[] = [];
      Date.now = () => 0;
      let wake: () => void = () => undefined;
      const add = (dueAt: number): Deadline => {
        const deadline = { dueAt, place: nowhere, fallDue: () => { fallen.push(dueAt); if (deadlines.size === 0) wake(); } };
        deadlines.add(deadline);
        return deadline;
      };
      const all = Array.from({ length: 1 + Math.floor(random() * 40) }, () => add(1 + Math.floor(random() * 100)));
      const removed = all.filter(() => random() < 0.3).slice(0, all.length - 1);
      for (const deadline of removed) deadlines.remove(deadline);
      const expected = all.filter((deadline) => !removed.includes(deadline)).map(({ dueAt }) => dueAt).sort((one, other) => one - other);
      expect(deadlines.size).to.equal(expected.length);
      const over = new Promise<void>((resolve) => (wake = resolve));
      Date.now = () => 1_000;
      deadlines.add({ dueAt: 0, place: nowhere, fallDue: () => undefined });
      await over;
      expect(fallen).to.deep.equal(expected);
    }
  });

  it("of ninety days do not fall due at once, as a timer of that length would", async () => {
    const deadlines = new Deadlines();
    let fallen = false;
    const started = Date.now();
    deadlines.add({ dueAt: started + 90 * 86_400_000, place: nowhere, fallDue: () => (fallen = true) });
    await new Promise<void>((resolve) => deadlines.add({ dueAt: started + 20, place: nowhere, fallDue: resolve }));
    expect(fallen).to.equal(false);
    expect(deadlines.size).to.equal(1);
    deadlines.stop();
  });

  it("fall due when the wall clock jumps, which timers do not see", async () => {
    const clock = startClock();
    const deadlines = new Deadlines();
    const fallen = new Promise<void>((resolve) => deadlines.add({ dueAt: Date.now() + 1e9, place: nowhere, fallDue: resolve }));
    clock.advance(1e9);
    await fallen;
    expect(deadlines.size).to.equal(0);
  });

  it("removed twice are removed once", () => {
    const deadlines = new Deadlines();
    const one = { dueAt: 1e15, place: nowhere, fallDue: () => undefined };
    const other = { ...one };
    deadlines.add(one);
    deadlines.add(other);
    deadlines.remove(one);
    deadlines.remove(one);
    expect(deadlines.size).to.equal(1);
    deadlines.remove(other);
    expect(deadlines.size).to.equal(0);
  });
});
