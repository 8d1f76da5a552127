/** Raw tokens of every shape: properly signed, but with any content. */
import { type KeyObject, createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
import { Refusal } from "../../../lib/refusal.js";
import { type TokenOptions, readTokenOptions } from "../../../lib/token/options.js";
import { type VerifiedToken, verifyToken } from "../../../lib/token/verify.js";

export const secret = randomBytes(64);

/** A Tuesday in November 2023, in seconds; and the same in milliseconds. */
export const second = 1_700_000_000;
export const now = second * 1000;

export const encode = (text: string | Buffer) => Buffer.from(text).toString("base64url");

/** An HS256 token of exactly these texts. */
export function signTexts(header: string | Buffer, payload: string | Buffer, key: Buffer | KeyObject = secret, hash = "sha256"): string {
  return signParts(`${encode(header)}.${encode(payload)}`, key, hash);
}

export function signParts(input: string, key: Buffer | KeyObject = secret, hash = "sha256"): string {
  return `${input}.${createHmac(hash, key).update(input).digest("base64url")}`;
}

/** An HS256 token of this payload, which lives for an hour and is alice's unless the payload says otherwise. */
export function token(payload: object = {}, header: object = {}): string {
  return signTexts(JSON.stringify({ alg: "HS256", typ: "JWT", ...header }), JSON.stringify({ sub: "alice", iat: second, exp: second + 3600, ...payload }));
}

/** The verified token, or why it was refused. */
function verify(raw: unknown, options: Partial<TokenOptions> = {}, at = now): Refusal | VerifiedToken {
  return verifyToken(raw, at, readTokenOptions({ keys: secret, ...options }));
}

/** `accepted`, or the code of the refusal. */
export function verdict(raw: unknown, options: Partial<TokenOptions> = {}, at = now): string {
  const answer = verify(raw, options, at);
  return answer instanceof Refusal ? answer.denial.code : "accepted";
}

/** Why a token is refused. */
export function reasonOf(raw: unknown, options: Partial<TokenOptions> = {}): string | undefined {
  const answer = verify(raw, options);
  return answer instanceof Refusal ? answer.reason : undefined;
}

/** A verified token that must be accepted. */
export function accepted(raw: unknown, options: Partial<TokenOptions> = {}, at = now): VerifiedToken {
  const answer = verify(raw, options, at);
  if (answer instanceof Refusal) throw new Error(`refused: ${answer.denial.code}, ${answer.reason}`);
  return answer;
}

export interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const rsaPair = (modulusLength = 2048): Pair => generateKeyPairSync("rsa", { modulusLength });
export const ecPair = (namedCurve: string): Pair => generateKeyPairSync("ec", { namedCurve });
