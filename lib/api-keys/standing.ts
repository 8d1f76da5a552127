/** Whether a key holds, as of its record: pure, and the same at the handshake and on every look after it. */
import { isSameHash } from "./format.js";
import type { ApiKeyRecord } from "./record.js";

/** Epoch milliseconds. A key has no beginning: clocks of nodes differ, and a new one may be used at once. */
export interface KeyInstants {
  readonly notBefore: number;
  readonly endsAt: number;
}

/** What came in: a key's hash, and whom it spoke for then. */
export interface KeyVerifiedBy {
  readonly hash: string;
  readonly holder: string;
}

// An id that is not there takes as long as a secret that is wrong.
const nobody = [{ hash: "-".repeat(43), acceptUntil: null }];

/** Undefined for what is no key, whether its id is known or not. Only the holder of a key hears that it was revoked. */
export function standingOf(record: ApiKeyRecord | undefined, hash: string): KeyInstants | "token_revoked" | undefined {
  const secret = (record?.secrets ?? nobody).find((one) => isSameHash(one.hash, hash));
  if (record === undefined || secret === undefined) return undefined;
  if (record.revokedAt !== null) return "token_revoked";
  return { notBefore: -Infinity, endsAt: Math.min(record.expiresAt ?? Infinity, secret.acceptUntil ?? Infinity) };
}

/** As above for a session: one that speaks for somebody else by now, or has other scopes, has to come in anew. */
export function standingNow(record: ApiKeyRecord | undefined, { hash, holder }: KeyVerifiedBy): KeyInstants | "token_revoked" | undefined {
  return record !== undefined && holderOf(record) === holder ? standingOf(record, hash) : undefined;
}

export function holderOf({ subject, scopes }: ApiKeyRecord): string {
  return JSON.stringify([subject, scopes]);
}
