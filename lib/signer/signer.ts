/** Signs users and rooms the way Pusher's server libraries do, so that a backend in any language can decide for a session. */
import type { EncryptedMessage, JoinAuthorization, RoomAuthorization, SignedUser, SignIn } from "../protocol.js";
import type { RoomUser } from "./channel-data.js";
import { decrypt, encrypt } from "./encryption.js";
import { readKeys, type SignerOptions } from "./keys.js";
import { authorizeRoom, verifyRoom, type SignedRoom } from "./room.js";
import { authenticateUser, verifyUser } from "./user.js";
import { verifyWebhook, type WebhookHeaders } from "./webhook.js";

/** Verifies the signatures of a backend: see `signer`. */
export interface Signer {
  /**
   * Signs a user for the session with this `signingId`, like Pusher's `authenticateUser`.
   * @throws GuardError `option_invalid`
   */
  authenticateUser(signingId: string, user: SignedUser): SignIn;
  /** Whether a key that is accepted at this instant (epoch milliseconds) has signed this. */
  verifyUser(signingId: string, signed: SignIn, now: number): boolean;
  /**
   * Signs that the session with this `signingId` may join the room, like Pusher's `authorizeChannel`. With a member it
   * also says who is present, and until when. In rooms whose names begin with `private-encrypted-` the answer has the `shared_secret`.
   * @throws GuardError `option_invalid`, `option_missing` for an encrypted room without `encryptionMasterKey`
   */
  authorizeRoom(signingId: string, room: string, member?: RoomUser): RoomAuthorization;
  /** What the authorization says, or why it does not hold at this instant (epoch milliseconds). A new signature replaces one that is "expired". */
  verifyRoom(signingId: string, room: string, authorization: JoinAuthorization, now: number): SignedRoom | "invalid" | "expired";
  /**
   * Encrypts data for a room whose name begins with `private-encrypted-`, like Pusher's `trigger`. The name of the event is not a part of what is encrypted.
   * @throws GuardError `option_invalid`, `option_missing`
   */
  encrypt(room: string, event: string, data: unknown): EncryptedMessage;
  /**
   * The data of a message, or undefined if none of the master keys that are still accepted opens it.
   * @throws GuardError `option_invalid`, `option_missing`
   */
  decrypt(room: string, message: EncryptedMessage): unknown;
  /**
   * The parsed body of a webhook whose `X-Pusher-Signature` is by a key that is still accepted, or undefined.
   * @throws GuardError `option_invalid` if the body is parsed already
   */
  verifyWebhook(headers: WebhookHeaders, rawBody: string | Uint8Array): Readonly<Record<string, unknown>> | undefined;
}

/**
 * Signs with its key, and accepts the signatures of its keys: for `guard:signin`, for rooms and for webhooks.
 * @throws GuardError `option_invalid`, `option_unknown`, `option_undefined`, `secret_too_short`
 */
export function signer(options: SignerOptions): Signer {
  const keys = readKeys(options);
  return Object.freeze<Signer>({
    authenticateUser: (signingId, user) => authenticateUser(keys, signingId, user),
    verifyUser: (signingId, signed, now) => verifyUser(keys, signingId, signed, now),
    authorizeRoom: (signingId, room, member) => authorizeRoom(keys, signingId, room, member),
    verifyRoom: (signingId, room, authorization, now) => verifyRoom(keys, signingId, room, authorization, now),
    encrypt: (room, event, data) => encrypt(keys, room, event, data),
    decrypt: (room, message) => decrypt(keys, room, message, Date.now()),
    verifyWebhook: (headers, rawBody) => verifyWebhook(keys, headers, rawBody, Date.now()),
  });
}
