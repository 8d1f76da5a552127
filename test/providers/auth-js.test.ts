/**
 * Auth.js. Its session token is encrypted: https://authjs.dev/reference/core/jwt, made by https://github.com/nextauthjs/next-auth/blob/main/packages/core/src/jwt.ts
 * (alg `dir`, enc `A256CBC-HS512`, a key by HKDF from the secret and the cookie's name, and the key's thumbprint as `kid`).
 */
import { hkdfSync, randomBytes, randomUUID } from "node:crypto";
import { expect } from "chai";
import { EncryptJWT, calculateJwkThumbprint } from "jose";
import type { Jwt, JwtClaims } from "socket.io-guard";
import { providers } from "./support/all.js";
import { importBlocks, useConfigurations, verdict } from "./support/configuration.js";

type Session = { user?: { id?: string; role?: string } } | null;

interface Exports {
  readonly tokens: Jwt<JwtClaims>;
  readonly chatToken: (auth: () => Promise<Session>) => () => Promise<Response>;
}

async function sessionToken(): Promise<string> {
  const cookie = "__Secure-authjs.session-token";
  const key = new Uint8Array(hkdfSync("sha256", randomBytes(33).toString("base64"), cookie, `Auth.js Generated Encryption Key (${cookie})`, 64));
  const kid = await calculateJwkThumbprint({ kty: "oct", k: Buffer.from(key).toString("base64url") }, "sha512");
  return new EncryptJWT({ name: "Carol Doe", email: "carol@example.com", sub: "1" })
    .setProtectedHeader({ alg: "dir", enc: "A256CBC-HS512", kid }).setIssuedAt().setExpirationTime("30d").setJti(randomUUID()).encrypt(key);
}

describe("docs/providers.md: Auth.js", () => {
  useConfigurations();

  it("has a session token that no configuration can read", async () => {
    const token = await sessionToken();
    for (const provider of providers) expect(await verdict(provider, token)).to.equal("token_malformed");
  });

  it("has a route that issues a token to a user who is signed in, which the configuration of the page accepts", async () => {
    const [{ tokens, chatToken }] = await importBlocks<Exports>(["auth-js.ts"]) as [Exports];
    const response = await chatToken(() => Promise.resolve({ user: { id: "1", role: "admin" } }))();
    expect(await tokens.verify(await response.text())).to.include({ sub: "1", role: "admin" });
  });

  it("has a route that gives nothing to those who are not", async () => {
    const [{ chatToken }] = await importBlocks<Exports>(["auth-js.ts"]) as [Exports];
    for (const session of [null, {}, { user: {} }]) expect((await chatToken(() => Promise.resolve(session))()).status).to.equal(401);
  });
});
