import { expect } from "chai";
import { KeyTable } from "../../../lib/limits/key-table.js";
import type { LimitKey } from "../../../lib/limits/limit-key.js";
import { draws, randomFrom, seed } from "../../support/draws.js";

describe("KeyTable", () => {
  it("finds each key at its slot, and replaces the one that was used longest ago", () => {
    const random = randomFrom(seed());
    for (let left = draws(1_000_000); left > 0;) {
      const maxKeys = 1 + Math.floor(random() * 100);
      const keys = new KeyTable(maxKeys);
      // A Map keeps the order in which keys were put in.
      const expected = new Map<number, number>();
      for (let uses = 1 + Math.floor(random() * 1_000); uses > 0; uses -= 1, left -= 1) {
        const nth = Math.floor(random() ** 2 * maxKeys * 2);
        const slot = keys.find(keyOf(nth));
        if (slot !== (expected.get(nth) ?? 0)) throw new Error(`Key ${nth} is at ${slot}, not at ${expected.get(nth)}.`);
        expected.delete(nth);
        if (slot !== 0) keys.use(slot);
        expected.set(nth, slot === 0 ? add(keys, nth, expected) : slot);
        if (keys.oldest !== expected.values().next().value) throw new Error("Another key is the oldest.");
      }
      expect(keys.size).to.equal(expected.size);
    }
  });

  it("grows by doubling, up to the most keys that it may have", () => {
    const keys = new KeyTable(100);
    const capacities = new Set<number>();
    for (let nth = 0; nth < 100; nth += 1) {
      if (keys.size === keys.capacity) keys.grow();
      keys.add(keyOf(nth));
      capacities.add(keys.capacity);
    }
    expect([...capacities]).to.deep.equal([16, 32, 64, 100]);
    expect(keys.canGrow).to.equal(false);
  });

  it("has no oldest key while it is empty", () => {
    expect(new KeyTable(1).oldest).to.equal(0);
  });
});

function add(keys: KeyTable, nth: number, expected: Map<number, number>): number {
  if (keys.size === keys.capacity) {
    if (!keys.canGrow) {
      expected.delete(expected.keys().next().value!);
      return keys.replaceOldest(keyOf(nth));
    }
    keys.grow();
  }
  return keys.add(keyOf(nth));
}

// Few different low halves, so that chains are long.
function keyOf(nth: number): LimitKey {
  return { text: String(nth), high: Math.imul(nth, 0x9e3779b1), low: nth % 7 - 3 };
}
