/** Signatures as Pusher's server libraries make them: a backend in whatever language says who its user is. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { refuseUnknownOptions } from "./configuration.js";
import { GuardError } from "./guard-error.js";
import type { SignedUser, SignIn } from "./protocol.js";

/** Names whose signature it is, and signs. */
export interface SigningKey {
  /** 1 to 128 letters, digits or `_.-`. Public: it is part of each signature. */
  readonly key: string;
  /** At least 20 bytes. */
  readonly secret: string;
}

export interface SignerOptions extends SigningKey {
  /** Keys that are still accepted, until `acceptUntil` (epoch milliseconds or a Date) if they have one. */
  readonly previous?: readonly (SigningKey & { readonly acceptUntil?: number | Date })[];
}

export interface Signer {
  /**
   * Says for the session of this `signingId` who its user is, as Pusher's `authenticateUser`.
   * @throws GuardError `signing_id_invalid`, `user_invalid`
   */
  authenticateUser(signingId: string, user: SignedUser): SignIn;
  /** Whether a key that is accepted at this instant signed it. */
  verifyUser(signingId: string, signed: SignIn, now: number): boolean;
}

interface Accepted extends SigningKey {
  readonly acceptUntil: number;
}

/**
 * @throws GuardError `signer_invalid`, `option_unknown`
 */
export function signer(options: SignerOptions): Signer {
  if (typeof options !== "object" || options === null) throw new GuardError("signer_invalid", "signer() takes an object: write signer({ key, secret }).");
  refuseUnknownOptions(options, ["key", "secret", "previous"], "signer()");
  const { previous = [], ...current } = options;
  const accepted: readonly Accepted[] = [current, ...previous].map(readKey);
  if (new Set(accepted.map(({ key }) => key)).size < accepted.length) throw new GuardError("signer_invalid", "Two keys of signer() have the same name: give each its own.");
  const [first] = accepted as [Accepted];
  return Object.freeze<Signer>({
    authenticateUser(signingId, user) {
      if (!isSigningId(signingId)) throw new GuardError("signing_id_invalid", "This is no signingId: give the one that the client was told in guard:session.");
      if (!isUserId(user?.id)) throw new GuardError("user_invalid", "A user to sign has no id: give { id } with a string of 1 to 1,024 characters.");
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

/** What is signed for a user (Pusher Channels, "User authentication"). */
export function userText(signingId: string, userData: string): string {
  return `${signingId}::user::${userData}`;
}

/** HMAC-SHA256, in lower-case hexadecimal. */
export function signatureOf(text: string, secret: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

export function isUserId(id: unknown): id is string {
  return typeof id === "string" && id !== "" && id.length <= 1_024;
}

function isSigningId(id: unknown): boolean {
  return typeof id === "string" && /^\d+\.\d+$/.test(id);
}

function isSame(given: string, right: string): boolean {
  return given.length === right.length && timingSafeEqual(Buffer.from(given, "latin1"), Buffer.from(right, "latin1"));
}

function readKey({ key, secret, acceptUntil = Infinity, ...more }: SigningKey & { readonly acceptUntil?: number | Date }): Accepted {
  refuseUnknownOptions(more, ["key", "secret", "acceptUntil"], "A key of signer()");
  if (typeof key !== "string" || !/^[\w.-]{1,128}$/.test(key)) throw new GuardError("signer_invalid", "A key of signer() is not 1 to 128 letters, digits or _.- characters: give the name of the key.");
  if (typeof secret !== "string" || Buffer.byteLength(secret) < 20) throw new GuardError("signer_invalid", "A secret of signer() is shorter than 20 bytes: make one with `openssl rand -hex 32`.");
  const until = Number(acceptUntil);
  if (Number.isNaN(until)) throw new GuardError("signer_invalid", "An acceptUntil of signer() is no instant: give a Date, or epoch milliseconds.");
  return Object.freeze({ key, secret, acceptUntil: until });
}
