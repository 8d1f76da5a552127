/** What an authenticator is: it looks at a handshake and answers with an identity, a refusal, or "not mine, ask the next". */
import type { Denial, DenialCode } from "../protocol.js";

/** What an authenticator may read. Header names are lower case. Nothing in it is verified. */
export interface Handshake {
  readonly auth: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The remote address of the connection, as the server sees it. */
  readonly address: string;
  readonly namespace: string;
  /** Aborts when the connection closes or `authenticateTimeout` passes before there is an answer. */
  readonly signal: AbortSignal;
}

/** What keeps an identity true after the handshake: looked at on every event, as one compare while `generation` stands still. */
export interface LiveCredential {
  /** Grows with every change that could end this identity or move its instants. */
  readonly generation: number;
  /**
   * The instants as they are now. Else why there are none: nothing if the credential does not hold any more (`token_invalid`),
   * `"unavailable"` if nobody can say so now, which ends nobody, or another denial code that says why.
   */
  instants(identity: Identity): Instants | DenialCode | undefined;
  /** This identity as it is known now, if more than its instants can change: of the same subject, and the same object while nothing has. */
  current?(held: Identity): Identity;
  /** Calls back after each change; answers how to stop. */
  onChange(listener: () => void): () => void;
}

/** Epoch milliseconds, as the authenticator's clock counts them: accepted from `notBefore` on, and until just before `endsAt`. */
export interface Instants {
  readonly notBefore: number;
  readonly endsAt: number;
}

/** Who connects, as an authenticator found it. */
export interface Identity<Claims = unknown> extends Instants {
  /** The authenticator's name, for example `jwt`. */
  readonly method: string;
  /** Who it is; a guest has none. */
  readonly subject: string | undefined;
  readonly claims: Claims;
  /** What names this credential among all, so that it can be revoked: a token's `jti`, or a digest of it. */
  readonly tokenId?: string;
  /** Epoch milliseconds at which the credential was issued. */
  readonly issuedAt?: number;
  /** Told to the client in `guard:session`. */
  readonly clientData?: unknown;
  /** Seen by rules and handlers, never by a client. */
  readonly serverData?: unknown;
  /** What is looked at again on every event. Without it only the instants count. */
  readonly credential?: LiveCredential;
  /** The authenticator's own note on the credential, for example the key that verified it. Never shown. */
  readonly verifiedBy?: unknown;
}

/** An identity, a refusal, or undefined: not mine, ask the next. */
export type Answer<Claims = unknown> = Identity<Claims> | Denial | undefined;

/** One way in. What it throws refuses the handshake. */
export interface Authenticator<Claims = unknown> {
  readonly name: string;
  /** The cookie that it reads, if any, or true for all: a cookie makes `origins` required, and is taken out of what handlers see. */
  readonly cookie?: string | true;
  /** The fields of `handshake.auth` that it reads, or true for all: taken out of what handlers see. */
  readonly secrets?: readonly string[] | true;
  /** The headers that it reads besides `authorization`, in lower case: taken out of what handlers see. */
  readonly headers?: readonly string[];
  /** The clock that its instants are counted by: epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /** How long its credentials can hold, in milliseconds: revocations are kept that long. @default 90 days */
  readonly maxLifetime?: number;
  authenticate(handshake: Handshake): Answer<Claims> | Promise<Answer<Claims>>;
  /** The id of a raw token of its own, by which it is revoked; a denial for one that does not hold. */
  tokenId?(token: string): string | Denial;
}
