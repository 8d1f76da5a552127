// How often a random test draws, and from which seed: `npm test` does a hundredth, `npm run test:long` all of them, and
// a failure prints the seed that draws the same again.

/** All draws when DRAWS=full, else a hundredth (at least one). */
export function draws(full: number): number {
  return process.env["DRAWS"] === "full" ? full : Math.max(1, Math.ceil(full / 100));
}

/** The run's seed: SEED when it is given, else a fresh one, printed once. */
export function seed(): number {
  chosen ??= choose();
  return chosen;
}

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** So many of these, in the order in which they were. */
export function drawn<Item>(items: readonly Item[], count: number, random: () => number): Item[] {
  const left = [...items];
  while (left.length > count) left.splice(Math.floor(random() * left.length), 1);
  return left;
}

let chosen: number | undefined;

function choose(): number {
  const given = process.env["SEED"];
  const value = given === undefined ? Math.floor(Math.random() * 4294967296) : Number(given);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`SEED must be a whole number, not "${given}"`);
  if (given === undefined) console.log(`  random draws from SEED=${value}`);
  return value;
}
