// The result of a bench: a table of summaries, and the goals.
import type { Summary } from "./statistics.js";

export interface Result {
  readonly name: string;
  /** What is measured, and at which level, in one line. Without it, a ratio means nothing. */
  readonly level: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly variant: string; readonly cells: readonly (Summary | undefined)[] }[];
  readonly goals: readonly Goal[];
}

export interface Goal {
  readonly goal: string;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly measured: number;
}

export interface Scale {
  readonly rounds: number;
  readonly short: boolean;
}

export type Bench = (scale: Scale) => Promise<Result>;

export function isMet({ atMost, atLeast, measured }: Goal): boolean {
  return (atMost === undefined || measured <= atMost) && (atLeast === undefined || measured >= atLeast);
}
