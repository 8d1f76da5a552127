// Finds the patterns of room names, on the built package.
import type * as Patterns from "../../lib/policy/room-pattern.js";
import type * as Tables from "../../lib/policy/room-table.js";
import { answerCommands } from "../framework/worker.js";
import { quantile } from "../framework/statistics.js";

export type PatternSet = "mixed" | "middle" | "params" | "unlisted";

export interface Asked {
  readonly set: PatternSet;
  readonly patterns: number;
  readonly batches: number;
}

interface Texts {
  readonly pattern: string;
  readonly name: string;
}

const mixed: readonly ((nth: number) => Texts)[] = [
  (nth) => ({ pattern: `room-${nth}`, name: `room-${nth}` }),
  (nth) => ({ pattern: `private-group${nth}-$id`, name: `private-group${nth}-6f1c-4a22` }),
  (nth) => ({ pattern: `private-orders${nth}-*`, name: `private-orders${nth}-2026-11` }),
];

const sets: Record<PatternSet, (nth: number) => Texts> = {
  mixed: (nth) => mixed[nth % mixed.length]!(nth),
  middle: (nth) => ({ pattern: `private-$a-kind${nth}-$b`, name: `private-6f1c-4a22-kind${nth}-7` }),
  params: (nth) => ({ pattern: `private-$a-$b-$c-$d-kind${nth}-$e`, name: `private-1-2-3-4-kind${nth}-7` }),
  unlisted: (nth) => ({ pattern: `private-$a-$b-$c-$d-kind${nth}-$e`, name: `private-1-2-3-4-king${nth}-7` }),
};

const { parseRoomPattern } = await built<typeof Patterns>("policy/room-pattern.js");
const { RoomTable } = await built<typeof Tables>("policy/room-table.js");

/** Nanoseconds per name, the 10th percentile of all batches. */
function measure({ set, patterns, batches }: Asked): number {
  const textsOf = sets[set];
  const table = new RoomTable<number>();
  for (let nth = 0; nth < patterns; nth++) table.add(parseRoomPattern(textsOf(nth).pattern), nth);
  const names = Array.from({ length: 10 }, (_, nth) => textsOf(Math.floor(nth * patterns / 10)).name);
  const repeated = 200;
  const perName: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    let found = 0;
    const start = process.hrtime.bigint();
    for (let time = 0; time < repeated; time++) for (const name of names) if (table.find(name) !== undefined) found++;
    perName.push(Number(process.hrtime.bigint() - start) / (repeated * names.length));
    if (found !== (set === "unlisted" ? 0 : repeated * names.length)) throw new Error(`${found} names were found`);
  }
  return quantile(perName.slice(batches / 2), 0.1);
}

// The internals of the package as it is published, not as tsx would compile it.
function built<Module>(file: string): Promise<Module> {
  return import(new URL(`../../dist/${file}`, import.meta.url).href) as Promise<Module>;
}

answerCommands({ measure });
