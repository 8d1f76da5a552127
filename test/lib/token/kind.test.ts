/** What an HMAC secret must not be, however it is written; and that no random secret is taken for one. */
import { execFileSync } from "node:child_process";
import { createSecretKey, generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { GuardError } from "../../../lib/guard-error.js";
import { bindKey } from "../../../lib/token/key.js";
import { kindOf } from "../../../lib/token/kind.js";
import { type Secret, secretKey } from "../../../lib/token/material.js";
import { ecPair, rsaPair } from "./support.js";

const rsa = rsaPair();
const ec = ecPair("P-256");
const jwk = rsa.publicKey.export({ format: "jwk" });
const encrypted = { cipher: "aes-256-cbc", passphrase: "passphrase" };

/** Bytes of public and private material in every encoding that Node can write. */
const publicForms: Record<string, Buffer> = {
  "SPKI DER of RSA": rsa.publicKey.export({ type: "spki", format: "der" }),
  "SPKI DER of EC": ec.publicKey.export({ type: "spki", format: "der" }),
  "SPKI DER of Ed25519": generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "der" }),
  "PKCS#1 DER": rsa.publicKey.export({ type: "pkcs1", format: "der" }),
  "certificate DER": certificate(),
  "PEM": Buffer.from(rsa.publicKey.export({ type: "spki", format: "pem" })),
  "JWK text": Buffer.from(JSON.stringify(jwk)),
  "JWKS text": Buffer.from(`\n ${JSON.stringify({ keys: [{ kty: "oct", k: "c2VjcmV0" }, jwk] }, null, 2)}`),
  "a list of JWKs as text": Buffer.from(JSON.stringify([jwk])),
  "ssh text": Buffer.from("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8n7 alice@example"),
};
const privateForms: Record<string, Buffer> = {
  "PKCS#8 DER of RSA": rsa.privateKey.export({ type: "pkcs8", format: "der" }),
  "PKCS#8 DER of EC": ec.privateKey.export({ type: "pkcs8", format: "der" }),
  "PKCS#1 DER": rsa.privateKey.export({ type: "pkcs1", format: "der" }),
  "SEC1 DER": ec.privateKey.export({ type: "sec1", format: "der" }),
  "encrypted PKCS#8 DER": rsa.privateKey.export({ type: "pkcs8", format: "der", ...encrypted }),
  "PEM": Buffer.from(ec.privateKey.export({ type: "sec1", format: "pem" })),
  "JWK text": Buffer.from(JSON.stringify(ec.privateKey.export({ format: "jwk" }))),
  "JWKS text": Buffer.from(JSON.stringify({ keys: [jwk, ec.privateKey.export({ format: "jwk" })] })),
};

function codeOf(secret: unknown): string {
  try {
    bindKey({ secret: secret as Secret });
  } catch (error) {
    expect(error).to.be.instanceOf(GuardError);
    return (error as GuardError).code;
  }
  return "accepted";
}

function certificate(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "guard-certificate-"));
  try {
    execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=guard",
      "-keyout", join(folder, "key"), "-outform", "DER", "-out", join(folder, "certificate")], { stdio: "ignore" });
    return readFileSync(join(folder, "certificate"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the kind of key material", () => {
  for (const [code, forms] of [["secret_is_public_key", publicForms], ["secret_is_private_key", privateForms]] as const) {
    for (const [name, bytes] of Object.entries(forms)) {
      it(`refuses ${name} as a secret, as bytes, as a KeyObject, in base64, base64url and lines of base64: ${code}`, () => {
        const base64 = bytes.toString("base64");
        const lines = base64.replace(/.{64}/g, "$&\n");
        for (const form of [bytes, new Uint8Array(bytes), createSecretKey(bytes), base64, Buffer.from(base64), bytes.toString("base64url"), lines, lines.replaceAll("\n", "\\n")]) {
          expect(codeOf(form)).to.equal(code);
        }
      });
    }
  }

  it("refuses a JWKS or a certificate given as an object", () => {
    expect(codeOf({ keys: [jwk] })).to.equal("secret_is_public_key");
    expect(codeOf({ keys: [jwk, rsa.privateKey.export({ format: "jwk" })] })).to.equal("secret_is_private_key");
    expect(codeOf(new X509Certificate(publicForms["certificate DER"]!))).to.equal("secret_is_public_key");
    expect(codeOf({ keys: [{ kty: "oct", k: "c2VjcmV0" }] })).to.equal("secret_invalid");
  });

  it("takes 10,000 random secrets for what they are, as bytes and as text", () => {
    for (let draw = 0; draw < 10_000; draw += 1) {
      const bytes = randomBytes(32 + draw % 64);
      // Every eighth begins as DER would, some with a length that fits.
      if (draw % 8 === 0) bytes[0] = 0x30;
      if (draw % 16 === 0) bytes[1] = bytes.length - 2;
      if (draw % 32 === 0) bytes[2] = 0x02;
      const encoding = (["base64", "base64url", "hex", undefined] as const)[draw % 7 % 4];
      const kind = kindOf(encoding === undefined ? bytes : bytes.toString(encoding));
      if (kind !== "secret") throw new Error(`a random secret was taken for a ${kind} key: ${bytes.toString("hex")}`);
    }
  });

  it("does not take two small numbers for a PKCS#1 key", () => {
    const numbers = Buffer.from([0x30, 30, 0x02, 20, 0x01, ...Array<number>(19).fill(0x77), 0x02, 6, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01]);
    expect(kindOf(numbers)).to.equal("secret");
    expect(secretKey(numbers, "HS256").symmetricKeySize).to.equal(32);
  });

  it("leaves words, braces and numbers to be secrets", () => {
    for (const text of ["correct horse battery staple and more", "{not json, but long enough for a secret}", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14]", "12345678901234567890123456789012", "ssh-is-not-a-key-but-this-is-a-secret", JSON.stringify({ kty: "oct", k: "c2VjcmV0c2VjcmV0" })]) {
      expect(codeOf(text)).to.equal("accepted");
    }
  });
});
