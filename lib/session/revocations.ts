/** The revocations that this node knows, in memory: who is covered is a few lookups, however many there are. */
import { supersedes, merge, type Revocable, type Revocation, type RevocationKind } from "./revocation.js";

// Each record that is added has this many others looked at: so those that have expired go, without a pause for all of them.
const lookedAt = 2;

export class Revocations {
  /** By value. */
  readonly #known: Record<RevocationKind, Map<string, Revocation>> = { token: new Map(), subject: new Map(), session: new Map(), all: new Map() };
  #next: Generator<Revocation> | undefined = undefined;

  get size(): number {
    return Object.values(this.#known).reduce((sum, { size }) => sum + size, 0);
  }

  *[Symbol.iterator](): Generator<Revocation> {
    for (const records of Object.values(this.#known)) yield* records.values();
  }

  /** Takes a record. False if it says nothing new. */
  add(record: Revocation, now: number): boolean {
    const records = this.#known[record.kind];
    const known = records.get(record.value);
    if (supersedes(known, record) || record.expiresAt <= now) return false;
    records.set(record.value, merge(known, record));
    this.#forgetExpired(now);
    return true;
  }

  /** Whether this session, or the identity that it would have, is revoked. A guest holds nothing that could be. */
  covers({ id, subject, identity }: Revocable): boolean {
    const { session, token, subject: subjects, all } = this.#known;
    // A look-up hashes what it looks for: all sessions may be held against this in one turn.
    if (session.size > 0 && session.has(id)) return true;
    if (subject === undefined) return false;
    const { tokenId, issuedAt } = identity;
    if (token.size > 0 && tokenId !== undefined && token.has(tokenId)) return true;
    return isBefore(issuedAt, subjects.get(subject)) || isBefore(issuedAt, all.get(""));
  }

  #forgetExpired(now: number): void {
    for (let looked = 0; looked < lookedAt; looked += 1) {
      const next = (this.#next ??= this[Symbol.iterator]()).next();
      if (next.done === true) this.#next = undefined;
      else if (next.value.expiresAt <= now) this.#known[next.value.kind].delete(next.value.value);
    }
  }
}

/** What does not say when it was issued counts as issued before. */
function isBefore(issuedAt: number | undefined, record: Revocation | undefined): boolean {
  return record !== undefined && (issuedAt === undefined || issuedAt <= record.issuedBefore);
}
