// Keycloak 26. The tokens, claim by claim: https://phasetwo.io/tutorials/getting-started/your-first-token/
// The endpoints and the audience mapper: https://www.keycloak.org/docs/latest/server_admin/
import { randomUUID } from "node:crypto";
import { role } from "../../../lib/index.js";
import { base64urlKid, withClaims, type Issues, type Provider } from "./provider.js";
import { rsaSigner, x5cOf } from "./signers.js";

const realm = "https://login.example/realms/acme";
const [signing, encrypting] = [rsaSigner(), rsaSigner()];
const kid = base64urlKid();

const jwkOf = (signer: typeof signing, rest: object) => ({ ...signer.jwk, x5c: x5cOf(signer, "acme"), x5t: base64urlKid(20), ...rest });

const allowed: Issues = (now) => ({
  header: { alg: "RS256", typ: "JWT", kid },
  key: signing.key,
  claims: {
    exp: now + 300, iat: now, auth_time: now - 60, jti: `onrtac:${randomUUID()}`, iss: realm, aud: ["chat", "account"], sub: "36fa0f91-f94d-4a0c-afed-6b7d952e47da",
    typ: "Bearer", azp: "chat-web", sid: randomUUID(), acr: "1", "allowed-origins": ["https://chat.example"],
    realm_access: { roles: ["default-roles-acme", "offline_access", "admin"] }, resource_access: { account: { roles: ["manage-account", "view-profile"] } },
    scope: "openid email profile", email_verified: true, name: "Carol Doe", preferred_username: "carol", given_name: "Carol", family_name: "Doe", email: "carol@example.com",
  },
});

/** `aud` is the client. With a mapper, it may also be the API; then only `typ` tells it from an access token. */
const idToken = withClaims(allowed, { typ: "ID", aud: "chat-web", at_hash: "dQw4w9WgXcQ_fPlsvVszIg", realm_access: undefined, resource_access: undefined, scope: undefined, "allowed-origins": undefined });

export const keycloak: Provider = {
  name: "Keycloak",
  file: "keycloak.ts",
  documents: {
    [`${realm}/.well-known/openid-configuration`]: { issuer: realm, jwks_uri: `${realm}/protocol/openid-connect/certs`, id_token_signing_alg_values_supported: ["RS256", "ES256", "EdDSA", "HS256"] },
    [`${realm}/protocol/openid-connect/certs`]: { keys: [jwkOf(encrypting, { kid: base64urlKid(), alg: "RSA-OAEP", use: "enc" }), jwkOf(signing, { kid, alg: "RS256", use: "sig" })] },
  },
  allowed,
  denied: withClaims(allowed, { sub: "71f150d0-41f6-11e7-a49f-4943fdcbc832", realm_access: { roles: ["default-roles-acme"] } }),
  rule: role("admin"),
  foreign: {
    "an ID token": idToken,
    "an ID token with the audience of the API": withClaims(idToken, { aud: ["chat", "chat-web"] }),
    "a token for another audience": withClaims(allowed, { aud: "account" }),
    "a token of another realm": withClaims(allowed, { iss: "https://login.example/realms/master" }),
  },
};
