/** Signatures: each algorithm verifies only its own, and a token cannot choose how a key is used. */
import { constants, createHmac, createSecretKey, generateKeyPairSync, sign } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { expect } from "chai";
import { type Algorithm, algorithmNames } from "../../../lib/token/algorithms.js";
import { issueToken } from "../../../lib/token/issue.js";
import type { JwtKey } from "../../../lib/token/create-key-ring.js";
import { readTokenOptions } from "../../../lib/token/options.js";
import { asOf } from "../../support/clock.js";
import { type Pair, ecPair, encode, now, rsaPair, second, secret, verdict } from "./support.js";

const rsa = rsaPair();
const otherRsa = rsaPair();
const makeCurves = () => ({ ES256: ecPair("P-256"), ES384: ecPair("P-384"), ES512: ecPair("P-521"), EdDSA: generateKeyPairSync("ed25519") }) satisfies Record<string, Pair>;
const curves = makeCurves();
const otherCurves = makeCurves();

function keyOf(algorithm: Algorithm): JwtKey {
  if (algorithm.startsWith("HS")) return { secret, algorithm };
  return { ...(algorithm in curves ? curves[algorithm as keyof typeof curves] : rsa), algorithm };
}

const issue = (key: JwtKey) => asOf(now, () => issueToken({ sub: "alice" }, { expiresIn: "1h" }, readTokenOptions({ keys: [key] })));
const tokens = new Map(algorithmNames.map((algorithm) => [algorithm, issue(keyOf(algorithm))]));
const payload = encode(JSON.stringify({ sub: "alice", iat: second, exp: second + 3600 }));

describe("A signature algorithm", () => {
  for (const algorithm of algorithmNames) {
    it(`${algorithm} verifies its own token, with the public key alone, and refuses those of all others`, () => {
      const { privateKey: _, ...key } = keyOf(algorithm);
      for (const [signedBy, token] of tokens) {
        expect(verdict(token, { keys: [key] }), signedBy).to.equal(signedBy === algorithm ? "accepted" : "token_invalid");
      }
    });

    it(`${algorithm} refuses another key's token, and a changed, cut or longer signature`, () => {
      const token = tokens.get(algorithm) as string;
      const other: JwtKey = algorithm.startsWith("HS") ? { secret: "another secret ".repeat(5), algorithm } : { ...(algorithm in curves ? otherCurves[algorithm as keyof typeof curves] : otherRsa), algorithm };
      expect(verdict(token, { keys: [other] })).to.equal("token_invalid");
      const [head, body, text] = token.split(".") as [string, string, string];
      const signature = Buffer.from(text, "base64url");
      const flipped = Buffer.from(signature);
      flipped[3] = (flipped[3] ?? 0) ^ 1;
      for (const wrong of [flipped, signature.subarray(1), signature.subarray(0, -1), Buffer.concat([signature, Buffer.alloc(1)]), Buffer.concat([Buffer.alloc(1), signature]), Buffer.alloc(signature.length)]) {
        expect(verdict(`${head}.${body}.${wrong.toString("base64url")}`, { keys: [keyOf(algorithm)] })).to.equal("token_invalid");
      }
    });
  }

  for (const algorithm of ["RS256", "PS384"] as const) {
    it(`${algorithm} refuses a signature that lost its leading zero, which OpenSSL takes for the same number`, () => {
      for (let nth = 0; nth < 10_000; nth += 1) {
        const token = jsonwebtoken.sign({ sub: "alice", nth, iat: second, exp: second + 3600 }, rsa.privateKey, { algorithm });
        const [head, body, text] = token.split(".") as [string, string, string];
        const signature = Buffer.from(text, "base64url");
        if (signature[0] !== 0) continue;
        expect(verdict(token, { keys: [keyOf(algorithm)] })).to.equal("accepted");
        expect(verdict(`${head}.${body}.${signature.subarray(1).toString("base64url")}`, { keys: [keyOf(algorithm)] })).to.equal("token_invalid");
        return;
      }
      throw new Error("None of 10,000 signatures begins with a zero.");
    });
  }

  it("of HMAC refuses a token that is signed with a public key as its secret", () => {
    const forms = [
      rsa.publicKey.export({ type: "spki", format: "pem" }), rsa.publicKey.export({ type: "spki", format: "der" }),
      rsa.publicKey.export({ type: "pkcs1", format: "pem" }), (rsa.publicKey.export({ type: "spki", format: "pem" }) as string).trim(),
    ];
    for (const form of forms) {
      for (const algorithm of ["HS256", "HS384", "HS512"]) {
        const input = `${encode(JSON.stringify({ alg: algorithm }))}.${payload}`;
        const forged = `${input}.${createHmac(`sha${algorithm.slice(2)}`, form).update(input).digest("base64url")}`;
        expect(verdict(forged, { keys: [{ publicKey: rsa.publicKey, algorithm: "RS256" }] })).to.equal("token_invalid");
        expect(verdict(forged, { keys: [{ publicKey: rsa.publicKey, algorithm: "RS256" }, { secret }] })).to.equal("token_invalid");
      }
    }
  });

  it("of HMAC refuses a token that is signed with an Ed25519 public key as its secret", () => {
    const { publicKey } = curves.EdDSA;
    const jwk = publicKey.export({ format: "jwk" });
    const forms = [publicKey.export({ type: "spki", format: "pem" }), publicKey.export({ type: "spki", format: "der" }), Buffer.from(jwk.x!, "base64url"), jwk.x!, JSON.stringify(jwk)];
    for (const form of forms) {
      for (const alg of ["HS256", "EdDSA"]) {
        const input = `${encode(JSON.stringify({ alg, kid: "ed" }))}.${payload}`;
        const forged = `${input}.${createHmac("sha256", form).update(input).digest("base64url")}`;
        expect(verdict(forged, { keys: [{ kid: "ed", publicKey, algorithm: "EdDSA" }, { secret }] })).to.equal("token_invalid");
      }
    }
  });

  it("of EdDSA is named EdDSA, and the header cannot have another one verified with its key", () => {
    const { publicKey, privateKey } = curves.EdDSA;
    for (const alg of ["EdDSA", "Ed25519", "eddsa", "EDDSA", "EdDSA ", "Ed448", "ES256", "RS256"]) {
      const input = `${encode(JSON.stringify({ alg }))}.${payload}`;
      const token = `${input}.${sign(null, Buffer.from(input), privateKey).toString("base64url")}`;
      const keys = [{ publicKey, algorithm: "EdDSA" as const }, { publicKey: rsa.publicKey, algorithm: "RS256" as const }, { publicKey: curves.ES256.publicKey, algorithm: "ES256" as const }];
      expect(verdict(token, { keys }), alg).to.equal(alg === "EdDSA" ? "accepted" : "token_invalid");
    }
  });

  it("is never none", () => {
    for (const alg of ["none", "None", "NONE", "nOnE"]) {
      const input = `${encode(JSON.stringify({ alg }))}.${payload}`;
      expect(verdict(`${input}.`)).to.equal("token_malformed");
      expect(verdict(`${input}.e30`)).to.equal("token_invalid");
      expect(verdict(`${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`)).to.equal("token_invalid");
    }
  });

  it("must be the one that the header names", () => {
    const input = `${encode("{\"alg\":\"PS256\"}")}.${payload}`;
    const pkcs1 = sign("sha256", Buffer.from(input), rsa.privateKey);
    const pss = sign("sha256", Buffer.from(input), { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
    const under = (signature: Buffer, algorithm: Algorithm) => verdict(`${input}.${signature.toString("base64url")}`, { keys: [{ publicKey: rsa.publicKey, algorithm }] });
    expect(under(pss, "PS256")).to.equal("accepted");
    expect(under(pkcs1, "PS256")).to.equal("token_invalid");
    expect(under(pkcs1, "RS256")).to.equal("token_invalid");
    expect(under(pss, "RS256")).to.equal("token_invalid");
  });

  it("of ECDSA refuses a signature of zeros, and one in DER", () => {
    const input = `${encode("{\"alg\":\"ES256\"}")}.${payload}`;
    const keys = [{ publicKey: curves.ES256.publicKey, algorithm: "ES256" as const }];
    const der = sign("sha256", Buffer.from(input), curves.ES256.privateKey);
    const plain = sign("sha256", Buffer.from(input), { key: curves.ES256.privateKey, dsaEncoding: "ieee-p1363" });
    expect(verdict(`${input}.${plain.toString("base64url")}`, { keys })).to.equal("accepted");
    for (const wrong of [der, Buffer.alloc(64), Buffer.alloc(64, 0xff)]) expect(verdict(`${input}.${wrong.toString("base64url")}`, { keys })).to.equal("token_invalid");
  });

  it("must be among `algorithms`, if they are given", () => {
    const keys = [{ secret }, { publicKey: rsa.publicKey, algorithm: "RS256" as const }];
    expect(verdict(tokens.get("HS256"), { keys, algorithms: ["HS256"] })).to.equal("accepted");
    expect(verdict(tokens.get("RS256"), { keys, algorithms: ["HS256"] })).to.equal("token_invalid");
    expect(verdict(tokens.get("RS256"), { keys, algorithms: ["HS256", "RS256"] })).to.equal("accepted");
  });

  it("is bound to a secret alone if it is the only one of `algorithms`", () => {
    for (const keys of [secret, createSecretKey(secret)]) {
      expect(verdict(tokens.get("HS512"), { keys, algorithms: ["HS512"] })).to.equal("accepted");
      expect(verdict(tokens.get("HS256"), { keys, algorithms: ["HS512"] })).to.equal("token_invalid");
      expect(verdict(tokens.get("HS512"), { keys })).to.equal("token_invalid");
    }
  });
});
