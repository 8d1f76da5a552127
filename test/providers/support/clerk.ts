// Clerk. The token (version 2): https://clerk.com/docs/guides/sessions/session-tokens
// Its verification: https://clerk.com/docs/guides/sessions/manual-jwt-verification
import { role } from "../../../lib/index.js";
import { hexKid, withClaims, type Issues, type Provider } from "./provider.js";
import { rsaSigner } from "./signers.js";

const frontendApi = "https://clerk.chat.example";
const signer = rsaSigner();
const kid = "ins_2NxCxqKDzRmPbHQ3qk1yTbVJzTt";

const allowed: Issues = (now) => ({
  header: { alg: "RS256", cat: "cl_B7d4PD111AAA", kid, typ: "JWT" },
  key: signer.key,
  claims: {
    azp: "https://chat.example", exp: now + 60, fva: [7, -1], iat: now, iss: frontendApi, jti: hexKid().slice(0, 20), nbf: now - 10,
    o: { id: "org_2abcKq7u1RfdTmVbZJzQxS3nLpE", rol: "admin", slg: "acme" }, pla: "u:free", sid: "sess_2YrP7hxzYqOYcfL5bEmJ1oyXhWw", sts: "active",
    sub: "user_2YrP6tQKmBRvMqPyTDXHsO1GGxY", v: 2,
  },
});

export const clerk: Provider = {
  name: "Clerk",
  file: "clerk.ts",
  documents: { "https://clerk.chat.example/.well-known/jwks.json": { keys: [{ use: "sig", kty: "RSA", kid, alg: "RS256", n: signer.jwk.n, e: signer.jwk.e }] } },
  allowed,
  denied: withClaims(allowed, { sub: "user_2YrPAnother", o: { id: "org_2abcKq7u1RfdTmVbZJzQxS3nLpE", rol: "member", slg: "acme" } }),
  rule: role("admin"),
  accepted: { "a token of version 1": withClaims(allowed, { v: undefined, o: undefined, org_id: "org_2abcKq7u1RfdTmVbZJzQxS3nLpE", org_role: "org:admin", org_slug: "acme", org_permissions: [] }) },
  foreign: {
    "a token that another page got": withClaims(allowed, { azp: "https://evil.example" }),
    "a token without `azp`": withClaims(allowed, { azp: undefined }),
    "a token of another instance": withClaims(allowed, { iss: "https://clerk.shop.example" }),
  },
};
