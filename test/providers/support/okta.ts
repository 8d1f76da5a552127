// Okta, with a custom authorization server. The tokens: https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/
// (access token and ID token side by side: https://groups.google.com/g/rabbitmq-users/c/O3GdCKf8soM/m/ZsjMcizrAgAJ).
// The groups claim: https://developer.okta.com/docs/guides/customize-tokens-groups-claim/
import { role } from "../../../lib/index.js";
import { base64urlKid, withClaims, type Issues, type Provider } from "./provider.js";
import { rsaSigner } from "./signers.js";

const issuer = "https://acme.okta.com/oauth2/default";
const client = "0oabucvyc38HLL1ef0h7";
const signer = rsaSigner();
const kid = base64urlKid();

const allowed: Issues = (now) => ({
  header: { kid, alg: "RS256" },
  key: signer.key,
  claims: {
    ver: 1, jti: `AT.${base64urlKid()}`, iss: issuer, aud: "api://default", iat: now, exp: now + 3_600, cid: client, uid: "00uid4BxXw6I6TV4m0g3",
    scp: ["openid", "profile", "email"], auth_time: now - 10, sub: "carol@example.com", groups: ["Everyone", "admin"],
  },
});

const idToken: Issues = (now) => ({
  ...allowed(now),
  claims: {
    sub: "00uid4BxXw6I6TV4m0g3", name: "Carol Doe", email: "carol@example.com", ver: 1, iss: issuer, aud: client, iat: now, exp: now + 3_600, jti: `ID.${base64urlKid()}`,
    amr: ["pwd"], idp: "00oid4BxXw6I6TV4m0g3", preferred_username: "carol@example.com", auth_time: now - 10, at_hash: "fPlsvVszI29LU2UhDyJ9vg",
  },
});

export const okta: Provider = {
  name: "Okta",
  file: "okta.ts",
  documents: {
    [`${issuer}/v1/keys`]: { keys: [{ kty: "RSA", alg: "RS256", kid, use: "sig", e: signer.jwk.e, n: signer.jwk.n }] },
    [`${issuer}/.well-known/openid-configuration`]: { issuer, jwks_uri: `${issuer}/v1/keys`, id_token_signing_alg_values_supported: ["RS256"] },
  },
  allowed,
  denied: withClaims(allowed, { uid: "00uanother", sub: "bob@example.com", groups: ["Everyone"] }),
  rule: role("admin"),
  foreign: {
    "an ID token": idToken,
    "a token for another API": withClaims(allowed, { aud: "api://shop" }),
    "a token of the authorization server of the organization": withClaims(allowed, { iss: "https://acme.okta.com", aud: "https://acme.okta.com" }),
  },
};
