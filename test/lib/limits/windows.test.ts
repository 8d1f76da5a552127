import { expect } from "chai";
import { LimitKey } from "../../../lib/limits/limit-key.js";
import type { ParsedRate } from "../../../lib/limits/rate.js";
import { SteadyClock } from "../../../lib/limits/steady-clock.js";
import { Windows } from "../../../lib/limits/windows.js";
import { draws, randomFrom, seed } from "../../support/draws.js";

const alice = new LimitKey("alice");
const bob = new LimitKey("bob");
const day = 86_400_000;

// An exact log, a ring of 16-bit counts and one of 32-bit counts.
const rates = [rate(5, 1_000), rate(20, 10_000), rate(70_000, 10_000)];

describe("Windows", () => {
  it("lets as many through as the rate says, tells the others how long to wait, and counts each key alone", () => {
    const windows = new Windows(rate(3, 1_000));
    expect([0, 1, 2].map((now) => windows.take(alice, now))).to.deep.equal([0, 0, 0]);
    expect(windows.take(alice, 10)).to.equal(990);
    expect(windows.take(bob, 10)).to.equal(0);
    expect(windows.take(alice, 999)).to.equal(1);
    expect(windows.take(alice, 1_000)).to.equal(0);
    expect(windows.take(alice, 1_000)).to.equal(1);
  });

  it("over any window, lets at most the count through, and makes nobody wait longer than it says: as a log of all places, whatever was given back", () => {
    const random = randomFrom(seed());
    for (let left = draws(1_000_000); left > 0;) {
      const checked = new CheckedWindows(randomRate(random));
      for (let takes = 1 + Math.floor(random() * 500); takes > 0; takes -= 1, left -= 1) checked.takeOrGiveBack(random);
    }
  });

  it("does the same on a wall clock that is set back and forward", () => {
    const random = randomFrom(seed());
    for (let left = draws(1_000_000); left > 0;) {
      const { count, window } = randomRate(random);
      const windows = new Windows(rate(count, window));
      const taken: number[] = [];
      let monotonic = Math.floor(random() * 1e9);
      let ahead = 1e12;
      const clock = new SteadyClock(() => monotonic);
      for (let takes = 1 + Math.floor(random() * 500); takes > 0; takes -= 1, left -= 1) {
        monotonic += Math.floor(random() ** 3 * window / 2);
        if (random() < 0.05) ahead += random() < 0.5 ? -Math.floor(random() * 1e9) : 1_000 + Math.floor(random() * 1e9);
        if (windows.take(alice, clock.at(monotonic + ahead)) > 0) continue;
        expect(inside(taken, monotonic, window)).to.be.lessThan(count);
        taken.push(monotonic);
      }
    }
  });

  it("locks nobody out if the wall clock is set back by a year", () => {
    for (const given of rates) {
      const windows = new Windows(given);
      let monotonic = 0;
      const clock = new SteadyClock(() => monotonic);
      for (let place = 0; place < given.count; place += 1) windows.take(alice, clock.at(1e12));
      const wait = windows.take(alice, clock.at(1e12 - 365 * day));
      expect(wait).to.be.within(given.window - 1, given.window * 16 / 15 + 1);
      monotonic = wait;
      expect(windows.take(alice, clock.at(1e12 - 365 * day + wait))).to.equal(0);
    }
  });

  it("lets through half of what the estimate with two buckets does where two windows meet", () => {
    const windows = new Windows(rate(100, 1_000));
    const estimate = new TwoBuckets(100, 1_000);
    let [passed, estimated] = [0, 0];
    for (let place = 0; place < 100; place += 1) {
      if (windows.take(alice, 999) === 0) passed += 1;
      if (estimate.take(999)) estimated += 1;
    }
    for (let now = 1_000; now < 1_999; now += 1) {
      if (windows.take(alice, now) === 0) passed += 1;
      if (estimate.take(now)) estimated += 1;
    }
    expect([passed, estimated]).to.deep.equal([100, 199]);
  });

  for (const given of rates) {
    describe(`of ${given.text}`, () => {
      it("gives back exactly the place that was taken then", () => {
        const windows = new Windows(given);
        fill(windows, alice, 0, given.count - 1);
        expect(windows.take(alice, given.window / 2)).to.equal(0);
        windows.giveBack(alice, given.window / 2);
        windows.giveBack(alice, given.window * 0.9);
        windows.giveBack(bob, 0);
        expect(windows.take(alice, given.window * 0.75)).to.equal(0);
        expect(windows.take(alice, given.window * 0.75)).to.be.greaterThan(0);
        // The place of half a window ago is the one that was given back.
        const later = Math.ceil(given.window * 16 / 15) + 1;
        fill(windows, alice, later, given.count - 1);
        expect(windows.take(alice, later)).to.be.greaterThan(given.window / 2);
      });

      it("ignores what is given back long after, or was evicted", () => {
        const windows = new Windows(given, 1);
        fill(windows, alice, 5, given.count);
        windows.giveBack(alice, 5 - given.window * 16 / 15);
        expect(windows.take(alice, 6)).to.be.greaterThan(0);
        windows.take(bob, 7);
        windows.giveBack(alice, 5);
        fill(windows, bob, 7, given.count - 1);
        expect(windows.take(bob, 8)).to.be.greaterThan(0);
      });

      it("does not take a key of 50 days ago, or of any other time ago, for a recent one", () => {
        const bucket = given.window / 15;
        for (const ago of [2 ** 32, 2 ** 32 - given.window - 1, 2 ** 33, 65_536 * bucket, 65_536 * bucket - 1, 131_072 * bucket, 65_540 * bucket, 20 * 365 * day]) {
          const windows = new Windows(given);
          fill(windows, alice, 1_000, given.count);
          fill(windows, alice, 1_000 + Math.ceil(ago), given.count);
          expect(windows.take(alice, 1_000 + Math.ceil(ago))).to.be.greaterThan(0);
        }
      });

      it("still counts what was taken just before its numbers begin again", () => {
        const bucket = given.window / 15;
        for (const end of [2 ** 32 - given.window, 65_536 * bucket, 2 ** 32, 1e12]) {
          const windows = new Windows(given);
          windows.take(bob, end - given.window * 2);
          fill(windows, alice, end - given.window / 2, given.count);
          for (const after of [-1, 0, 1, bucket, given.window / 3]) expect(windows.take(alice, end + after)).to.be.greaterThan(0);
          expect(windows.take(alice, end + given.window)).to.equal(0);
        }
      });

      it("counts each key alone, also while it grows", () => {
        const windows = new Windows(given);
        const keys = Array.from({ length: 20 }, (_, nth) => keyOf(nth));
        for (const key of keys) fill(windows, key, 0, given.count);
        for (const key of keys) expect(windows.take(key, 1)).to.be.greaterThan(0);
        expect(windows.size).to.equal(keys.length);
      });

      it("keeps at most as many keys as it may, at a constant memory a key", () => {
        const maxKeys = draws(100_000);
        const windows = new Windows(given, maxKeys);
        for (let nth = 0; nth < maxKeys * 10; nth += 1) windows.take(keyOf(nth), nth / 1e6);
        expect(windows.size).to.equal(maxKeys);
        expect(windows.bytes / maxKeys).to.be.at.most(given.count > 65_535 ? 101 : 65);
      });

      it("forgets the key that was used longest ago when it is full", () => {
        const windows = new Windows(given, 3);
        for (let nth = 0; nth < 3; nth += 1) fill(windows, keyOf(nth), nth, given.count);
        // Being refused is a use, too.
        windows.take(keyOf(0), 4);
        fill(windows, keyOf(3), 5, given.count);
        expect([2, 0, 3].map((nth) => windows.take(keyOf(nth), 6) > 0)).to.deep.equal([true, true, true]);
        expect(windows.take(keyOf(1), 7)).to.equal(0);
      });

      it("reuses the memory of idle keys before it takes more", () => {
        const windows = new Windows(given);
        for (let nth = 0; nth < 1_000; nth += 1) windows.take(keyOf(nth), nth * given.window / 10);
        expect(windows.size).to.be.within(10, 13);
      });
    });
  }
});

function rate(count: number, window: number): ParsedRate {
  return { text: `${count}/${window}`, count, window };
}

function keyOf(nth: number): LimitKey {
  return { text: String(nth), high: nth, low: Math.imul(nth, 0x9e3779b1) };
}

function fill(windows: Windows, key: LimitKey, now: number, count: number): void {
  for (let place = 0; place < count; place += 1) if (windows.take(key, now) !== 0) throw new Error(`Place ${place} was refused.`);
}

function inside(taken: readonly number[], now: number, window: number): number {
  return taken.filter((instant) => instant > now - window).length;
}

function randomRate(random: () => number): ParsedRate {
  const count = 1 + Math.floor(random() ** 2 * 40);
  return rate(count, 1 + Math.floor(10 ** (random() * 6)));
}

/** Windows beside a log of all places, with which each answer is compared. */
class CheckedWindows {
  readonly #rate: ParsedRate;
  readonly #windows: Windows;
  readonly #logs = [alice, bob].map((key) => ({ key, taken: [] as number[] }));
  #now = 0;

  constructor(given: ParsedRate) {
    this.#rate = given;
    this.#windows = new Windows(given);
  }

  takeOrGiveBack(random: () => number): void {
    const { key, taken } = this.#logs[Math.floor(random() * this.#logs.length)]!;
    this.#pass(random);
    const wait = this.#take(key, taken);
    if (wait > 0 && random() < 0.2) {
      this.#now += wait;
      if (this.#take(key, taken) !== 0) throw new Error(`${this.#rate.text}: refused after a wait of ${wait} ms, at ${this.#now}.`);
    }
    if (taken.length > 0 && random() < 0.1) {
      const [takenAt] = taken.splice(Math.floor(random() ** 2 * taken.length), 1);
      this.#windows.giveBack(key, takenAt!);
    }
  }

  #pass(random: () => number): void {
    const { count, window } = this.#rate;
    if (random() < 0.5) this.#now += random() * 2 * window / count;
    if (random() < 0.002) this.#now += random() * 2 ** (20 + random() * 20);
    if (random() < 0.1) this.#now = Math.ceil(this.#now);
  }

  #take(key: LimitKey, taken: number[]): number {
    const { text, count, window } = this.#rate;
    const now = this.#now;
    const wait = this.#windows.take(key, now);
    const longest = (count <= 8 ? window : window * 16 / 15);
    const state = `${text}: ${wait} at ${now}, after ${taken.slice(-count - 1).join(" ")}`;
    if (wait === 0) {
      if (inside(taken, now, window) >= count) throw new Error(`One too many: ${state}`);
      taken.push(now);
    } else {
      if (!Number.isInteger(wait) || wait < 1 || wait > longest + 1) throw new Error(`No such wait: ${state}`);
      if (inside(taken, now, longest + 2) < count) throw new Error(`Refused too early: ${state}`);
      // The log would admit it at the instant at which the oldest of `count` places is out of the window.
      const exact = taken.toSorted((a, b) => a - b).at(-count)! + window - now;
      if (wait > Math.max(0, exact) + longest - window + 2) throw new Error(`Told to wait too long: ${state}`);
    }
    return wait;
  }
}

/** The well-known estimate: the last whole window counts by the part of it that is still inside. */
class TwoBuckets {
  readonly #count: number;
  readonly #window: number;
  #start = 0;
  #current = 0;
  #previous = 0;

  constructor(count: number, window: number) {
    this.#count = count;
    this.#window = window;
  }

  take(now: number): boolean {
    if (now - this.#start >= this.#window) {
      this.#previous = this.#current;
      this.#current = 0;
      this.#start += this.#window;
    }
    const inside = 1 - (now - this.#start) / this.#window;
    if (this.#previous * inside + this.#current > this.#count - 1) return false;
    this.#current += 1;
    return true;
  }
}
