// Key pairs as providers have them, and the certificates that some of them publish.
import { generateKeyPairSync, type JsonWebKey, type KeyObject } from "node:crypto";
import { certificateOf } from "../../support/certificate.js";

export interface Signer {
  readonly key: KeyObject;
  /** The public key, without `kid`, `alg` and `use`. */
  readonly jwk: JsonWebKey;
}

// RSA keys take a while to make. Each provider gets other ones than its neighbours in the list.
const pool: Signer[] = [];
const poolSize = 5;
let given = 0;

export function rsaSigner(): Signer {
  if (pool.length < poolSize) pool.push(signer(generateKeyPairSync("rsa", { modulusLength: 2048 })));
  return pool[given++ % poolSize]!;
}

export const ecSigner = (): Signer => signer(generateKeyPairSync("ec", { namedCurve: "P-256" }));
export const ed25519Signer = (): Signer => signer(generateKeyPairSync("ed25519"));

function signer({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): Signer {
  return { key: privateKey, jwk: publicKey.export({ format: "jwk" }) };
}

/** A certificate as in `x5c`. */
export const x5cOf = ({ key }: Signer, subject: string): readonly string[] => [certificateOf(key, { subject }).replaceAll(/-----.*-----|\n/g, "")];
