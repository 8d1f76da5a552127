/** Verifies a raw token: who it names, or why it is refused. Apart from the keys that the ring holds now, the result depends on its arguments alone. */
import { hash } from "node:crypto";
import { Refusal, refuse } from "../refusal.js";
import { readLists } from "./claim-lists.js";
import { type RegisteredClaims, readRegistered, subjectOf, visibleClaims } from "./claims.js";
import { judge } from "./judge.js";
import type { BoundKey } from "./key.js";
import type { TokenConfig } from "./options.js";
import { type ParsedToken, parseToken } from "./parse.js";
import { isSignedBy } from "./signature.js";
import { type ValidityWindow, refusalAt, validityOf } from "./validity.js";

/** What is kept of a verified token. It is enough to tell at any later time what verifying the token again would tell. */
export interface VerifiedToken extends ValidityWindow {
  readonly subject: string;
  readonly claims: object;
  /** Its `jti`, or else a digest of what is signed. (Its signature can have several spellings.) */
  readonly tokenId: string;
  /** Its `iat` in epoch milliseconds, rounded. */
  readonly issuedAt: number | undefined;
  readonly verifiedBy: VerifiedBy;
}

export interface VerifiedBy {
  readonly key: BoundKey;
  /** The `kid` of the token. */
  readonly kid: string | undefined;
}

const notLoaded = refuse("unavailable", { reason: "the keys are not loaded yet" });
const notTrusted = refuse("token_invalid", { reason: "no trusted key of its `alg` and `kid` signed it" });
const unknownKid = refuse("unavailable", { reason: "no key has its `kid`, and the keys could not be loaded again" });

/**
 * Verifies a whole token as of `now`, in epoch milliseconds.
 * @throws GuardError only for a mistake of the host: `claims_async`, `claims_output_invalid`
 */
export function verifyToken(token: unknown, now: number, config: TokenConfig): VerifiedToken | Refusal {
  const parsed = parseToken(token, config.maxTokenLength);
  if (parsed instanceof Refusal) return parsed;
  const key = signerOf(parsed, config);
  if (key instanceof Refusal) return key;
  const registered = readRegistered(parsed.payload);
  if (registered instanceof Refusal) return registered;
  const refused = judge(registered, parsed.payload, config);
  if (refused) return refused;
  const subject = subjectOf(parsed.payload, config);
  if (subject instanceof Refusal) return subject;
  const lists = readLists(parsed.payload, config);
  if (lists instanceof Refusal) return lists;
  const claims = visibleClaims(parsed.payload, registered, config.schema, lists);
  if (claims instanceof Refusal) return claims;
  const validity = withKey(validityOf(registered, config), key);
  return refusalAt(now, validity) ?? { subject, claims, tokenId: registered.jti ?? digestOf(parsed), issuedAt: toMilliseconds(registered.iat), ...validity, verifiedBy: noteOf(key, parsed.header.kid) };
}

/** Verifies a token now. If no key has its `kid`, the keys may have changed: then it is verified once more after they were loaded again. */
export function verifyOrReload(token: unknown, config: TokenConfig): VerifiedToken | Refusal | Promise<VerifiedToken | Refusal> {
  const verified = verifyToken(token, Date.now(), config);
  if (verified !== unknownKid) return verified;
  const reloaded = config.ring.reloadForUnknownKid();
  return reloaded === undefined ? unknownKid : verifyAfter(reloaded, token, config);
}

async function verifyAfter(reloaded: Promise<void>, token: unknown, config: TokenConfig): Promise<VerifiedToken | Refusal> {
  try {
    await reloaded;
  } catch {
    return unknownKid;
  }
  const verified = verifyToken(token, Date.now(), config);
  return verified === unknownKid ? notTrusted : verified;
}

/** The validity of a verified token with the keys as they are now. Undefined if verifying it again would find no key. */
export function validityNow({ claims, verifiedBy }: Pick<VerifiedToken, "claims" | "verifiedBy">, config: TokenConfig): ValidityWindow | undefined {
  const key = config.ring.current(verifiedBy.key, verifiedBy.kid);
  // The claims that rules see hold the registered claims as they were signed.
  return key && withKey(validityOf(claims as RegisteredClaims, config), key);
}

/** The key that signed it. The header may choose among our keys, and each key decides its algorithm. */
export function signerOf(parsed: ParsedToken, { ring, algorithms }: TokenConfig): BoundKey | Refusal {
  const { algorithm, kid } = parsed.header;
  if (!algorithms.has(algorithm)) return notTrusted;
  if (!ring.isLoaded) return notLoaded;
  const key = ring.candidates(algorithm, kid).find((candidate) => isSignedBy(parsed, candidate));
  return key ?? (ring.mayLoad(kid) ? unknownKid : notTrusted);
}

/** What the last token of each key was verified by. Most tokens of a key have the same `kid`, and share this. */
const notes = new WeakMap<BoundKey, VerifiedBy>();

function noteOf(key: BoundKey, kid: string | undefined): VerifiedBy {
  const last = notes.get(key);
  if (last !== undefined && last.kid === kid) return last;
  const note = Object.freeze({ key, kid });
  notes.set(key, note);
  return note;
}

function digestOf({ text, signedLength }: ParsedToken): string {
  return `sha256:${hash("sha256", text.slice(0, signedLength), "base64url")}`;
}

function withKey({ notBefore, endsAt }: ValidityWindow, key: BoundKey): ValidityWindow {
  return { notBefore, endsAt: Math.min(endsAt, key.acceptUntil) };
}

function toMilliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}
