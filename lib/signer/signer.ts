/** Signs users and rooms the way Pusher's server libraries do, so that a backend in any language can decide for a session. */
import type { JoinRequest, SignedUser, SignIn } from "../protocol.js";
import type { RoomUser } from "./channel-data.js";
import { readKeys, type SignerOptions } from "./keys.js";
import { authorizeRoom, verifyRoom, type RoomAuthorization, type SignedRoom } from "./room.js";
import { authenticateUser, verifyUser } from "./user.js";

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
   * also says who is present, and until when.
   * @throws GuardError `option_invalid`
   */
  authorizeRoom(signingId: string, room: string, member?: RoomUser): RoomAuthorization;
  /** What the authorization says, or why it does not hold at this instant (epoch milliseconds). A new signature replaces one that is "expired". */
  verifyRoom(signingId: string, room: string, authorization: Pick<JoinRequest, "auth" | "channel_data">, now: number): SignedRoom | "invalid" | "expired";
}

/**
 * Signs, and accepts the signatures of its keys, for `guard:signin` and for rooms.
 * @throws GuardError `option_invalid`, `option_unknown`, `secret_too_short`
 */
export function signer(options: SignerOptions): Signer {
  const keys = readKeys(options);
  return Object.freeze<Signer>({
    authenticateUser: (signingId, user) => authenticateUser(keys, signingId, user),
    verifyUser: (signingId, signed, now) => verifyUser(keys, signingId, signed, now),
    authorizeRoom: (signingId, room, member) => authorizeRoom(keys, signingId, room, member),
    verifyRoom: (signingId, room, authorization, now) => verifyRoom(keys, signingId, room, authorization, now),
  });
}
