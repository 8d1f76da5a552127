/** The revocations that this node knows, in memory: who is covered is a few lookups, however many there are. */
import { reachesAsFar, union, type Revocable, type Revocation, type RevocationKind } from "./revocation.js";

export class Revocations {
  /** By value. In each, what was added first expires first, but for a few that reach further. */
  readonly #known: Record<RevocationKind, Map<string, Revocation>> = { token: new Map(), subject: new Map(), session: new Map(), all: new Map() };

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
    if (reachesAsFar(known, record) || record.expiresAt <= now) return false;
    records.delete(record.value);
    records.set(record.value, union(known, record));
    forgetExpired(records, now);
    return true;
  }

  /** Whether this session, or the identity that it would have, is revoked. A guest holds nothing that could be. */
  covers({ id, subject, identity }: Revocable): boolean {
    if (this.#known.session.has(id)) return true;
    if (subject === undefined) return false;
    const { tokenId, issuedAt } = identity;
    if (tokenId !== undefined && this.#known.token.has(tokenId)) return true;
    return isBefore(issuedAt, this.#known.subject.get(subject)) || isBefore(issuedAt, this.#known.all.get(""));
  }
}

/** What does not say when it was issued counts as issued before. */
function isBefore(issuedAt: number | undefined, record: Revocation | undefined): boolean {
  return record !== undefined && (issuedAt === undefined || issuedAt <= record.issuedBefore);
}

function forgetExpired(records: Map<string, Revocation>, now: number): void {
  for (const [value, { expiresAt }] of records) {
    if (expiresAt > now) return;
    records.delete(value);
  }
}
