/**
 * The keys with which the chat signs for its own guard. They are derived from the chat's secret, so that each node accepts the signatures of
 * the others. In a larger system the two signers would belong to two programs.
 */
import { createHmac } from "node:crypto";
import { signer, type Signer } from "socket.io-guard";

/** For the guard: it verifies signatures, and cannot read what is encrypted. */
export function guardSigner(secret: string): Signer {
  return signer(keysFrom(secret));
}

/** For the endpoint that signs who may join an encrypted room: it also gives each member the key of the room. */
export function roomSigner(secret: string): Signer {
  return signer({ ...keysFrom(secret), encryptionMasterKey: derive(secret, "encrypted rooms").toString("base64") });
}

function keysFrom(secret: string): { key: string; secret: string } {
  return { key: "chat", secret: derive(secret, "guard/user-auth").toString("hex") };
}

function derive(secret: string, purpose: string): Buffer {
  return createHmac("sha256", secret).update(purpose).digest();
}
