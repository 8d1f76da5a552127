/** HMACs and EdDSA are verified by node:crypto: as `jsonwebtoken` verifies HMACs, and as RFC 8037 shows EdDSA. */
import { type KeyObject, createSecretKey } from "node:crypto";
import { expect } from "chai";
import { SignJWT, jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";
import { bindKey } from "../../../lib/token/key.js";
import { type ParsedToken, parseToken } from "../../../lib/token/parse.js";
import { Refusal } from "../../../lib/refusal.js";
import { isSignedBy, signedToken } from "../../../lib/token/signature.js";
import { draws, randomFrom, seed } from "../../support/draws.js";

const algorithms = ["HS256", "HS384", "HS512"] as const;
type Algorithm = (typeof algorithms)[number];
type Random = () => number;

function drawBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)]!;
}

function drawToken(random: Random, secrets: readonly KeyObject[]): string {
  const payload = { sub: pick(random, ["alice", "bob", "Zoë 😀"]), n: random(), ...(random() < 0.3 && { text: "x".repeat(random() * 300) }) };
  const kid = pick(random, [undefined, "1", "a/b+c="]);
  return jsonwebtoken.sign(payload, pick(random, secrets), { algorithm: pick(random, algorithms), noTimestamp: true, ...(kid !== undefined && { keyid: kid }) });
}

/** Damages a token in a place that the parser may let pass. */
function damage(random: Random, token: string, other: string): string {
  const parts = token.split(".") as [string, string, string];
  const place = pick(random, [0, 1, 2]);
  const bytes = Buffer.from(parts[place]!, "base64url");
  switch (pick(random, ["flip", "flip", "cut", "extend", "empty", "exchange"])) {
    case "flip": bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8); break;
    case "cut": parts[place] = bytes.subarray(0, Math.floor(random() * bytes.length)).toString("base64url"); return parts.join(".");
    case "extend": parts[place] = Buffer.concat([bytes, drawBytes(random, 1 + Math.floor(random() * 3))]).toString("base64url"); return parts.join(".");
    case "empty": parts[2] = Buffer.alloc(Math.floor(random() * 65)).toString("base64url"); return parts.join(".");
    case "exchange": parts[place] = other.split(".")[place]!; return parts.join(".");
  }
  parts[place] = bytes.toString("base64url");
  return parts.join(".");
}

function theirs(token: string, key: KeyObject, algorithm: Algorithm): boolean {
  try {
    jsonwebtoken.verify(token, key, { algorithms: [algorithm], ignoreExpiration: true, ignoreNotBefore: true });
    return true;
  } catch {
    return false;
  }
}

describe("The HMAC of a token", () => {
  it("is verified as jsonwebtoken verifies it", () => {
    const random = randomFrom(seed());
    const secrets = [64, 64, 65, 200].map((length) => createSecretKey(drawBytes(random, length)));
    const keys = secrets.flatMap((secret) => algorithms.map((algorithm) => ({ secret, algorithm, bound: bindKey({ secret, algorithm }) })));
    const counts = { signed: 0, unsigned: 0, unread: 0 };
    for (let draw = 0; draw < draws(1_000_000); draw += 1) {
      const token = random() < 0.5 ? drawToken(random, secrets) : damage(random, drawToken(random, secrets), drawToken(random, secrets));
      const parsed = parseToken(token, 8_192);
      // The ring only asks keys of the algorithm that the header names.
      const named = parsed instanceof Refusal ? [] : keys.filter(({ algorithm }) => algorithm === parsed.header.algorithm);
      if (parsed instanceof Refusal || named.length === 0) counts.unread += 1;
      else compare(token, parsed, pick(random, named), counts);
    }
    // The draws only tell something if they fall on all sides.
    for (const count of Object.values(counts)) expect(count).to.be.greaterThan(draws(1_000_000) / 50);
  });
});

/** RFC 8037, appendix A. */
describe("EdDSA", () => {
  const privateJwk = { kty: "OKP", crv: "Ed25519", d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
  const { d: _, ...publicJwk } = privateJwk;
  const text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  const signedLength = text.lastIndexOf(".");

  it("verifies the signature of RFC 8037 by its public key and by its private key, and no other", () => {
    for (const key of [bindKey({ publicKey: publicJwk, algorithm: "EdDSA" }), bindKey({ privateKey: privateJwk, algorithm: "EdDSA" })]) {
      expect(isSignedBy({ text, signedLength }, key)).to.equal(true);
      expect(isSignedBy({ text: text.replace("RXhh", "RXhi"), signedLength }, key)).to.equal(false);
      expect(isSignedBy({ text: text.slice(0, -4), signedLength }, key)).to.equal(false);
      expect(isSignedBy({ text: `${text.slice(0, signedLength)}.${"A".repeat(86)}`, signedLength }, key)).to.equal(false);
    }
  });

  it("verifies no second spelling of a signature, whose number is larger by the order of the curve (RFC 8032, section 5.1.7)", () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const signature = Buffer.from(text.slice(signedLength + 1), "base64url");
    const number = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`) + order;
    const malleated = Buffer.concat([signature.subarray(0, 32), Buffer.from(number.toString(16).padStart(64, "0"), "hex").reverse()]);
    expect(isSignedBy({ text: `${text.slice(0, signedLength)}.${malleated.toString("base64url")}`, signedLength }, bindKey({ publicKey: publicJwk, algorithm: "EdDSA" }))).to.equal(false);
  });

  it("signs as jose does, and verifies what jose signs", async () => {
    const key = bindKey({ kid: "ed", privateKey: privateJwk, algorithm: "EdDSA" });
    const payload = { sub: "alice", text: "Zoë 😀" };
    const ours = signedToken(payload, key, key.signing!);
    const theirs = await new SignJWT(payload).setProtectedHeader({ alg: "EdDSA", typ: "JWT", kid: "ed" }).sign(key.signing!);
    expect(ours).to.equal(theirs);
    expect((await jwtVerify(ours, key.verifying)).payload).to.deep.equal(payload);
  });
});

function compare(token: string, parsed: ParsedToken, { secret, algorithm, bound }: { secret: KeyObject; algorithm: Algorithm; bound: ReturnType<typeof bindKey> }, counts: { signed: number; unsigned: number }): void {
  const isSigned = isSignedBy(parsed, bound);
  if (isSigned !== theirs(token, secret, algorithm)) expect.fail(`${algorithm} of ${token} is ${isSigned ? "" : "not "}accepted, unlike by jsonwebtoken`);
  if (isSigned) counts.signed += 1;
  else counts.unsigned += 1;
}
