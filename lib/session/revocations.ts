/** The revocations that this node knows, in memory. Matching a session takes a few lookups, however many records there are. */
import { merge, supersedes, type Revocable, type Revocation, type RevocationKind } from "./revocation.js";

// Each `add` checks this many other records for expiry, so that there is never a pause to check all of them.
const checkedPerAdd = 2;

export class Revocations {
  readonly #byValue: Record<RevocationKind, Map<string, Revocation>> = { token: new Map(), subject: new Map(), session: new Map(), all: new Map() };
  #expiryScan: Generator<Revocation> | undefined = undefined;

  get size(): number {
    return Object.values(this.#byValue).reduce((sum, { size }) => sum + size, 0);
  }

  *[Symbol.iterator](): Generator<Revocation> {
    for (const records of Object.values(this.#byValue)) yield* records.values();
  }

  /** Adds a record. Returns false if it has expired or adds nothing. */
  add(record: Revocation, now: number): boolean {
    const records = this.#byValue[record.kind];
    const known = records.get(record.value);
    if (supersedes(known, record) || record.expiresAt <= now) return false;
    records.set(record.value, merge(known, record));
    this.#forgetExpired(now);
    return true;
  }

  /** Whether this session is revoked. For a guest, only a revocation of the session itself counts. */
  covers({ id, subject, identity }: Revocable): boolean {
    const { session, token, subject: subjects, all } = this.#byValue;
    // All sessions may be checked in one turn, and a lookup hashes its key: so empty maps are skipped.
    if (session.size > 0 && session.has(id)) return true;
    if (subject === undefined) return false;
    const { tokenId, issuedAt } = identity;
    if (token.size > 0 && tokenId !== undefined && token.has(tokenId)) return true;
    return isBefore(issuedAt, subjects.get(subject)) || isBefore(issuedAt, all.get(""));
  }

  #forgetExpired(now: number): void {
    for (let checked = 0; checked < checkedPerAdd; checked += 1) {
      const next = (this.#expiryScan ??= this[Symbol.iterator]()).next();
      if (next.done === true) this.#expiryScan = undefined;
      else if (next.value.expiresAt <= now) this.#byValue[next.value.kind].delete(next.value.value);
    }
  }
}

/** A credential without a time of issue counts as issued before. */
function isBefore(issuedAt: number | undefined, record: Revocation | undefined): boolean {
  return record !== undefined && (issuedAt === undefined || issuedAt <= record.issuedBefore);
}
