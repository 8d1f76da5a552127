/** Encrypts and decrypts the messages of an encrypted room in Pusher's format: NaCl's secretbox over JSON. */
import type { secretbox } from "@noble/ciphers/salsa.js";
import type { EncryptedMessage } from "../protocol.js";
import { roomError } from "./room-error.js";

type Secretbox = typeof secretbox;

export function isEncrypted(room: string): boolean {
  return room.startsWith("private-encrypted-");
}

/** Only encrypted rooms load the library. */
export async function loadCipher(room: string): Promise<RoomCipher> {
  const { secretbox } = await import("@noble/ciphers/salsa.js");
  return new RoomCipher(room, secretbox);
}

export class RoomCipher {
  readonly #room: string;
  readonly #secretbox: Secretbox;
  /** The newest first. Those who publish may still use the one before. */
  #keys: Uint8Array[] = [];

  constructor(room: string, secretbox: Secretbox) {
    this.#room = room;
    this.#secretbox = secretbox;
  }

  /** @throws RoomError `authorization_failed` */
  addKey(sharedSecret: unknown): void {
    const key = typeof sharedSecret === "string" ? fromBase64(sharedSecret) : undefined;
    if (key?.length !== 32) throw roomError("authorization_failed", this.#room, "An encrypted room needs a `shared_secret` of 32 bytes in base64. Give `signer()` an `encryptionMasterKey`.");
    if (!isSame(key, this.#keys[0])) this.#keys = [key, ...this.#keys.slice(0, 1)];
  }

  encrypt(data: unknown): EncryptedMessage {
    const nonce = crypto.getRandomValues(new Uint8Array(24));
    const plaintext = new TextEncoder().encode(JSON.stringify(data ?? null));
    return { nonce: toBase64(nonce), ciphertext: toBase64(this.#secretbox(this.#keys[0]!, nonce).seal(plaintext)) };
  }

  /** @throws RoomError `decryption_failed` */
  decrypt(message: unknown): unknown {
    const { nonce, ciphertext } = read(message);
    for (const key of this.#keys) {
      try {
        const text = new TextDecoder().decode(this.#secretbox(key, nonce!).open(ciphertext!));
        return parse(text);
      } catch { /* The next key. */ }
    }
    throw roomError("decryption_failed", this.#room, "The message cannot be decrypted.");
  }
}

/** Pusher's libraries publish the message as text. */
function read(message: unknown): { readonly nonce?: Uint8Array | undefined; readonly ciphertext?: Uint8Array | undefined } {
  const { nonce, ciphertext } = ((typeof message === "string" ? parse(message) : message) ?? {}) as Partial<EncryptedMessage>;
  return { nonce: fromBase64(nonce), ciphertext: fromBase64(ciphertext) };
}

/** Pusher's clients take text that is no JSON as it is. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && one.every((byte, index) => byte === other[index]);
}

function fromBase64(text: unknown): Uint8Array | undefined {
  try {
    return typeof text === "string" ? Uint8Array.from(atob(text), (character) => character.charCodeAt(0)) : undefined;
  } catch {
    return undefined;
  }
}

/** In pieces, because a call takes only so many arguments. */
function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 8_192) text += String.fromCharCode(...bytes.subarray(start, start + 8_192));
  return btoa(text);
}
