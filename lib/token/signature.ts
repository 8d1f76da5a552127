/** Makes and verifies signatures. The key decides the algorithm. `jsonwebtoken` does not support EdDSA (RFC 8037), so node:crypto does that. */
import { type KeyObject, createHmac, sign, timingSafeEqual, verify } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import { keyNeeds } from "./algorithms.js";
import type { BoundKey } from "./key.js";
import type { ParsedToken } from "./parse.js";

type SignedText = Pick<ParsedToken, "text" | "signedLength">;

/**
 * The payload as a token.
 * @throws what `jsonwebtoken` or `JSON.stringify` throws for a payload that cannot be signed
 */
export function signedToken(payload: object, { algorithm, kid }: BoundKey, signing: KeyObject): string {
  if (algorithm !== "EdDSA") return jsonwebtoken.sign(payload, signing, { algorithm, ...(kid !== undefined && { keyid: kid }) });
  const text = [{ alg: algorithm, typ: "JWT", kid }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${sign(null, Buffer.from(text), signing).toString("base64url")}`;
}

export function isSignedBy(token: SignedText, key: BoundKey): boolean {
  return key.verifying.type === "secret" ? hasMac(token, key) : hasSignature(token, key);
}

// `jsonwebtoken` parses the token once more for the same HMAC, which takes four times as long. A test compares both on a million tokens.
function hasMac(token: SignedText, { algorithm, verifying }: BoundKey): boolean {
  const expected = createHmac(keyNeeds[algorithm].hash, verifying).update(signedPart(token)).digest();
  const given = signatureOf(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function hasSignature(token: SignedText, { algorithm, verifying }: BoundKey): boolean {
  if (algorithm === "EdDSA") return verify(null, Buffer.from(signedPart(token)), verifying, signatureOf(token));
  if (!hasWholeSignature(token, verifying)) return false;
  try {
    // validity.ts and claims.ts judge times and claims, on the same payload.
    jsonwebtoken.verify(token.text, verifying, { algorithms: [algorithm], ignoreExpiration: true, ignoreNotBefore: true });
    return true;
  } catch {
    return false;
  }
}

/** An RSA signature is as long as the modulus, even if it begins with zeros. OpenSSL does not require that (RFC 8017, sections 8.1.2 and 8.2.2). */
function hasWholeSignature({ text, signedLength }: SignedText, verifying: KeyObject): boolean {
  const bits = verifying.asymmetricKeyDetails?.modulusLength;
  if (bits === undefined) return true;
  const letters = text.length - signedLength - 1;
  return Math.floor((letters * 3) / 4) === Math.ceil(bits / 8);
}

function signedPart({ text, signedLength }: SignedText): string {
  return text.slice(0, signedLength);
}

function signatureOf({ text, signedLength }: SignedText): Buffer {
  return Buffer.from(text.slice(signedLength + 1), "base64url");
}
