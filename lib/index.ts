/** The public names. */
export { apiKeys, type ApiKeys, type IssuedApiKey, type NewApiKey } from "./api-keys/keys.js";
export type { ApiKeyRecord, ApiKeySecret, ApiKeyStore } from "./api-keys/record.js";
export type { ApiKeyInfo } from "./api-keys/status.js";
export { anonymous } from "./authenticate/anonymous.js";
export { apiKey, type ApiKeyClaims, type ApiKeyOptions } from "./authenticate/api-key.js";
export type { Authenticator, AuthenticatorAnswer, LiveCredential, Handshake, Identity, ValidityWindow } from "./authenticate/authenticator.js";
export { jwt, type Jwt, type JwtClaims, type JwtOptions } from "./authenticate/jwt.js";
export type { Origins } from "./socket/origin.js";
export type { Duration } from "./configuration.js";
export type { AuditListener, AuditEventName, GuardAuditEvents, SocketDetails } from "./audit-events.js";
export { guard } from "./guard.js";
export type { Guard, GuardOptions, GuardStats, LoginOptions, MaxSessions, NamespaceOptions, ToUser } from "./guard-types.js";
export { anyone, deny, every, role, scope, signedIn, some } from "./policy/checks.js";
export type { Anyone, Check, CheckAnswer, CheckContext, EventRules, NamedCheck, OnDenied, Payload, Rule, UserlessCheck } from "./policy/rules.js";
export { GuardError, type GuardErrorCode } from "./guard-error.js";
export {
  isDenial, type Denial, type DenialCode, type Denied, type GuardClientEvents, type GuardServerEvents, type Reconnect,
  type RefreshAnswer, type SessionNotice, type SignedUser, type SignIn, type SignInAnswer, type WithDenials,
} from "./protocol.js";
export { refuse, type Refusal } from "./refusal.js";
export type { FindUser } from "./session/user-cache.js";
export type { Revocation, RevocationKind, RevocationPage, RevocationStore, RevocationVersion } from "./session/revocation.js";
export type { RevocationTarget } from "./session/revoker.js";
export type { Session } from "./session/session.js";
export { signer, type Signer, type SignerOptions, type SigningKey } from "./signer.js";
export { memoryStore, type GuardStore } from "./store.js";
export type { Algorithm } from "./token/algorithms.js";
export type { RegisteredClaims } from "./token/claims.js";
export type { Key } from "./token/key.js";
export type { IssueOptions } from "./token/issue.js";
export { keyRing, type KeyRing, type KeyRingOptions, type Keys, type ReloadingKeyRing } from "./token/create-key-ring.js";
export type { Jwk, KeyMaterial, Secret } from "./token/key-import.js";
export type { ClaimsSchema, TokenOptions } from "./token/options.js";
