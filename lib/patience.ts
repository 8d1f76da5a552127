/** How long a store is waited for. */
import { setTimeout as after } from "node:timers/promises";

// A lost answer must cost one reading of the several that fit into maxStaleness; but no store has to be faster than the least.
const least = 1_000;
const most = 5_000;

/** @throws Error if the answer does not come in time; what it rejects with */
export async function inTime<Answer>(answer: PromiseLike<Answer>, what: "API keys" | "revocations", maxStaleness: number): Promise<Answer> {
  const patience = Math.min(Math.max(maxStaleness / 4, least), most);
  const over = new AbortController();
  const tooLate = after(patience, undefined, { signal: over.signal, ref: false })
    .then(() => { throw new Error(`The store of ${what} did not answer within ${Math.ceil(patience)} ms.`); });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    over.abort();
    tooLate.catch(() => undefined);
  }
}
