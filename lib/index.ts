/** socket.io-guard: the guard of a server, its authenticators, checks and stores. */
export { guard } from "./guard.js";
export type { Guard, GuardOptions, ToUser } from "./guard-types.js";
export type { GuardStats } from "./metrics/stats.js";
export type { GuardRoom } from "./rooms/room.js";
export type { GuardReport } from "./report.js";
export type { GuardAuditEvents } from "./audit-events.js";
export { GuardError, type GuardErrorCode } from "./guard-error.js";
export type { Duration } from "./configuration.js";

// Rules, and what they see.
export { anyone, deny, every, role, scope, signedIn, some } from "./policy/checks.js";
export { granted } from "./policy/granted.js";
export { signedBy } from "./policy/signed-by.js";
export type { Anyone, CheckContext, EventCheck, EventRule, EventRules, NamedCheck, UserlessCheck } from "./policy/rules.js";
export type { RoomCheck, RoomContext, RoomRule, RoomRules } from "./policy/room-rules.js";
export type { GuardSession } from "./session/session.js";
export type { FindUser } from "./session/user-cache.js";

// Authenticators.
export { refuse, type Refusal } from "./refusal.js";
export { anonymous } from "./authenticate/chain.js";
export { apiKey, type ApiKeyClaims } from "./authenticate/api-key.js";
export { jwt, type Jwt, type JwtClaims } from "./authenticate/jwt.js";
export type { Authenticator, GuardHandshake, GuardIdentity, LiveCredential } from "./authenticate/authenticator.js";
export { keyRing, type KeyRing, type ReloadingKeyRing } from "./token/create-key-ring.js";
export type { JwtKey } from "./token/key.js";
export type { RegisteredClaims } from "./token/claims.js";
export { signer, type Signer } from "./signer/signer.js";
export { roomAuthEndpoint } from "./room-auth/endpoint.js";
export type { RoomAuthAttempt } from "./room-auth/options.js";

// Stores, API keys and revocations.
export { memoryStore, type GuardStore } from "./store.js";
export { apiKeys, type ApiKeys, type IssuedApiKey } from "./api-keys/keys.js";
export type { ApiKeyStore } from "./api-keys/record.js";
export type { ApiKeyInfo } from "./api-keys/status.js";
export type { Revocation, RevocationStore } from "./session/revocation.js";
export type { RevocationTarget } from "./session/revoker.js";

// What clients are sent.
export { isDenial } from "./protocol.js";
export type { Denial, DenialCode, Denied, GuardClientEvents, GuardServerEvents, RoomMember, SessionNotice, SignIn, WithDenials } from "./protocol.js";
