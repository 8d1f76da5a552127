// Auth0. The token: https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles (the Auth0 profile, with `permissions`).
// The ID token: https://auth0.com/docs/secure/tokens/id-tokens/id-token-structure
// The keys: https://auth0.com/docs/secure/tokens/json-web-tokens/json-web-key-sets (several while keys are rotated)
import { role } from "../../../lib/index.js";
import { base64urlKid, withClaims, type Issues, type Provider } from "./provider.js";
import { rsaSigner, x5cOf } from "./signers.js";

const tenant = "https://acme.eu.auth0.com/";
const client = "K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja";
const [current, next] = [rsaSigner(), rsaSigner()];
const kid = base64urlKid(16);

const jwkOf = (signer: typeof current, kid: string) => ({ ...signer.jwk, use: "sig", kid, x5t: base64urlKid(20), x5c: x5cOf(signer, "acme.eu.auth0.com"), alg: "RS256" });

const allowed: Issues = (now) => ({
  header: { alg: "RS256", typ: "JWT", kid },
  key: current.key,
  claims: {
    iss: tenant, sub: "auth0|6553da60a54af58e29493993", aud: ["https://chat.example", "https://acme.eu.auth0.com/userinfo"], iat: now, exp: now + 86_400,
    scope: "openid profile", azp: client, permissions: ["ban:users", "post:messages"],
  },
});

const byRfc9068: Issues = (now) => {
  const { azp, ...claims } = allowed(now).claims;
  return { ...allowed(now), header: { alg: "RS256", typ: "at+jwt", kid }, claims: { ...claims, client_id: azp, jti: "73WakrfVbNJBaAmhQtEeDv" } };
};

const idToken: Issues = (now) => ({
  ...allowed(now),
  claims: {
    nickname: "carol", name: "carol@example.com", updated_at: "2026-11-01T10:00:00.000Z", email: "carol@example.com", email_verified: true,
    iss: tenant, aud: client, sub: "auth0|6553da60a54af58e29493993", iat: now, exp: now + 36_000, sid: "bpPtWZGv0wFKhE1qCQhVwqkzlvqhVmi2", nonce: "WFNmM2V6",
  },
});

export const auth0: Provider = {
  name: "Auth0",
  file: "auth0.ts",
  documents: {
    "https://acme.eu.auth0.com/.well-known/jwks.json": { keys: [jwkOf(current, kid), jwkOf(next, base64urlKid(16))] },
    "https://acme.eu.auth0.com/.well-known/openid-configuration": { issuer: tenant, jwks_uri: "https://acme.eu.auth0.com/.well-known/jwks.json", id_token_signing_alg_values_supported: ["HS256", "RS256", "PS256"] },
  },
  allowed,
  denied: withClaims(allowed, { sub: "auth0|7c1be7d1c0ffee", permissions: ["post:messages"] }),
  rule: role("ban:users"),
  accepted: { "a token of the RFC 9068 profile": byRfc9068 },
  foreign: {
    "an ID token": idToken,
    "a token for another API": withClaims(allowed, { aud: ["https://shop.example", "https://acme.eu.auth0.com/userinfo"] }),
    "a token of another tenant": withClaims(allowed, { iss: "https://other.eu.auth0.com/" }),
    "an issuer without its slash": withClaims(allowed, { iss: "https://acme.eu.auth0.com" }),
  },
};
