// A secret of one's own, with which the server's login route signs (`tokens.issue`).
import { createSecretKey, randomBytes, randomUUID } from "node:crypto";
import { role } from "../../../lib/index.js";
import { withClaims, type Issues, type Provider } from "./provider.js";

export const ownSecret = randomBytes(48).toString("base64");

const allowed: Issues = (now) => ({
  header: { alg: "HS256", typ: "JWT" },
  key: createSecretKey(ownSecret, "utf8"),
  claims: { iss: "https://chat.example", aud: "chat", jti: randomUUID(), sub: "carol", role: "admin", iat: now, exp: now + 900 },
});

const foreign = {
  "a token of another issuer": withClaims(allowed, { iss: "https://shop.example" }),
  "a token for another audience": withClaims(allowed, { aud: "shop" }),
};

const common = { documents: {}, allowed, denied: withClaims(allowed, { sub: "bob", role: "member" }), rule: role("admin"), foreign } as const;

export const secretOfOurOwn: Provider = { ...common, name: "A secret of your own", file: "own-secret.ts" };
