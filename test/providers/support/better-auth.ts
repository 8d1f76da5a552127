// better-auth, with its plugin `jwt`. The token and the keys: https://better-auth.com/docs/plugins/jwt
// The claims are the user, with `iss` and `aud` from the base URL and 15 minutes to live: better-auth 1.4, src/plugins/jwt/sign.ts.
// Its plugin `admin` adds the role, or several with commas between them: https://better-auth.com/docs/plugins/admin
import { role } from "../../../lib/index.js";
import { withClaims, type Issues, type Provider } from "./provider.js";
import { ed25519Signer } from "./signers.js";

const base = "https://chat.example";
const signer = ed25519Signer();
const kid = "UqWrLx0mPzYk3bNcVfGtHjRsDaEe7yTi";

const allowed: Issues = (now) => ({
  header: { alg: "EdDSA", kid },
  key: signer.key,
  claims: {
    iat: now, name: "Carol Doe", email: "carol@example.com", emailVerified: true, image: null, createdAt: "2026-11-01T10:00:00.000Z", updatedAt: "2026-11-01T10:00:00.000Z",
    role: "member,admin", banned: false, banReason: null, banExpires: null, id: "JqXhPbzL3FvR8tKcWnYs1dAe", sub: "JqXhPbzL3FvR8tKcWnYs1dAe", exp: now + 900, iss: base, aud: base,
  },
});

export const betterAuth: Provider = {
  name: "better-auth",
  file: "better-auth.ts",
  documents: { [`${base}/api/auth/jwks`]: { keys: [{ alg: "EdDSA", ...signer.jwk, kid }] } },
  allowed,
  denied: withClaims(allowed, { sub: "another", id: "another", role: "member" }),
  rule: role("admin"),
  foreign: {
    "a token of another site": withClaims(allowed, { iss: "https://shop.example" }),
    "a token for another audience": withClaims(allowed, { aud: "https://shop.example" }),
  },
};
