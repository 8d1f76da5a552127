/** Messages of encrypted rooms, in Pusher's format: NaCl's secretbox over JSON, with the shared secret of the room. */
import { randomBytes } from "node:crypto";
import { secretbox } from "@noble/ciphers/salsa.js";
import { attempt } from "../callbacks.js";
import { GuardError } from "../guard-error.js";
import type { EncryptedMessage } from "../protocol.js";
import { isEncryptedRoom } from "../room-name.js";
import { bytesOf } from "./base64.js";
import { invalid } from "./invalid.js";
import type { AcceptedKey, AcceptedKeys } from "./keys.js";
import { sharedSecretOf } from "./master-key.js";

const nonceBytes = 24;

/** Base64, as the members get it. @throws GuardError `option_missing` */
export function sharedSecret(key: AcceptedKey, room: string): string {
  return Buffer.from(sharedSecretOf(room, masterKeyOf(key))).toString("base64");
}

/** @throws GuardError `option_invalid`, `option_missing` */
export function encrypt([current]: AcceptedKeys, room: string, event: string, data: unknown): EncryptedMessage {
  requireEncrypted(room);
  if (typeof event !== "string" || event === "") throw invalid("Name the event that is encrypted: encrypt(room, event, data).");
  const text = attempt(() => JSON.stringify(data) as string | undefined);
  if (text === undefined) throw invalid("The data to encrypt must be what JSON can hold.");
  return seal(sharedSecretOf(room, masterKeyOf(current)), Buffer.from(text));
}

/** The data, or undefined if no master key that is accepted at this instant opens the box. @throws GuardError `option_invalid`, `option_missing` */
export function decrypt(keys: AcceptedKeys, room: string, box: EncryptedMessage, now: number): unknown {
  requireEncrypted(room);
  if (keys.every(({ masterKey }) => masterKey === undefined)) throw missing();
  const accepted = keys.filter(({ masterKey, acceptUntil }) => masterKey !== undefined && now < acceptUntil);
  for (const key of accepted) {
    const bytes = open(sharedSecretOf(room, masterKeyOf(key)), box);
    if (bytes !== undefined) return attempt(() => JSON.parse(Buffer.from(bytes).toString()) as unknown);
  }
  return undefined;
}

export function seal(secret: Uint8Array, text: Uint8Array, nonce: Uint8Array = randomBytes(nonceBytes)): EncryptedMessage {
  return { nonce: Buffer.from(nonce).toString("base64"), ciphertext: Buffer.from(secretbox(secret, nonce).seal(text)).toString("base64") };
}

/** Undefined if the box is not one of this secret. */
export function open(secret: Uint8Array, box: unknown): Uint8Array | undefined {
  const { nonce, ciphertext } = (box ?? {}) as Partial<Record<keyof EncryptedMessage, unknown>>;
  if (typeof nonce !== "string" || typeof ciphertext !== "string") return undefined;
  const [nonceGiven, sealed] = [bytesOf(nonce), bytesOf(ciphertext)];
  if (nonceGiven === undefined || sealed === undefined) return undefined;
  // It throws if the nonce has another length, or if the box was sealed with another secret.
  return attempt(() => secretbox(secret, nonceGiven).open(sealed));
}

function requireEncrypted(room: string): void {
  if (typeof room !== "string" || !isEncryptedRoom(room)) throw invalid("Only rooms whose names begin with `private-encrypted-` are encrypted.");
}

/** @throws GuardError `option_missing` */
function masterKeyOf({ masterKey }: AcceptedKey): Uint8Array {
  if (masterKey === undefined) throw missing();
  return masterKey;
}

function missing(): GuardError {
  return new GuardError("option_missing", "Rooms whose names begin with `private-encrypted-` need the `encryptionMasterKey` of signer(). Create one with `openssl rand -base64 32`.");
}
