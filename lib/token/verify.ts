/** A raw token, the rules and an instant -> whom it speaks of, or why it is refused. Pure but for what the key ring holds now. */
import { createHash } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { type RegisteredClaims, judge, readRegistered, subjectOf, visibleClaims } from "./claims.js";
import { instantsOf, refusalAt, type TokenInstants } from "./instants.js";
import type { BoundKey } from "./key.js";
import { type Envelope, readEnvelope, readPayload } from "./read.js";
import { Refusal, invalid } from "./refusal.js";
import type { TokenRules } from "./rules.js";

/** What is left of a token once it is verified: all that is needed to say at any later instant what verifying it again would say. */
export interface VerifiedToken extends TokenInstants {
  readonly subject: string;
  readonly claims: object;
  /** Its `jti`, else a digest of what is signed: a token's text has one spelling, but its signature may have several. */
  readonly tokenId: string;
  /** Epoch milliseconds of `iat`, rounded. */
  readonly issuedAt: number | undefined;
  readonly verifiedBy: VerifiedBy;
}

export interface VerifiedBy {
  readonly key: BoundKey;
  /** The token's own `kid`. */
  readonly kid: string | undefined;
}

const keyless = new Refusal("unavailable", "the keys are not loaded yet");
const unsigned = invalid("no key that we trust for its algorithm and kid signed it");

/**
 * Verifies a whole token as of `now` (epoch milliseconds). Its claims are looked at only after its signature holds.
 * @throws GuardError only for a mistake of the host: `claims_async`, `claims_output_invalid`
 */
export function verifyToken(token: unknown, now: number, rules: TokenRules): VerifiedToken | Refusal {
  const envelope = readEnvelope(token);
  if (envelope instanceof Refusal) return envelope;
  const payload = readPayload(envelope);
  if (payload instanceof Refusal) return payload;
  const key = signerOf(envelope, rules);
  if (key instanceof Refusal) return key;
  const registered = readRegistered(payload);
  if (registered instanceof Refusal) return registered;
  const refused = judge(registered, rules);
  if (refused) return refused;
  const subject = subjectOf(payload, rules);
  if (subject instanceof Refusal) return subject;
  const claims = visibleClaims(payload, registered, rules.schema);
  if (claims instanceof Refusal) return claims;
  const instants = withKey(instantsOf(registered, rules), key);
  const verifiedBy = Object.freeze({ key, kid: envelope.header.kid });
  return refusalAt(now, instants) ?? { subject, claims, tokenId: registered.jti ?? digest(envelope), issuedAt: milliseconds(registered.iat), ...instants, verifiedBy };
}

/** The instants as the ring stands now, or nothing if verifying the same token again would find no key. */
export function instantsNow({ claims, verifiedBy }: Pick<VerifiedToken, "claims" | "verifiedBy">, rules: TokenRules): TokenInstants | undefined {
  const key = rules.ring.current(verifiedBy.key, verifiedBy.kid);
  // The registered claims are among those that rules see, as they were signed.
  return key && withKey(instantsOf(claims as RegisteredClaims, rules), key);
}

/** The key whose signature it bears. Its header may choose among our keys; each key decides the algorithm. */
function signerOf(envelope: Envelope, { ring, algorithms }: Pick<TokenRules, "ring" | "algorithms">): BoundKey | Refusal {
  const { algorithm, kid } = envelope.header;
  if (!algorithms.has(algorithm)) return unsigned;
  if (!ring.isLoaded) return keyless;
  return ring.candidates(algorithm, kid).find((key) => isSignedBy(envelope.token, key)) ?? unsigned;
}

function isSignedBy(token: string, key: BoundKey): boolean {
  if (!hasWholeSignature(token, key)) return false;
  try {
    // Time and claims are judged by instants.ts and claims.ts, on the same payload.
    jsonwebtoken.verify(token, key.verifying, { algorithms: [key.algorithm], ignoreExpiration: true, ignoreNotBefore: true });
    return true;
  } catch {
    return false;
  }
}

/** An RSA signature is as long as the modulus, also where it begins with zeros, which OpenSSL does not ask for (RFC 8017, sections 8.1.2 and 8.2.2). */
function hasWholeSignature(token: string, { verifying }: BoundKey): boolean {
  const bits = verifying.asymmetricKeyDetails?.modulusLength;
  if (bits === undefined) return true;
  const letters = token.length - token.lastIndexOf(".") - 1;
  return Math.floor((letters * 3) / 4) === Math.ceil(bits / 8);
}

function digest({ token }: Envelope): string {
  return `sha256:${createHash("sha256").update(token.slice(0, token.lastIndexOf("."))).digest("base64url")}`;
}

function withKey({ notBefore, endsAt }: TokenInstants, key: BoundKey): TokenInstants {
  return { notBefore, endsAt: Math.min(endsAt, key.acceptUntil) };
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}
