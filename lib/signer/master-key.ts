/** The master key of encrypted rooms: 32 bytes. Each room has a shared secret of its own, which is derived from it. */
import { createHash } from "node:crypto";
import { bytesOf } from "./base64.js";
import { invalid } from "./invalid.js";

const masterKeyBytes = 32;

/** @throws GuardError `option_invalid` */
export function readMasterKey(given: unknown): Uint8Array {
  // A copy: nobody changes it later.
  const bytes = typeof given === "string" ? bytesOf(given) : given instanceof Uint8Array ? Uint8Array.from(given) : undefined;
  if (bytes?.length !== masterKeyBytes) throw invalid("`encryptionMasterKey` of signer() must be 32 bytes, or their base64. Create one with `openssl rand -base64 32`.");
  return bytes;
}

/** What the members of the room and its publishers share (Pusher Channels, "End-to-end encryption"): SHA-256 of the room's name and the master key. */
export function sharedSecretOf(room: string, masterKey: Uint8Array): Uint8Array {
  return createHash("sha256").update(room).update(masterKey).digest();
}
