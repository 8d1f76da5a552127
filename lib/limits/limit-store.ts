/** A store in which the nodes of a cluster count together. */
import { createHash } from "node:crypto";
import { GuardError } from "../guard-error.js";
import type { LimitKey } from "./limit-key.js";
import type { ParsedRate } from "./rate.js";

/** A window in which something counts. */
export interface SharedWindow {
  /** Names the limit, such as "user". Limits with the same name and rate count together. */
  readonly name: string;
  readonly key: LimitKey;
  readonly rate: ParsedRate;
}

/** A sliding window of one key, as a store knows it. */
export interface StoredWindow {
  /** A digest of the limit and its key: no user, address or room can be read from it. Windows of other rates have other ids. */
  readonly id: string;
  /** How many places there are in any window: 1 to 1,000,000,000. */
  readonly count: number;
  /** Milliseconds. */
  readonly window: number;
}

/**
 * Where nodes count together: what `redisLimits()` or `sqlLimits()` returns. In any window at most `count` places are taken, over all
 * nodes, by the clock of the store. Up to 32 places, each instant is kept. Above, a place counts for up to a fifteenth of the window too long.
 */
export interface LimitStore {
  /** Says that a node is there. Returns how many nodes said so within the last 30 seconds, and whether the store knew this one. */
  announce(node: string): Promise<{ readonly nodes: number; readonly isKnown: boolean }>;
  /**
   * Takes a place in each window, or in none. `waits` has the milliseconds until each window has a place: if all are 0, all are taken.
   * `places` is for `giveBack`. `isKnown` is false if the store has forgotten this node, and thus maybe what it counted.
   */
  take(windows: readonly StoredWindow[], node: string): Promise<{ readonly waits: readonly number[]; readonly places: readonly number[]; readonly isKnown: boolean }>;
  /** Gives back what `take` took in the same windows. */
  giveBack(windows: readonly StoredWindow[], places: readonly number[]): Promise<void>;
}

/** Milliseconds after which a node that says nothing is not counted any more. */
export const nodeLives = 30_000;

export function storedWindow({ name, key, rate: { count, window } }: SharedWindow): StoredWindow {
  return { id: createHash("sha256").update(JSON.stringify([name, count, window, key.text])).digest("base64url"), count, window };
}

/** @throws GuardError `option_invalid` */
export function readLimitStore(given: unknown, name: string): LimitStore {
  const { announce, take, giveBack } = (given ?? {}) as Partial<LimitStore>;
  if ([announce, take, giveBack].every((method) => typeof method === "function")) return given as LimitStore;
  throw new GuardError("option_invalid", `\`${name}\` must be redisLimits(client) or sqlLimits(database).`);
}
