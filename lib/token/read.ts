/**
 * The strict reader: what stands before any signature work. `jsonwebtoken` reads leniently (audit: any base64, any `typ`,
 * `crit` ignored, duplicate names); here a token has exactly one spelling, and says nothing that we would not heed.
 * Nothing that this file returns is trusted yet.
 */
import { isUtf8 } from "node:buffer";
import { type JsonObject, parseObject } from "./json.js";
import { Refusal, invalid, malformed } from "./refusal.js";

/** In characters. */
export const maxTokenLength = 8192;

/** What the header says, NOT YET TRUSTED: it chooses among our keys, and no more. */
export interface Header {
  readonly algorithm: string;
  readonly kid: string | undefined;
}

export interface Envelope {
  readonly token: string;
  readonly header: Header;
  /** The payload's bytes, NOT YET TRUSTED. */
  readonly payload: Buffer;
}

const notAString = malformed("it is not a string");
const tooLong = malformed(`it is longer than ${maxTokenLength} characters`);
const notThreeParts = malformed("it has not three parts with dots between");
const notCanonical = malformed("it is not written in canonical base64url");
const notUtf8 = malformed("it holds a part that is not UTF-8");
const noAlgorithm = invalid("its header names no algorithm");
const wrongType = invalid("its typ is neither JWT nor at+jwt");
const wrongKid = invalid("its kid is not 1 to 128 letters, digits or _.:-");

/** The three parts and the header of a compact JWS (RFC 7515, sections 3.1, 5.2 and 7.1). */
export function readEnvelope(token: unknown): Envelope | Refusal {
  if (typeof token !== "string") return notAString;
  if (token.length > maxTokenLength) return tooLong;
  const parts = token.split(".", 4);
  if (parts.length !== 3 || parts.includes("")) return notThreeParts;
  const [headerText, payloadText] = parts as [string, string, string];
  const known = headers.get(headerText);
  if (known === undefined ? !parts.every(isCanonical) : !parts.every((part, place) => place === 0 || isCanonical(part))) return notCanonical;
  const header = known ?? readHeader(Buffer.from(headerText, "base64url"));
  if (header instanceof Refusal) return header;
  if (known === undefined) remember(headerText, header);
  return { token, header, payload: Buffer.from(payloadText, "base64url") };
}

// A server sees few different headers, on many tokens. Each has one spelling only, so that its text can stand for it.
const headers = new Map<string, Header>();
const mostHeaders = 32;
const longestHeader = 256;

function remember(text: string, header: Header): void {
  if (text.length > longestHeader) return;
  if (headers.size >= mostHeaders) headers.clear();
  headers.set(text, Object.freeze(header));
}

/** The payload as a JSON object, NOT YET TRUSTED (RFC 7519, section 7.2). */
export function readPayload(envelope: Envelope): JsonObject | Refusal {
  return readObject(envelope.payload);
}

/** base64url in its one canonical spelling: no padding, no stray characters, unused bits zero (RFC 7515, section 2; RFC 4648, section 3.5). */
function isCanonical(part: string): boolean {
  const over = part.length % 4;
  if (over === 1 || stray.test(part)) return false;
  return over === 0 || (over === 2 ? lastOfTwo : lastOfThree).includes(part.at(-1) ?? "");
}

const stray = /[^\w-]/;
const lastOfTwo = "AQgw";
const lastOfThree = "AEIMQUYcgkosw048";

function readObject(bytes: Buffer): JsonObject | Refusal {
  return isUtf8(bytes) ? parseObject(bytes.toString("utf8")) : notUtf8;
}

/** Parameters that change what a token means. We implement none, so a token that has one is not for us (RFC 7515, 4.1.11; RFC 7797; RFC 7516; RFC 8725, 3.10). */
const refusedParameters = ["crit", "b64", "zip", "enc", "cty"];
const refusals = new Map(refusedParameters.map((name) => [name, invalid(`its header has ${name}, which is not supported`)]));

// `jwk`, `jku` and `x5*` would let a token bring its own key: they are never looked at (RFC 8725, section 3.10).
function readHeader(bytes: Buffer): Header | Refusal {
  const header = readObject(bytes);
  if (header instanceof Refusal) return header;
  for (const [name, refusal] of refusals) {
    if (Object.hasOwn(header, name)) return refusal;
  }
  const { alg, typ, kid } = header;
  if (typeof alg !== "string") return noAlgorithm;
  if (Object.hasOwn(header, "typ") && !isTokenType(typ)) return wrongType;
  if (Object.hasOwn(header, "kid") && !isKid(kid)) return wrongKid;
  return { algorithm: alg, kid: kid as string | undefined };
}

/** A media type, so its case does not count (RFC 7519, section 5.1; RFC 9068, section 2.1). */
function isTokenType(typ: unknown): boolean {
  return typeof typ === "string" && /^(?:at\+)?jwt$/i.test(typ);
}

const kidPattern = /^[\w.:-]{1,128}$/;

export function isKid(kid: unknown): kid is string {
  return typeof kid === "string" && kidPattern.test(kid);
}
