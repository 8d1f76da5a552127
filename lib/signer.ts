/** Signs users the way Pusher's server libraries do, so that a backend in any language can sign in the user of a session. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { refuseUnknownOptions } from "./configuration.js";
import { GuardError } from "./guard-error.js";
import type { SignedUser, SignIn } from "./protocol.js";

/** A key that a backend signs with. */
export interface SigningKey {
  /** The public name of the key: 1 to 128 letters, digits or `_.-`. Every signature contains it. */
  readonly key: string | undefined;
  /** At least 20 bytes. */
  readonly secret: string | undefined;
}

/** The options of signer(). */
export interface SignerOptions extends SigningKey {
  /** Earlier keys whose signatures are still accepted: until `acceptUntil` (epoch milliseconds or a Date), or without an end. */
  readonly previous?: readonly (SigningKey & { readonly acceptUntil?: number | Date })[];
}

/** Verifies the signatures of a backend: see `signer`. */
export interface Signer {
  /**
   * Signs a user for the session with this `signingId`, like Pusher's `authenticateUser`.
   * @throws GuardError `option_invalid`
   */
  authenticateUser(signingId: string, user: SignedUser): SignIn;
  /** Whether a key that is accepted at this instant (epoch milliseconds) has signed this. */
  verifyUser(signingId: string, signed: SignIn, now: number): boolean;
}

interface AcceptedKey {
  readonly key: string;
  readonly secret: string;
  readonly acceptUntil: number;
}

/**
 * The signatures that `guard:signin` accepts.
 * @throws GuardError `option_invalid`, `option_unknown`, `secret_too_short`
 */
export function signer(options: SignerOptions): Signer {
  if (typeof options !== "object" || options === null) throw invalid("signer() takes an object: signer({ key, secret }).");
  refuseUnknownOptions(options, ["key", "secret", "previous"], "signer()");
  const { previous = [], ...current } = options;
  const accepted = [current, ...previous].map(readKey);
  if (new Set(accepted.map(({ key }) => key)).size < accepted.length) throw invalid("Two keys of signer() have the same `key`. Give each key its own name.");
  const [first] = accepted as [AcceptedKey];
  return Object.freeze<Signer>({
    authenticateUser(signingId, user) {
      if (!isSigningId(signingId)) throw invalid("`signingId` must be the one that the client received in guard:session.");
      if (!isUserId(user?.id)) throw invalid("The user to sign needs an `id`: a string of 1 to 1,024 characters.");
      const user_data = JSON.stringify(user);
      return { auth: `${first.key}:${signatureOf(userText(signingId, user_data), first.secret)}`, user_data };
    },
    verifyUser(signingId, { auth, user_data }, now) {
      const [name, signature = ""] = auth.split(":", 2);
      const signedBy = accepted.find(({ key }) => key === name);
      if (signedBy === undefined || !(now < signedBy.acceptUntil) || auth.length !== signedBy.key.length + 65) return false;
      return isSame(signature, signatureOf(userText(signingId, user_data), signedBy.secret));
    },
  });
}

/** The text that is signed for a user (Pusher Channels, "User authentication"). */
export function userText(signingId: string, userData: string): string {
  return `${signingId}::user::${userData}`;
}

/** HMAC-SHA256 in lower-case hexadecimal. */
export function signatureOf(text: string, secret: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

export function isUserId(id: unknown): id is string {
  return typeof id === "string" && id !== "" && id.length <= 1_024;
}

function isSigningId(id: unknown): boolean {
  return typeof id === "string" && /^\d+\.\d+$/.test(id);
}

function isSame(given: string, expected: string): boolean {
  return given.length === expected.length && timingSafeEqual(Buffer.from(given, "latin1"), Buffer.from(expected, "latin1"));
}

function readKey({ key, secret, acceptUntil = Infinity, ...more }: SigningKey & { readonly acceptUntil?: number | Date }): AcceptedKey {
  refuseUnknownOptions(more, ["key", "secret", "acceptUntil"], "A key of signer()");
  if (typeof key !== "string" || !/^[\w.-]{1,128}$/.test(key)) throw invalid("`key` of signer() must be a name of 1 to 128 letters, digits or `_.-`.");
  if (typeof secret !== "string") throw invalid("`secret` of signer() must be a string of at least 20 bytes.");
  if (Buffer.byteLength(secret) < 20) throw new GuardError("secret_too_short", "`secret` of signer() has less than 20 bytes. Create one with `openssl rand -hex 32`.");
  const until = Number(acceptUntil);
  if (Number.isNaN(until)) throw invalid("`acceptUntil` of signer() must be a Date or epoch milliseconds.");
  return Object.freeze({ key, secret, acceptUntil: until });
}

function invalid(message: string): GuardError {
  return new GuardError("option_invalid", message);
}
