/** `apiKey()`: authenticates servers and bots by an API key. */
import type { FollowedKey } from "../api-keys/followed-key.js";
import { KeyFollower } from "../api-keys/follower.js";
import { parseKey } from "../api-keys/format.js";
import { apiKeysOf, type ApiKeyRecord, type ApiKeyStore } from "../api-keys/record.js";
import { holderOf, keyStatus, type KeyVerifiedBy } from "../api-keys/status.js";
import { callback, duration, errorListener, optional, readOptionsBy, type Duration, type ReadBy } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { refuse } from "../refusal.js";
import type { Authenticator, AuthenticatorAnswer, AuthenticatorContext, GuardHandshake, GuardIdentity, ValidityWindow } from "./authenticator.js";

/** What rules see of a key, unless `claims` returns something else. `scope(...)` reads `scopes`. */
export interface ApiKeyClaims {
  /** The id of the user that the key acts for. */
  readonly sub: string;
  readonly scopes: readonly string[];
  /** The id of the key, which is public. */
  readonly keyId: string;
  /** The name that the key was created with. */
  readonly keyName: string;
}

/** The options of apiKey(). */
export interface ApiKeyOptions<Claims = ApiKeyClaims> {
  /** Use the same store object as for `apiKeys(store)`, so that changes apply at once. @default the guard's `store` */
  readonly store?: { readonly apiKeys?: ApiKeyStore };
  /** Returns the claims that rules see, for example claims like those of your tokens. */
  readonly claims?: (key: ApiKeyClaims) => Claims;
  /** How long this node may rely on its last read of a key. After that, events of its sessions are denied as `unavailable`. @default the guard's `maxStaleness` */
  readonly maxStaleness?: Duration;
  /** Called when keys in use cannot be read, or their last use cannot be written. @default the guard's audit event `failed` */
  readonly onError?: (error: unknown) => void;
}

/**
 * Authenticates by the key in `handshake.auth.apiKey`, else in the header `X-API-Key`. A handshake without a key is left to the next
 * authenticator.
 * @throws GuardError `store_invalid`, `option_unknown`, `option_undefined`, `option_invalid`
 */
export function apiKey(options?: ApiKeyOptions & { readonly claims?: never }): Authenticator<ApiKeyClaims>;
export function apiKey<Claims>(options: ApiKeyOptions<Claims> & { readonly claims: (key: ApiKeyClaims) => Claims }): Authenticator<Claims>;
export function apiKey<Claims>(options: ApiKeyOptions<Claims> = {}): Authenticator<Claims> {
  return Object.freeze(new ApiKeyAuthenticator<Claims>(readOptionsBy(readers, options, { where: "apiKey()", notUndefined: Object.keys(readers) })));
}

class ApiKeyAuthenticator<Claims> implements Authenticator<Claims> {
  readonly name = "apiKey";
  readonly reads = Object.freeze({ auth: ["apiKey"], headers: ["x-api-key"] });
  readonly #options: Options;
  #store: ApiKeyStore | undefined;
  #context: AuthenticatorContext | undefined = undefined;
  #follower: KeyFollower | undefined = undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#store = options.store;
  }

  attach(context: AuthenticatorContext): void {
    const store = this.#options.store ?? apiKeysOf(context.store, "apiKey()");
    if (this.#store !== undefined && this.#store !== store) {
      throw new GuardError("option_invalid", "A guard with another `store` uses this apiKey() already. Call apiKey() once for each guard.");
    }
    this.#store = store;
    this.#context ??= context;
    context.watchKeys?.(store);
  }

  accountOf(handshake: GuardHandshake): string | undefined {
    return parseKey(keyIn(handshake))?.id;
  }

  authenticate(handshake: GuardHandshake): AuthenticatorAnswer<Claims> | Promise<AuthenticatorAnswer<Claims>> {
    const given = keyIn(handshake);
    if (given === undefined) return undefined;
    const key = parseKey(given);
    if (key === undefined) return refusals.credential_malformed;
    const follower = (this.#follower ??= this.#startFollowing());
    const known = follower.known(key.id);
    // If the secret is unknown, it may be newer than what this node has read.
    if (known !== undefined && keyStatus(known.record, key.hash, Date.now()) !== "credential_invalid") return this.#answer(key.hash, known.record, () => follower.keep(known));
    return follower.load(key.id, (record, asOf) => this.#answer(key.hash, record, (found) => follower.follow(found, asOf)));
  }

  #answer(hash: string, record: ApiKeyRecord | undefined, follow: (record: ApiKeyRecord) => FollowedKey): AuthenticatorAnswer<Claims> {
    const status = keyStatus(record, hash, Date.now());
    if (record === undefined) return unknownId;
    return typeof status === "string" ? refusals[status] : this.#identityOf(record, hash, status, follow(record));
  }

  #identityOf(record: ApiKeyRecord, hash: string, validity: ValidityWindow, credential: FollowedKey): GuardIdentity<Claims> {
    const { id, name, subject, scopes } = record;
    const { claims } = this.#options;
    const seen: ApiKeyClaims = Object.freeze({ sub: subject, scopes: Object.freeze([...scopes]), keyId: id, keyName: name });
    const verifiedBy: KeyVerifiedBy = Object.freeze({ hash, holder: holderOf(record) });
    return Object.freeze({
      method: "apiKey",
      subject,
      claims: (claims === undefined ? seen : claims(seen)) as Claims,
      tokenId: id,
      // A revocation of the subject ends open sessions, and the key may open the next one.
      issuedAt: Date.now(),
      ...validity,
      expiredCode: "credential_expired",
      credential,
      verifiedBy,
    });
  }

  #startFollowing(): KeyFollower {
    const { maxStaleness = this.#context?.maxStaleness ?? 5_000, onError = this.#context?.onError ?? (() => undefined) } = this.#options;
    return new KeyFollower({ store: this.#store ?? apiKeysOf(undefined, "apiKey()"), maxStaleness, onError });
  }
}

/** The key that a client shows. A value that is not a key counts too: it is refused, and not left to `anonymous()`. */
function keyIn({ auth, headers }: GuardHandshake): unknown {
  const own = Object.hasOwn(auth, "apiKey") ? auth["apiKey"] : undefined;
  return own ?? headers["x-api-key"] ?? undefined;
}

const notKnown = "The API key is not valid here.";
const unknownId = refuse("credential_invalid", { message: notKnown, reason: "no API key has this id" });
const refusals = {
  credential_malformed: refuse("credential_malformed", {
    message: "The API key cannot be read. Check that it was copied completely.", reason: "it does not have the format of an API key, or its checksum is wrong",
  }),
  credential_invalid: refuse("credential_invalid", { message: notKnown, reason: "its secret is wrong" }),
  credential_expired: refuse("credential_expired", { message: "The API key has expired. Connect with the new one.", reason: "it has expired, or the grace of this secret has ended" }),
  credential_revoked: refuse("credential_revoked", { message: "The API key was revoked.", reason: "it was revoked" }),
};

const readers = {
  store: optional((store) => apiKeysOf(store as { readonly apiKeys?: ApiKeyStore }, "apiKey()")),
  claims: optional(callback<(key: ApiKeyClaims) => unknown>("(key) that returns the claims")),
  maxStaleness: optional(duration("5s")),
  onError: optional(errorListener<unknown>()),
};

type Options = ReadBy<typeof readers>;
