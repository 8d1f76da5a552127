// Google, whose access tokens are no JWTs. The ID token: https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload
// Its verification: https://developers.google.com/identity/gsi/web/guides/verify-google-id-token
import { role } from "../../../lib/index.js";
import { hexKid, withClaims, type Issues, type Provider } from "./provider.js";
import { rsaSigner } from "./signers.js";

const issuer = "https://accounts.google.com";
const client = "1234987819200-a1b2c3.apps.googleusercontent.com";
const [current, next] = [rsaSigner(), rsaSigner()];
const kid = hexKid();

const jwk = ({ jwk }: typeof current, kid: string) => ({ kid, kty: "RSA", e: jwk.e, n: jwk.n, alg: "RS256", use: "sig" });

const allowed: Issues = (now) => ({
  header: { alg: "RS256", kid, typ: "JWT" },
  key: current.key,
  claims: {
    iss: issuer, azp: client, aud: client, sub: "110169484474386276334", hd: "acme.example", email: "carol@acme.example", email_verified: true, nbf: now - 300,
    name: "Carol Doe", picture: "https://lh3.googleusercontent.com/a-/AOh14G", given_name: "Carol", family_name: "Doe", iat: now, exp: now + 3_600, jti: hexKid(),
  },
});

export const google: Provider = {
  name: "Google",
  file: "google.ts",
  documents: {
    "https://www.googleapis.com/oauth2/v3/certs": { keys: [jwk(current, kid), jwk(next, hexKid())] },
    [`${issuer}/.well-known/openid-configuration`]: { issuer, jwks_uri: "https://www.googleapis.com/oauth2/v3/certs", id_token_signing_alg_values_supported: ["RS256"] },
  },
  allowed,
  denied: withClaims(allowed, { sub: "220169484474386276334", email: "bob@acme.example" }),
  rule: role("admin"),
  accepted: { "the older issuer": withClaims(allowed, { iss: "accounts.google.com" }), "a user without a Workspace": withClaims(allowed, { hd: undefined }) },
  foreign: {
    "a token of another client": withClaims(allowed, { aud: "other.apps.googleusercontent.com" }),
    "a token of another issuer": withClaims(allowed, { iss: "https://accounts.example" }),
  },
};
