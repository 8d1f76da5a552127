/** What is told apart from a secret: PEM, SSH keys, JWKs and sets of JWKs. */
import { createSecretKey, randomBytes } from "node:crypto";
import { expect } from "chai";
import { GuardError } from "../../../lib/guard-error.js";
import { bindKey } from "../../../lib/token/key.js";
import { type Secret, keyTypeOf } from "../../../lib/token/key-import.js";
import { ecPair, rsaPair } from "./support.js";

const rsa = rsaPair();
const ec = ecPair("P-256");
const jwk = rsa.publicKey.export({ format: "jwk" });

const publicForms: Record<string, string> = {
  "PEM": rsa.publicKey.export({ type: "spki", format: "pem" }) as string,
  "PEM of PKCS#1": rsa.publicKey.export({ type: "pkcs1", format: "pem" }) as string,
  "a certificate": "-----BEGIN CERTIFICATE-----\nMIIBfTCCASOgAwIBAgIUcM0fVQ==\n-----END CERTIFICATE-----\n",
  "a JWK": JSON.stringify(jwk),
  "a JWKS": `  ${JSON.stringify({ keys: [{ kty: "oct", k: "c2VjcmV0" }, jwk] })}`,
  "a list of JWKs": JSON.stringify([jwk]),
  "an SSH key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8n7 alice@example",
};
const privateForms: Record<string, string> = {
  "PEM": rsa.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  "PEM of SEC1": ec.privateKey.export({ type: "sec1", format: "pem" }) as string,
  "encrypted PEM": rsa.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "passphrase" }) as string,
  "a JWK": JSON.stringify(ec.privateKey.export({ format: "jwk" })),
  "a JWKS": JSON.stringify({ keys: [jwk, ec.privateKey.export({ format: "jwk" })] }),
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

describe("A secret", () => {
  for (const [code, forms] of [["secret_is_public_key", publicForms], ["secret_is_private_key", privateForms]] as const) {
    for (const [name, text] of Object.entries(forms)) {
      it(`cannot be ${name}, as text, as bytes or as a KeyObject: ${code}`, () => {
        const bytes = Buffer.from(text);
        for (const form of [text, bytes, new Uint8Array(bytes), createSecretKey(bytes), text.replaceAll("\n", "\\n")]) {
          expect(codeOf(form)).to.equal(code);
        }
      });
    }
  }

  it("cannot be a JWKS or a list of JWKs as an object", () => {
    expect(codeOf({ keys: [jwk] })).to.equal("secret_is_public_key");
    expect(codeOf({ keys: [jwk, rsa.privateKey.export({ format: "jwk" })] })).to.equal("secret_is_private_key");
    expect(codeOf({ keys: [{ kty: "oct", k: "c2VjcmV0" }] })).to.equal("option_invalid");
  });

  it("can be any random bytes, as they are or as text", () => {
    for (let draw = 0; draw < 10_000; draw += 1) {
      const bytes = randomBytes(32 + draw % 64);
      const encoding = (["base64", "base64url", "hex", undefined] as const)[draw % 4];
      const type = keyTypeOf(encoding === undefined ? bytes : bytes.toString(encoding));
      if (type !== "secret") throw new Error(`a random secret was taken for a ${type} key: ${bytes.toString("hex")}`);
    }
  });

  it("can be words, braces and numbers", () => {
    for (const text of ["correct horse battery staple and more", "{not json, but long enough for a secret}", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14]", "12345678901234567890123456789012", "ssh-is-not-a-key-but-this-is-a-secret", JSON.stringify({ kty: "oct", k: "c2VjcmV0c2VjcmV0" })]) {
      expect(codeOf(text)).to.equal("accepted");
    }
  });
});
