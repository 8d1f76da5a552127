// Supabase. The claims: https://supabase.com/docs/guides/auth/jwt-fields. The keys: https://supabase.com/docs/guides/auth/signing-keys
// The older way, a secret that also signs the public `anon` key: https://supabase.com/docs/guides/auth/signing-keys (legacy JWT secret).
// That such tokens may have a `kid`: https://github.com/supabase/auth/pull/2072
import { createSecretKey, randomUUID } from "node:crypto";
import { role } from "../../../lib/index.js";
import { base64Kid, withClaims, type Draft, type Issues, type Provider } from "./provider.js";
import { ecSigner } from "./signers.js";

const issuer = "https://abcdefghijklmnopqrst.supabase.co/auth/v1";
const signer = ecSigner();
const kid = randomUUID();

/** The secret of the older way, as it is shown in the dashboard: 88 characters. */
export const legacySecret = `${base64Kid()}${base64Kid()}`;

const claims = (now: number) => ({
  aal: "aal1", amr: [{ method: "password", timestamp: now }], app_metadata: { provider: "email", providers: ["email"], roles: ["admin"] }, aud: "authenticated",
  email: "carol@example.com", exp: now + 3_600, iat: now, is_anonymous: false, iss: issuer, phone: "", role: "authenticated", session_id: randomUUID(),
  sub: "123e4567-e89b-12d3-a456-426614174000", user_metadata: { email_verified: true, roles: ["admin"] },
});

const member = { sub: "00112233-4455-6677-8899-aabbccddeeff", app_metadata: { provider: "email", providers: ["email"] } };

const bySigningKey: Issues = (now) => ({ header: { alg: "ES256", kid, typ: "JWT" }, key: signer.key, claims: claims(now) });
const bySecret: Issues = (now) => ({ header: { alg: "HS256", kid: "WqJ5sTjbYVuXQZ1M", typ: "JWT" }, key: createSecretKey(legacySecret, "utf8"), claims: claims(now) });

/** The `anon` key: anybody can read it in the page. It lives for ten years and names no user. */
const anonKey: Issues = (now): Draft => ({
  header: { alg: "HS256", typ: "JWT" },
  key: createSecretKey(legacySecret, "utf8"),
  claims: { iss: "supabase", ref: "abcdefghijklmnopqrst", role: "anon", iat: now, exp: now + 10 * 365 * 86_400 },
});

const foreign = (issues: Issues) => ({
  "a token of another project": withClaims(issues, { iss: "https://zyxwvutsrqponmlkjihg.supabase.co/auth/v1" }),
  "a token of another audience": withClaims(issues, { aud: "anon" }),
});

export const supabase: Provider = {
  name: "Supabase",
  file: "supabase.ts",
  documents: {
    [`${issuer}/.well-known/jwks.json`]: { keys: [{ alg: "ES256", crv: "P-256", ext: true, key_ops: ["verify"], kid, kty: "EC", use: "sig", x: signer.jwk.x, y: signer.jwk.y }] },
  },
  allowed: bySigningKey,
  denied: withClaims(bySigningKey, member),
  rule: role("admin"),
  accepted: { "a user of signInAnonymously()": withClaims(bySigningKey, { is_anonymous: true, email: "", app_metadata: {} }) },
  foreign: { ...foreign(bySigningKey), "the public `anon` key": anonKey },
};

export const supabaseLegacy: Provider = {
  name: "Supabase with its legacy secret",
  file: "supabase-legacy.ts",
  documents: {},
  allowed: bySecret,
  denied: withClaims(bySecret, member),
  rule: role("admin"),
  foreign: { ...foreign(bySecret), "the public `anon` key": anonKey },
};
