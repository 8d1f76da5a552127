// What a lookup costs, in sets of patterns that are made to be slow.
import { expect } from "chai";
import { parseRoomPattern } from "../../../lib/policy/room-pattern.js";
import { RoomTable } from "../../../lib/policy/room-table.js";
import { cpuTime } from "../../support/cpu-time.js";

function tableOf(patterns: Iterable<string>): RoomTable<string> {
  const table = new RoomTable<string>();
  for (const pattern of patterns) table.add(parseRoomPattern(pattern), pattern);
  return table;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, nth) => nth);

/** The shortest time of many, so that other work of the machine does not count. Milliseconds of 100 lookups. */
function fastest(tables: readonly RoomTable<string>[], names: readonly string[]): number[] {
  const times = tables.map(() => Infinity);
  for (let round = 0; round < 40; round += 1) {
    for (const [nth, table] of tables.entries()) {
      const start = performance.now();
      for (let repeated = 0; repeated < 100; repeated += 1) table.find(names[repeated % names.length]!);
      times[nth] = Math.min(times[nth]!, performance.now() - start);
    }
  }
  return times;
}

describe("A lookup in a table of room patterns", () => {
  const sets: Record<string, { readonly pattern: (nth: number) => string; readonly name: (nth: number) => string }> = {
    "of literals and params": { pattern: (nth) => `private-group${nth}-$id`, name: (nth) => `private-group${nth}-6f1c-22` },
    "that differ after a param": { pattern: (nth) => `private-$a-kind${nth}-$b`, name: (nth) => `private-6f1c-22-kind${nth}-7-8` },
    "that differ after many params": { pattern: (nth) => `private-$a-$b-$c-$d-x${nth}-$e`, name: (nth) => `private-1-2-3-4-x${nth}-5` },
    "of which none matches": { pattern: (nth) => `private-$a-$b-$c-$d-x${nth}-$e`, name: (nth) => `private-1-2-3-4-y${nth}-5-6-7-8` },
  };
  for (const [which, { pattern, name }] of Object.entries(sets)) {
    it(`costs as much for 10,000 patterns ${which} as for 10`, () => {
      const [few, many] = fastest([tableOf(numbers(10).map(pattern)), tableOf(numbers(10_000).map(pattern))], numbers(10).map(name));
      // About 1.2 is usual. One that reads all patterns would be at 1,000.
      expect(many! / few!).to.be.below(5);
    });
  }

  it("does not explode with a name that begins as most patterns do, and ends as none does", () => {
    const half = numbers(95).map((nth) => "-".repeat(nth + 1));
    const table = tableOf(half.flatMap((one) => half.map((other) => `$a${one}a$b${other}b$c-z`)));
    const start = cpuTime();
    expect(table.find(`x${"-".repeat(95)}a${"-".repeat(95)}bxxxxxxx`)).to.equal(undefined);
    expect(cpuTime() - start).to.be.below(1_000);
  });

  it("does not explode with many params in one pattern", () => {
    const table = tableOf([`${numbers(60).map((nth) => `$p${nth}-`).join("")}end`, `${numbers(99).map((nth) => `$p${nth}-`).join("")}$last`]);
    const name = `${"x-".repeat(98)}-x`;
    const start = cpuTime();
    for (let repeated = 0; repeated < 100; repeated += 1) expect(table.find(name)).to.equal(undefined);
    expect(cpuTime() - start).to.be.below(1_000);
  });
});
