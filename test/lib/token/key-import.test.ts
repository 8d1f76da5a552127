/** JwtKey material: every form in which a key may be written, and every mistake with its sentence. */
import { createSecretKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { expect } from "chai";
import { GuardError } from "../../../lib/guard-error.js";
import type { Algorithm } from "../../../lib/token/algorithms.js";
import { type JwtKey, bindKey } from "../../../lib/token/key.js";
import { ecPair, rsaPair } from "./support.js";

const rsa = rsaPair();
const ec = ecPair("P-256");
const publicPem = rsa.publicKey.export({ type: "spki", format: "pem" }) as string;
const privatePem = rsa.privateKey.export({ type: "pkcs8", format: "pem" }) as string;
const publicJwk = rsa.publicKey.export({ format: "jwk" });
const certificate = `-----BEGIN CERTIFICATE-----
MIIBfTCCASOgAwIBAgIUcM0fVQ==
-----END CERTIFICATE-----`;

function mistake(key: unknown): GuardError {
  try {
    bindKey(key as JwtKey);
  } catch (error) {
    expect(error).to.be.instanceOf(GuardError);
    return error as GuardError;
  }
  throw new Error("this key was accepted");
}

describe("A key", () => {
  it("can be a secret as text, bytes or a KeyObject, which is bound to HS256", () => {
    const bytes = randomBytes(32);
    const forms = [bytes, new Uint8Array(bytes), createSecretKey(bytes)].map((secret) => bindKey({ secret }));
    expect(new Set(forms.map((key) => key.fingerprint)).size).to.equal(1);
    expect(forms.every((key) => key.algorithm === "HS256" && key.signing !== undefined)).to.equal(true);
    expect(bindKey({ secret: "s".repeat(32) }).verifying.export().toString()).to.equal("s".repeat(32));
  });

  it("with a secret is measured in bytes, not in characters", () => {
    expect(bindKey({ secret: "é".repeat(16) }).algorithm).to.equal("HS256");
  });

  it("can be a public key as PEM text or bytes, a JWK or a KeyObject", () => {
    const pkcs1 = rsa.publicKey.export({ type: "pkcs1", format: "pem" }) as string;
    const forms = [publicPem, Buffer.from(publicPem), pkcs1, publicJwk, { ...publicJwk, use: "sig", alg: "RS256", key_ops: ["verify"] }, rsa.publicKey].map((publicKey) => bindKey({ publicKey, algorithm: "RS256" }));
    expect(new Set(forms.map((key) => key.fingerprint)).size).to.equal(1);
    expect(forms.every((key) => key.verifying.type === "public" && key.signing === undefined)).to.equal(true);
  });

  it("can be a private key alone, or beside its public half", () => {
    const privateJwk = rsa.privateKey.export({ format: "jwk" });
    for (const key of [{ privateKey: privatePem }, { privateKey: privateJwk }, { privateKey: rsa.privateKey, publicKey: publicPem }]) {
      const bound = bindKey({ ...key, algorithm: "PS256" });
      expect(bound.verifying.type).to.equal("public");
      expect(bound.signing?.type).to.equal("private");
    }
  });

  it("is not changed", () => {
    const key = Object.freeze({ kid: "a", publicKey: Object.freeze({ ...publicJwk }), algorithm: "RS256" as const });
    expect(bindKey(key).kid).to.equal("a");
  });

  const secret = "s".repeat(64);
  const cases: Record<string, [unknown, string, RegExp]> = {
    "a secret that is undefined": [{ secret: undefined }, "option_missing", /at least 32 bytes/],
    "an empty secret": [{ secret: "" }, "option_missing", /at least 32 bytes/],
    "an empty Buffer": [{ secret: Buffer.alloc(0) }, "secret_too_short", /0 bytes.*at least 32/],
    "a secret of 31 bytes": [{ secret: "s".repeat(31) }, "secret_too_short", /31 bytes.*at least 32/],
    "a secret of 47 bytes for HS384": [{ secret: "s".repeat(47), algorithm: "HS384" }, "secret_too_short", /47 bytes.*at least 48/],
    "a secret of 63 bytes for HS512": [{ secret: "s".repeat(63), algorithm: "HS512" }, "secret_too_short", /63 bytes.*at least 64/],
    "a secret that is a number": [{ secret: 12345 }, "option_invalid", /string, a Buffer/],
    "a secret that is a list": [{ secret: [secret] }, "option_invalid", /string, a Buffer/],
    "a public key's PEM as secret": [{ secret: publicPem }, "secret_is_public_key", /publicKey, algorithm/],
    "its bytes": [{ secret: Buffer.from(publicPem) }, "secret_is_public_key", /publicKey, algorithm/],
    "its PEM with escaped line feeds": [{ secret: publicPem.replaceAll("\n", "\\n") }, "secret_is_public_key", /publicKey, algorithm/],
    "its PKCS #1 form": [{ secret: rsa.publicKey.export({ type: "pkcs1", format: "pem" }) }, "secret_is_public_key", /publicKey, algorithm/],
    "its JWK": [{ secret: publicJwk }, "secret_is_public_key", /publicKey, algorithm/],
    "its JWK as text": [{ secret: JSON.stringify(publicJwk) }, "secret_is_public_key", /publicKey, algorithm/],
    "its KeyObject": [{ secret: rsa.publicKey }, "secret_is_public_key", /publicKey, algorithm/],
    "a certificate as secret": [{ secret: certificate }, "secret_is_public_key", /publicKey, algorithm/],
    "a public SSH key as secret": [{ secret: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ alice@example.org" }, "secret_is_public_key", /publicKey, algorithm/],
    "a private key's PEM as secret": [{ secret: privatePem }, "secret_is_private_key", /privateKey, algorithm/],
    "an EC private key's PEM as secret": [{ secret: ec.privateKey.export({ type: "sec1", format: "pem" }) }, "secret_is_private_key", /privateKey, algorithm/],
    "a private JWK as secret": [{ secret: rsa.privateKey.export({ format: "jwk" }) }, "secret_is_private_key", /privateKey, algorithm/],
    "a private key as publicKey": [{ publicKey: privatePem, algorithm: "RS256" }, "public_key_is_private", /privateKey/],
    "a private KeyObject as publicKey": [{ publicKey: rsa.privateKey, algorithm: "RS256" }, "public_key_is_private", /privateKey/],
    "a publicKey that is no key": [{ publicKey: secret, algorithm: "RS256" }, "option_invalid", /BEGIN PUBLIC KEY/],
    "a secret KeyObject as publicKey": [{ publicKey: createSecretKey(Buffer.from(secret)), algorithm: "RS256" }, "option_invalid", /PEM/],
    "a public key as privateKey": [{ privateKey: publicPem, algorithm: "RS256" }, "option_invalid", /BEGIN PRIVATE KEY/],
    "a JWK for encryption": [{ publicKey: { ...publicJwk, use: "enc" }, algorithm: "RS256" }, "algorithm_unfit", /another key/],
    "a JWK whose operations do not verify": [{ publicKey: { ...publicJwk, key_ops: ["encrypt"] }, algorithm: "RS256" }, "algorithm_unfit", /another key/],
    "a JWK of another algorithm": [{ publicKey: { ...publicJwk, alg: "PS256" }, algorithm: "RS256" }, "algorithm_unfit", /PS256|alg/],
    "a private key of another pair": [{ publicKey: publicPem, privateKey: ec.privateKey, algorithm: "RS256" }, "key_pair_mismatch", /one pair/],
    "an RSA key of 1024 bits": [{ publicKey: rsaPair(1024).publicKey, algorithm: "RS256" }, "key_too_short", /1024 bits.*2048/],
    "a public key without algorithm": [{ publicKey: publicPem }, "option_missing", /exactly one/],
    "an unknown algorithm": [{ secret, algorithm: "HS128" }, "option_invalid", /HS256, HS384/],
    "the algorithm none": [{ secret, algorithm: "none" }, "option_invalid", /HS256, HS384/],
    "a list of algorithms": [{ secret, algorithm: ["HS256"] }, "option_invalid", /must be one of/],
    "RS256 for a secret": [{ secret, algorithm: "RS256" }, "algorithm_unfit", /A secret takes HS256/],
    "HS256 for a public key": [{ publicKey: publicPem, algorithm: "HS256" }, "algorithm_unfit", /A secret takes HS256/],
    "ES256 for an RSA key": [{ publicKey: publicPem, algorithm: "ES256" }, "algorithm_unfit", /type rsa/],
    "PS256 for an EC key": [{ publicKey: ec.publicKey, algorithm: "PS256" }, "algorithm_unfit", /type ec/],
    "ES384 for a key on P-256": [{ publicKey: ec.publicKey, algorithm: "ES384" }, "algorithm_unfit", /secp384r1.*prime256v1/],
    "ES256 for a key on secp256k1": [{ publicKey: ecPair("secp256k1").publicKey, algorithm: "ES256" }, "algorithm_unfit", /secp256k1/],
    "an Ed25519 key": [{ publicKey: generateKeyPairSync("ed25519").publicKey, algorithm: "ES256" }, "algorithm_unfit", /ed25519/],
    "an Ed448 key": [{ publicKey: generateKeyPairSync("ed448").publicKey, algorithm: "EdDSA" }, "algorithm_unfit", /ed448/],
    "an Ed448 JWK": [{ publicKey: generateKeyPairSync("ed448").publicKey.export({ format: "jwk" }), algorithm: "EdDSA" }, "algorithm_unfit", /ed448/],
    "an X25519 key": [{ publicKey: generateKeyPairSync("x25519").publicKey, algorithm: "EdDSA" }, "algorithm_unfit", /x25519/],
    "EdDSA for an RSA key": [{ publicKey: publicPem, algorithm: "EdDSA" }, "algorithm_unfit", /type rsa/],
    "EdDSA for a secret": [{ secret, algorithm: "EdDSA" }, "algorithm_unfit", /A secret takes HS256/],
    "an Ed25519 JWK as secret": [{ secret: JSON.stringify(generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" })) }, "secret_is_public_key", /publicKey/],
    "a secret and a public key": [{ secret, publicKey: publicPem, algorithm: "RS256" }, "option_invalid", /two keys/],
    "a key without material": [{ kid: "a" }, "option_missing", /secret, or a public key/],
    "a public key that is undefined": [{ publicKey: undefined, algorithm: "RS256" }, "option_missing", /secret, or a public key/],
    "a secret in the list as it is": [secret, "option_invalid", /\{ secret \}/],
    "a bad kid": [{ kid: "a\nb", secret }, "option_invalid", /1 to 256/],
    "an acceptUntil that is text": [{ secret, acceptUntil: "tomorrow" }, "option_invalid", /milliseconds/],
    "an acceptUntil that is no date": [{ secret, acceptUntil: new Date("x") }, "option_invalid", /milliseconds/],
    "a misspelt option": [{ secret, algoritm: "HS256" }, "option_unknown", /Did you mean `algorithm`/],
  };
  for (const [title, [key, code, sentence]] of Object.entries(cases)) {
    it(`is refused if it is ${title}: ${code}`, () => {
      const error = mistake(key);
      expect(error.code).to.equal(code);
      expect(error.message).to.match(sentence).and.to.match(/^[^\n]+[.?]$/);
      expect(error.message).not.to.include("ssss").and.not.to.include("MII").and.not.to.include("12345");
    });
  }

  it("of type RSA-PSS only fits the hash that it names", () => {
    // The types of Node 20 do not know the names that it prefers.
    const parameters = { modulusLength: 2048, hashAlgorithm: "sha384", mgf1HashAlgorithm: "sha384", saltLength: 48 };
    const { privateKey } = generateKeyPairSync("rsa-pss", parameters as unknown as { modulusLength: number });
    expect(bindKey({ privateKey, algorithm: "PS384" }).verifying.asymmetricKeyType).to.equal("rsa-pss");
    for (const algorithm of ["PS256", "RS384"] satisfies Algorithm[]) expect(mistake({ privateKey, algorithm }).code).to.equal("algorithm_unfit");
  });
});
