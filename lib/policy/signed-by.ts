/** The check of a room whose members are authorized by a backend: its signature says who may join, as whom, and for how long. */
import { GuardError } from "../guard-error.js";
import { denial, type JoinRequest, type RoomMember } from "../protocol.js";
import type { Signer } from "../signer/signer.js";
import { guestCheck } from "./checks.js";
import type { CheckAnswer, CheckContext, UserlessCheck } from "./rules.js";

/** What a room's check is given, and how it tells what it has verified. */
interface SignedContext extends CheckContext<unknown> {
  readonly room: string;
  readonly authorization: Pick<JoinRequest, "auth" | "channel_data">;
  authorized(found: { readonly endsAt: number; readonly member?: RoomMember }): void;
}

/**
 * Allows what a key of the signer has signed for this session and room: the `auth` and `channel_data` of the request, which the client got from
 * your endpoint. Alone it also admits guests, whom your endpoint knows. Denies as `signature_invalid` or `signature_expired`. The membership ends at the `exp` of the `channel_data`, or when the
 * key is no longer accepted.
 * @throws GuardError `rule_invalid` without a signer
 */
export function signedBy(signer: Signer): UserlessCheck {
  if (typeof signer?.verifyRoom !== "function") throw new GuardError("rule_invalid", "signedBy() takes what signer() returns: write signedBy(signer({ key, secret })).");
  const check = function signedBy(context: SignedContext): CheckAnswer {
    const { room, authorization, session } = context;
    if (session.signingId === undefined) return denial("signature_invalid", { room });
    const signed = signer.verifyRoom(session.signingId, room, authorization, Date.now());
    if (signed === "invalid" || signed === "expired") return denial(`signature_${signed}`, { room });
    context.authorized(signed);
    return true;
  };
  return guestCheck(check) as unknown as UserlessCheck;
}
