// What the tests of lib/signer share.
import Pusher from "pusher";
import type { AcceptedKey } from "../../../lib/signer/keys.js";

export const key = { key: "chat", secret: "a secret of the tests, twenty bytes and more" };

/** The keys of the known answers are shorter than signer() accepts. */
export function withSecret({ key, secret }: { readonly key: string; readonly secret: string }): AcceptedKey {
  return { key, secret, acceptUntil: Infinity, masterKey: undefined };
}

/** The code of the GuardError that is thrown. */
export function codeOf(make: () => unknown): string {
  try {
    make();
    return "none";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** Pusher's server library for Node. It connects to nothing here. */
export function pusherOf(options: { readonly key: string; readonly secret: string; readonly encryptionMasterKeyBase64?: string; readonly port?: string }): Pusher {
  return new Pusher({ appId: "1", host: "127.0.0.1", useTLS: false, ...options });
}
