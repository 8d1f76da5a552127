/** `apiKey()`: servers and bots come in by a key that a store knows the hash of. */
import { readKey, type ReadKey } from "../api-keys/format.js";
import type { FollowedKey } from "../api-keys/followed-key.js";
import { KeyFollower } from "../api-keys/follower.js";
import type { ApiKeyRecord, ApiKeyStorage } from "../api-keys/record.js";
import { holderOf, standingOf, type KeyVerifiedBy, type KeyInstants } from "../api-keys/standing.js";
import { apiKeysOf } from "../api-keys/storage.js";
import { refuseUndefined, refuseUnknownOptions, waitingTime, type Duration } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { denial, type Denial } from "../protocol.js";
import type { Authenticator, Handshake, Identity } from "./authenticator.js";

/** What rules see of a key's holder, unless the host's `claims` says otherwise. `scope(...)` reads `scopes`. */
export interface ApiKeyClaims {
  readonly sub: string;
  readonly scopes: readonly string[];
  readonly keyId: string;
  readonly keyName: string;
}

export interface ApiKeyOptions<Claims = ApiKeyClaims> {
  /** The store object that `apiKeys(store)` was given: its changes are then heard here at once. */
  readonly store: ApiKeyStorage;
  /** What rules see of it, such as the claims that tokens have. */
  readonly claims?: (key: ApiKeyClaims) => Claims;
  /** For how long this node may rely on what it last read of a key; for longer its sessions are `unavailable`. @default "5s" */
  readonly maxStaleness?: Duration;
  /** Told when keys in use cannot be read, or their last use cannot be written. @default nobody is; handshakes that fail are the guard's fact `failed` */
  readonly onError?: (error: unknown) => void;
}

/**
 * Authenticates by a key from `handshake.auth.apiKey`, else the header `X-API-Key`. A handshake without one is left to the
 * next authenticator. What was never a key is `token_malformed`; an id that is not there, and a wrong secret, `token_invalid`;
 * a key past its end `token_expired`; one that was revoked `token_revoked`.
 * @throws GuardError `store_invalid`, `option_unknown`, `option_undefined`, `option_invalid`, `duration_invalid`
 */
export function apiKey(options: ApiKeyOptions & { readonly claims?: never }): Authenticator<ApiKeyClaims>;
export function apiKey<Claims>(options: ApiKeyOptions<Claims> & { readonly claims: (key: ApiKeyClaims) => Claims }): Authenticator<Claims>;
export function apiKey<Claims>(options: ApiKeyOptions<Claims>): Authenticator<Claims> {
  const { store, claims, maxStaleness, failed } = readOptions(options);
  const follower = new KeyFollower({ store, maxStaleness, failed });

  const admit = (key: ReadKey, record: ApiKeyRecord | undefined, follow: (record: ApiKeyRecord) => FollowedKey) => {
    const standing = standingOf(record, key.hash);
    if (record === undefined || standing === undefined) return refused("token_invalid");
    if (standing === "token_revoked" || Date.now() >= standing.endsAt) return refused(standing === "token_revoked" ? standing : "token_expired");
    return identityOf(record, standing, key, follow(record));
  };
  const identityOf = (record: ApiKeyRecord, instants: KeyInstants, { hash }: ReadKey, credential: FollowedKey): Identity<Claims> => {
    const { id, name, subject, scopes } = record;
    const verifiedBy: KeyVerifiedBy = Object.freeze({ hash, holder: holderOf(record) });
    const seen = Object.freeze({ sub: subject, scopes: Object.freeze([...scopes]), keyId: id, keyName: name });
    // A key is no session: what a subject was issued ends with it, and the key may open the next one.
    return Object.freeze({ method: "apiKey", subject, claims: (claims === undefined ? seen : claims(seen)) as Claims, tokenId: id, issuedAt: Date.now(), ...instants, credential, verifiedBy });
  };

  return Object.freeze<Authenticator<Claims>>({
    name: "apiKey",
    reads: Object.freeze({ auth: ["apiKey"], headers: ["x-api-key"] }),
    accountOf: (handshake) => readKey(keyIn(handshake))?.id,
    authenticate(handshake) {
      const given = keyIn(handshake);
      if (given === undefined) return undefined;
      const key = readKey(given);
      if (key === undefined) return refused("token_malformed");
      const known = follower.known(key.id);
      // A secret that is not known may be one of a moment ago.
      if (known !== undefined && standingOf(known.record, key.hash) !== undefined) return admit(key, known.record, () => follower.keep(known));
      return follower.read(key.id, (record, asked) => admit(key, record, (found) => follower.follow(found, asked)));
    },
  });
}

/** What stands there decides even if it is no key: a bad key is never a guest. Undefined and null are none. */
function keyIn({ auth, headers }: Handshake): unknown {
  const own = Object.hasOwn(auth, "apiKey") ? auth["apiKey"] : undefined;
  return own ?? headers["x-api-key"] ?? undefined;
}

const sentences = {
  token_malformed: "The API key cannot be read. Check that it was copied whole.",
  token_invalid: "The API key is not valid here.",
  token_expired: "The API key has expired. Connect with its new one.",
  token_revoked: "The API key was revoked.",
} as const;

function refused(code: keyof typeof sentences): Denial {
  return denial(code, { message: sentences[code] });
}

const optionNames = ["store", "claims", "maxStaleness", "onError"];

function readOptions(options: ApiKeyOptions<unknown>) {
  if (typeof options !== "object" || options === null) throw new GuardError("option_invalid", "apiKey() takes an object of options: write apiKey({ store }).");
  refuseUnknownOptions(options, optionNames, "apiKey()");
  refuseUndefined(options, optionNames, "apiKey()");
  const { store, claims, maxStaleness = "5s", onError = () => undefined } = options;
  for (const [name, given] of Object.entries({ claims, onError })) {
    if (given !== undefined && typeof given !== "function") throw new GuardError("option_invalid", `apiKey() was given ${name} that is no function.`);
  }
  return { store: apiKeysOf(store, "apiKey()"), claims, maxStaleness: waitingTime(maxStaleness, "maxStaleness"), failed: onError };
}
