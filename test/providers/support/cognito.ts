// Amazon Cognito. The access token: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
// The ID token, which another key signs: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
// The keys: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
import { randomUUID } from "node:crypto";
import { role } from "../../../lib/index.js";
import { base64Kid, withClaims, type Issues, type Provider } from "./provider.js";
import { rsaSigner } from "./signers.js";

const pool = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example12";
const client = "1example23456789abcdefghij";
const [forAccess, forId] = [rsaSigner(), rsaSigner()];
const kids = { access: base64Kid(), id: base64Kid() };

const allowed: Issues = (now) => ({
  header: { kid: kids.access, alg: "RS256" },
  key: forAccess.key,
  claims: {
    sub: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:groups": ["admin", "staff"], iss: pool, version: 2, client_id: client, origin_jti: randomUUID(),
    event_id: randomUUID(), token_use: "access", scope: "openid profile", auth_time: now, exp: now + 3_600, iat: now, jti: randomUUID(), username: "carol",
  },
});

const idToken: Issues = (now) => ({
  header: { kid: kids.id, alg: "RS256" },
  key: forId.key,
  claims: {
    sub: "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:groups": ["admin", "staff"], email_verified: true, iss: pool, "cognito:username": "carol",
    origin_jti: randomUUID(), aud: client, event_id: randomUUID(), token_use: "id", auth_time: now, exp: now + 3_600, iat: now, jti: randomUUID(), email: "carol@example.com",
  },
});

const jwk = ({ jwk }: typeof forId, kid: string) => ({ alg: "RS256", e: jwk.e, kid, kty: "RSA", n: jwk.n, use: "sig" });

export const cognito: Provider = {
  name: "Amazon Cognito",
  file: "cognito.ts",
  documents: {
    [`${pool}/.well-known/jwks.json`]: { keys: [jwk(forId, kids.id), jwk(forAccess, kids.access)] },
    [`${pool}/.well-known/openid-configuration`]: { issuer: pool, jwks_uri: `${pool}/.well-known/jwks.json`, id_token_signing_alg_values_supported: ["RS256"] },
  },
  allowed,
  denied: withClaims(allowed, { sub: "ffffffff-bbbb-cccc-dddd-eeeeeeeeeeee", username: "bob", "cognito:groups": undefined }),
  rule: role("admin"),
  foreign: {
    "an ID token": idToken,
    "a token of another app client": withClaims(allowed, { client_id: "another23456789abcdefghij" }),
    "a token of another user pool": withClaims(allowed, { iss: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Another12" }),
  },
};
