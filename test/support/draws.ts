// The number of random draws of a test, and their seed. `npm test` makes a hundredth of the draws, `npm run test:long` all
// of them. The seed is printed, so that a failure can be repeated.

/** The full number if DRAWS=full, else a hundredth of it, and at least one. */
export function draws(full: number): number {
  return process.env["DRAWS"] === "full" ? full : Math.max(1, Math.ceil(full / 100));
}

/** The seed of this run: SEED if it is set, else a random one, which is printed. */
export function seed(): number {
  chosen ??= choose();
  return chosen;
}

/** A generator of numbers from 0 to 1 that depend only on the seed (mulberry32). */
export function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A random selection of `count` items, in their original order. */
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
