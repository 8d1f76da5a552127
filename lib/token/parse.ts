/**
 * Parses a compact JWS (RFC 7515) strictly, before any signature work. `jsonwebtoken` is lenient: it takes any base64 and any
 * `typ`, ignores `crit`, and takes duplicate names. Here a token has exactly one spelling, and nothing in it is ignored.
 * Nothing that this file returns is trusted yet.
 */
import { isUtf8 } from "node:buffer";
import { Refusal, refuse } from "../refusal.js";
import { type JsonObject, parseObject } from "./json.js";

/** NOT YET TRUSTED: it may only choose among the keys of the ring. */
export interface Header {
  readonly algorithm: string;
  readonly kid: string | undefined;
}

export interface ParsedToken {
  readonly text: string;
  /** The position of the dot before the signature: what comes before it is signed. */
  readonly signedLength: number;
  readonly header: Header;
  /** NOT YET TRUSTED. */
  readonly payload: JsonObject;
}

const notAString = refuse("token_malformed", { reason: "it is not a string" });
const notThreeParts = refuse("token_malformed", { reason: "it does not have three parts with dots between them: it may be an opaque token, or an encrypted one, which has five" });
const notCanonical = refuse("token_malformed", { reason: "it is not written in canonical base64url" });
const notUtf8 = refuse("token_malformed", { reason: "a part of it is not UTF-8" });
const noAlgorithm = refuse("token_invalid", { reason: "its header has no `alg`" });
const wrongType = refuse("token_invalid", { reason: "its `typ` is neither JWT nor at+jwt" });
const wrongKid = refuse("token_invalid", { reason: "its `kid` is not 1 to 256 printable ASCII characters" });

/** The parts of a token. Each of them is a refusal if it cannot be read. */
export interface TokenParts extends Pick<ParsedToken, "text" | "signedLength"> {
  readonly header: Header | Refusal;
  /** NOT YET TRUSTED. */
  readonly payload: JsonObject | Refusal;
}

/** A token whose header and payload can be read. */
export function parseToken(token: unknown, maxLength: number): ParsedToken | Refusal {
  const parts = partsOf(token, maxLength);
  if (parts instanceof Refusal) return parts;
  if (parts.header instanceof Refusal) return parts.header;
  return parts.payload instanceof Refusal ? parts.payload : parts as ParsedToken;
}

/** The parts of a token (RFC 7515, sections 3.1, 5.2 and 7.1; RFC 7519, section 7.2). */
export function partsOf(token: unknown, maxLength: number): TokenParts | Refusal {
  if (typeof token !== "string") return notAString;
  if (token.length > maxLength) return refuse("token_malformed", { reason: `it is longer than ${maxLength} characters, which \`maxTokenLength\` sets` });
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first < 1 || second <= first + 1 || second === token.length - 1 || token.includes(".", second + 1)) return notThreeParts;
  const headerText = token.slice(0, first);
  const payloadText = token.slice(first + 1, second);
  const known = headers.get(headerText);
  if ((known === undefined && !isCanonical(headerText)) || !isCanonical(payloadText) || !isCanonical(token.slice(second + 1))) return notCanonical;
  return { text: token, signedLength: second, header: known ?? parseHeader(headerText), payload: parsePart(payloadText) };
}

// A server sees few different headers on many tokens. Each has only one spelling, so its text identifies it.
const headers = new Map<string, Header>();
const maxHeaders = 32;
const maxHeaderLength = 512;

function remember(text: string, header: Header): void {
  if (text.length > maxHeaderLength) return;
  if (headers.size >= maxHeaders) headers.clear();
  headers.set(text, header);
}

/** base64url in its one canonical spelling: no padding, no stray characters, unused bits zero (RFC 7515, section 2; RFC 4648, section 3.5). */
function isCanonical(part: string): boolean {
  const remainder = part.length % 4;
  if (remainder === 1 || stray.test(part)) return false;
  return remainder === 0 || (remainder === 2 ? lastOfTwo : lastOfThree).includes(part.at(-1) ?? "");
}

const stray = /[^\w-]/;
const lastOfTwo = "AQgw";
const lastOfThree = "AEIMQUYcgkosw048";

function parsePart(text: string): JsonObject | Refusal {
  const bytes = Buffer.from(text, "base64url");
  return isUtf8(bytes) ? parseObject(bytes.toString("utf8")) : notUtf8;
}

/** Parameters that change what a token means. None is implemented, so a token that has one is refused (RFC 7515, 4.1.11; RFC 7797; RFC 7516; RFC 8725, 3.10). */
const unsupported = ["crit", "b64", "zip", "enc", "cty"];
const refusals = new Map(unsupported.map((name) => [name, refuse("token_invalid", { reason: `its header has \`${name}\`, which is not supported` })]));

// `jwk`, `jku` and `x5*` would let a token bring its own key. They are never read (RFC 8725, section 3.10).
function parseHeader(text: string): Header | Refusal {
  const header = parsePart(text);
  if (header instanceof Refusal) return header;
  for (const [name, refusal] of refusals) {
    if (Object.hasOwn(header, name)) return refusal;
  }
  const { alg, typ, kid } = header;
  if (typeof alg !== "string") return noAlgorithm;
  if (Object.hasOwn(header, "typ") && !isTokenType(typ)) return wrongType;
  if (Object.hasOwn(header, "kid") && !isKid(kid)) return wrongKid;
  const parsed = Object.freeze({ algorithm: alg, kid: kid as string | undefined });
  remember(text, parsed);
  return parsed;
}

/** A media type: its case does not matter, and `application/` may be left out (RFC 7515, section 4.1.9; RFC 9068, section 4). */
function isTokenType(typ: unknown): boolean {
  return typeof typ === "string" && /^(?:application\/)?(?:at\+)?jwt$/i.test(typ);
}

/** 1 to 256 printable ASCII characters: those of Cognito hold `=`, `+` and `/`. */
export function isKid(kid: unknown): kid is string {
  return typeof kid === "string" && /^[ -~]{1,256}$/.test(kid);
}
