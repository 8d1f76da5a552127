// Firebase. The token and its verification: https://firebase.google.com/docs/auth/admin/verify-id-tokens#verify_id_tokens_using_a_third-party_jwt_library
// Roles are custom claims: https://firebase.google.com/docs/auth/admin/custom-claims. Session cookies: https://firebase.google.com/docs/auth/admin/manage-cookies
import { role } from "../../../lib/index.js";
import { certificateOf } from "../../support/certificate.js";
import { hexKid, withClaims, type Issues, type Provider } from "./provider.js";
import { rsaSigner } from "./signers.js";

const project = "acme-chat";
const [current, next] = [rsaSigner(), rsaSigner()];
const [kid, nextKid] = [hexKid(), hexKid()];
const subject = "securetoken.system.gserviceaccount.com";

const allowed: Issues = (now) => ({
  header: { alg: "RS256", kid, typ: "JWT" },
  key: current.key,
  claims: {
    role: "admin", iss: `https://securetoken.google.com/${project}`, aud: project, auth_time: now - 600, user_id: "Xk893u23H9SI8893", sub: "Xk893u23H9SI8893",
    iat: now, exp: now + 3_600, email: "carol@example.com", email_verified: true, firebase: { identities: { email: ["carol@example.com"] }, sign_in_provider: "password" },
  },
});

export const firebase: Provider = {
  name: "Firebase",
  file: "firebase.ts",
  documents: {
    "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com": { [kid]: certificateOf(current.key, { subject }), [nextKid]: certificateOf(next.key, { subject }) },
  },
  allowed,
  denied: withClaims(allowed, { sub: "another", user_id: "another", role: undefined }),
  rule: role("admin"),
  foreign: {
    "a token of another project": withClaims(allowed, { iss: "https://securetoken.google.com/other", aud: "other" }),
    "a token for another audience": withClaims(allowed, { aud: "other" }),
    "a session cookie": withClaims(allowed, { iss: `https://session.firebase.google.com/${project}` }),
  },
};
