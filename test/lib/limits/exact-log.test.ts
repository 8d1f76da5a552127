import { expect } from "chai";
import { ExactLog } from "../../../lib/limits/exact-log.js";

describe("ExactLog", () => {
  it("keeps 4 bytes for each place of a window", () => {
    const log = new ExactLog({ text: "3/1s", count: 3, window: 1_000 });
    log.grow(99);
    expect(log.bytes).to.equal(100 * 3 * 4);
  });

  it("is idle once each place is out of the window or given back", () => {
    const log = logOf(2);
    expect(log.isIdle(1, 0)).to.equal(true);
    log.take(1, 100);
    log.take(1, 200);
    expect([100, 1_199, 1_200].map((now) => log.isIdle(1, now))).to.deep.equal([false, false, true]);
    log.giveBack(1, 200);
    expect(log.isIdle(1, 1_100)).to.equal(true);
  });

  it("keeps the instants when it grows, and forgets those of a slot that it clears", () => {
    const log = logOf(1);
    log.take(1, 0);
    log.take(2, 0);
    log.grow(4);
    log.clear(2);
    expect([1, 2, 4].map((slot) => log.take(slot, 1))).to.deep.equal([999, 0, 0]);
  });
});

function logOf(count: number): ExactLog {
  const log = new ExactLog({ text: `${count}/1s`, count, window: 1_000 });
  log.grow(2);
  return log;
}
