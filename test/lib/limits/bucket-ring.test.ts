import { expect } from "chai";
import { BucketRing } from "../../../lib/limits/bucket-ring.js";

// Buckets of 100 ms.
const window = 1_500;

describe("BucketRing", () => {
  it("keeps 36 bytes a slot, and 72 for counts that 16 bits cannot hold", () => {
    expect([ringOf(65_535).bytes, ringOf(65_536).bytes]).to.deep.equal([3 * 36, 3 * 72]);
  });

  it("counts a bucket until it is wholly out of the window", () => {
    const ring = ringOf(1);
    ring.take(1, 199);
    expect([200, 1_699].map((now) => ring.take(1, now))).to.deep.equal([1_500, 1]);
    expect(ring.take(1, 1_700)).to.equal(0);
  });

  it("is idle once each bucket is out of the window or empty", () => {
    const ring = ringOf(10);
    expect(ring.isIdle(1, 0)).to.equal(true);
    ring.take(1, 100);
    expect([1_699, 1_700].map((now) => ring.isIdle(1, now))).to.deep.equal([false, true]);
    ring.giveBack(1, 100);
    expect(ring.isIdle(1, 100)).to.equal(true);
  });

  it("keeps the counts when it grows, and forgets those of a slot that it clears", () => {
    const ring = ringOf(1);
    ring.take(1, 0);
    ring.take(2, 0);
    ring.grow(4);
    ring.clear(2);
    expect([1, 2, 4].map((slot) => ring.take(slot, 0))).to.deep.equal([1_600, 0, 0]);
  });

  it("counts up to the largest number that 16 bits can hold", () => {
    const ring = ringOf(65_535);
    for (let place = 0; place < 65_535; place += 1) ring.take(1, 0);
    expect(ring.take(1, 0)).to.equal(1_600);
  });
});

function ringOf(count: number): BucketRing {
  const ring = new BucketRing({ text: `${count}/1.5s`, count, window });
  ring.grow(2);
  return ring;
}
