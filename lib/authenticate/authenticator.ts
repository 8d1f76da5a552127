/** The interface of an authenticator: it reads a handshake and answers with an identity, with a refusal, or with undefined. */
import type { ApiKeyStore } from "../api-keys/record.js";
import type { Denial, DenialCode } from "../protocol.js";
import type { Refusal } from "../refusal.js";
import type { ValidityWindow } from "../token/validity.js";

export type { ValidityWindow };

/** The part of a handshake that authenticators see. Header names are in lower case. Nothing in it is verified. */
export interface GuardHandshake {
  /** What the client gave as `auth`. */
  readonly auth: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The client's address: with `trustProxy`, the one that the outermost trusted proxy saw. */
  readonly address: string;
  readonly namespace: string;
  /** Aborts when the connection closes, or when `authenticateTimeout` passes before there is an answer. */
  readonly signal: AbortSignal;
}

/** Tells whether an identity still holds after the handshake. Every event compares `generation`, which costs next to nothing while it stays the same. */
export interface LiveCredential {
  /** Grows with every change that could end this identity or move its validity. */
  readonly generation: number;
  /**
   * When the identity is valid, as known now. Undefined if its credential is no longer valid, which ends the session as
   * `token_invalid`; another denial code ends it with that code. `"unavailable"` denies events and ends nothing.
   */
  validity(identity: GuardIdentity): ValidityWindow | DenialCode | undefined;
  /** The identity as it is known now, if its claims or data can change too. Returns the same object while nothing has changed; the subject never changes. */
  current?(held: GuardIdentity): GuardIdentity;
  /** Calls back after each change. Returns a function that stops this. */
  onChange(listener: () => void): () => void;
}

/** The user or guest that an authenticator found. */
export interface GuardIdentity<Claims = unknown> extends ValidityWindow {
  /** The authenticator's name, for example `jwt`. */
  readonly method: string;
  /** The id of the user; undefined for a guest. */
  readonly subject: string | undefined;
  /** What rules see as `user`, unless there is a `findUser`. */
  readonly claims: Claims;
  /** The id by which this credential can be revoked: a token's `jti`, or a digest of it. */
  readonly tokenId?: string;
  /** When the credential was issued, in epoch milliseconds. */
  readonly issuedAt?: number;
  /** Sent to the client in `guard:session`. */
  readonly clientData?: unknown;
  /** Visible to rules and handlers, never to a client. */
  readonly serverData?: unknown;
  /** Checked again on every event. Without it only the validity window counts. */
  readonly credential?: LiveCredential;
  /** The code with which the session ends at `endsAt`. @default "token_expired" */
  readonly expiredCode?: "token_expired" | "credential_expired";
  /** The authenticator's own note about the credential, for example the key that verified it. Never shown. */
  readonly verifiedBy?: unknown;
}

/** What an authenticator answers. Undefined leaves the handshake to the next authenticator of the chain. */
export type AuthenticatorAnswer<Claims = unknown> = GuardIdentity<Claims> | Refusal | Denial | undefined;

/** One way to authenticate. If it throws, the handshake is refused as `unavailable`. */
export interface Authenticator<Claims = unknown> {
  /** A short name for audit events and `session.method`, such as "jwt". */
  readonly name: string;
  /** The parts of a handshake that hold its credentials. They are removed before handlers see the handshake. */
  readonly reads?: CredentialFields;
  /** How long its credentials can be valid, in milliseconds. Revocations are kept that long. @default 90 days */
  readonly maxLifetime?: number;
  /**
   * The account that a handshake tries to log in to, such as a username, or a list of all that it may be for. Failed logins are counted by each; it is
   * never logged. Leave it out where nothing can be guessed.
   */
  accountOf?(handshake: GuardHandshake): string | readonly string[] | undefined;
  /** Returns an identity, `refuse(code)` for a bad credential, or undefined to leave the handshake to the next authenticator. If it throws, the client is told `unavailable`. */
  authenticate(handshake: GuardHandshake): AuthenticatorAnswer<Claims> | Promise<AuthenticatorAnswer<Claims>>;
  /** Called by every guard that uses this authenticator, before the first handshake. */
  attach?(context: AuthenticatorContext): void;
  /** Since when it has not been able to authenticate anybody, in epoch milliseconds, for example because its keys are not loaded. Undefined while it can. */
  notReadySince?(): number | undefined;
  /** The id by which one of its raw tokens is revoked, or a denial if the token is not valid. */
  tokenId?(token: string): string | Denial;
}

/** What a guard shares with its authenticators. */
export interface AuthenticatorContext {
  /** The guard's `store`. */
  readonly store: { readonly apiKeys?: ApiKeyStore };
  /** The guard's `maxStaleness`, in milliseconds. */
  readonly maxStaleness: number;
  /** Reports an error of the store as the audit event `failed`. */
  readonly onError: (error: unknown) => void;
  /** Has the guard tell what is done to the keys of a store or a ring. @internal */
  readonly watchKeys?: (owner: object) => void;
}

/** Where a handshake may hold the credential. These parts are removed before other nodes see the handshake. */
export interface CredentialFields {
  /** The fields of `handshake.auth`. */
  readonly auth?: readonly string[] | "all";
  /** The names of cookies. An authenticator that reads cookies makes `origins` required. */
  readonly cookies?: readonly string[] | "all";
  /** The headers besides `authorization`, in lower case. */
  readonly headers?: readonly string[];
}
