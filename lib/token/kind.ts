/** What key material is, however it is written: only a secret may be an HMAC secret. Whoever knows a public key could sign with it (RFC 8725, sections 2.1 and 3.1). */
import { KeyObject, X509Certificate, createPrivateKey, createPublicKey } from "node:crypto";

/** A JSON Web Key (RFC 7517) of an RSA or EC key, with the members that its generators write. */
export interface Jwk {
  readonly kty?: string | undefined;
  readonly kid?: string | undefined;
  readonly use?: string | undefined;
  readonly key_ops?: readonly string[] | undefined;
  readonly alg?: string | undefined;
  readonly ext?: boolean | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly d?: string | undefined;
  readonly p?: string | undefined;
  readonly q?: string | undefined;
  readonly dp?: string | undefined;
  readonly dq?: string | undefined;
  readonly qi?: string | undefined;
  readonly x5u?: string | undefined;
  readonly x5c?: readonly string[] | undefined;
  readonly x5t?: string | undefined;
  readonly "x5t#S256"?: string | undefined;
}

export type Kind = "secret" | "public" | "private";

/** Undefined for what is no key material at all. The forms that it knows: PEM, DER, a JWK or a set of them, ssh; each also in base64. */
export function kindOf(given: unknown): Kind | undefined {
  if (given instanceof KeyObject) return given.type === "secret" ? kindOfBytes(given.export()) : given.type;
  if (given instanceof X509Certificate) return "public";
  if (typeof given === "string") return kindOfBytes(Buffer.from(given, "utf8"));
  if (given instanceof Uint8Array) return kindOfBytes(Buffer.from(given.buffer, given.byteOffset, given.byteLength));
  return kindOfJson(given);
}

export function isJwk(given: unknown): given is Jwk {
  return typeof given === "object" && given !== null && "kty" in given && given.kty !== "oct";
}

function kindOfBytes(bytes: Buffer): Kind {
  const text = bytes.toString("latin1");
  // A .env file may have written line feeds as \n. Node's base64 reads base64url as well, and skips spaces.
  return asymmetricKind(bytes, text) ?? asymmetricKind(Buffer.from(text.replace(/\\[nr]/g, ""), "base64")) ?? "secret";
}

function asymmetricKind(bytes: Buffer, text = bytes.toString("latin1")): "public" | "private" | undefined {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)) return "private";
  if (/-----BEGIN |^\s*(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\w+)\s/.test(text)) return "public";
  if (/^\s*[[{]/.test(text)) return kindOfJson(attempt(() => JSON.parse(text) as unknown));
  return kindOfDer(bytes);
}

/** A JWK, or whatever holds one: a JWKS, a list, a file of several. A private one outweighs public ones. */
function kindOfJson(value: unknown, depth = 0): "public" | "private" | undefined {
  if (typeof value !== "object" || value === null || depth > 4) return undefined;
  if (isJwk(value)) return "d" in value ? "private" : "public";
  const kinds = Object.values(value).map((member) => kindOfJson(member, depth + 1));
  return kinds.find((kind) => kind === "private") ?? kinds.find((kind) => kind !== undefined);
}

const sequence = 0x30;

/** All these forms are a DER SEQUENCE: its first byte spares nearly every real secret the attempts. */
function kindOfDer(key: Buffer): "public" | "private" | undefined {
  if (key[0] !== sequence) return undefined;
  // Private ones first: Node also makes a public key of a private one.
  for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
    if (isPrivateDer(key, type)) return "private";
  }
  for (const type of ["spki", "pkcs1"] as const) {
    if (isReal(attempt(() => createPublicKey({ key, format: "der", type })))) return "public";
  }
  return attempt(() => new X509Certificate(key)) && "public";
}

function isPrivateDer(key: Buffer, type: "pkcs8" | "pkcs1" | "sec1"): boolean {
  try {
    return isReal(createPrivateKey({ key, format: "der", type }));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ERR_MISSING_PASSPHRASE";
  }
}

/** Two random numbers can look like a PKCS #1 key, but not like one of a length that anybody uses. */
function isReal(key: KeyObject | undefined): boolean {
  return key !== undefined && (key.asymmetricKeyDetails?.modulusLength ?? Infinity) >= 512;
}

function attempt<Result>(make: () => Result): Result | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
