/** The check of a room whose members are authorized by a backend: its signature says who may join, as whom, and for how long. */
import { GuardError } from "../guard-error.js";
import { denial, type JoinAuthorization } from "../protocol.js";
import type { SignedRoom } from "../signer/room.js";
import type { Signer } from "../signer/signer.js";
import { guestCheck } from "./checks.js";
import type { CheckAnswer, CheckContext, UserlessCheck } from "./rules.js";

/** What a room's check is given, and how it tells what it has verified. */
interface SignedContext extends CheckContext<unknown> {
  readonly room: string;
  readonly authorization: JoinAuthorization;
  authorized(found: SignedRoom): void;
}

/** A signature that was verified. Of the same bytes under the same key it stays what it is, so memberships that are judged again compute none. */
interface Verified extends JoinAuthorization {
  readonly room: string;
  readonly signingId: string;
  readonly signed: SignedRoom;
}

/**
 * Allows what a key of the signer has signed for this session and room: the `auth` and `channel_data` of the request, which the client got from
 * your endpoint. Alone it also admits guests, whom your endpoint knows. Denies as `signature_invalid` or `signature_expired`. The membership ends
 * at the `exp` of the `channel_data`, or when the key is no longer accepted.
 * @throws GuardError `rule_invalid` without a signer
 */
export function signedBy(signer: Signer): UserlessCheck {
  if (typeof signer?.verifyRoom !== "function") throw new GuardError("rule_invalid", "signedBy() takes what signer() returns: write signedBy(signer({ key, secret })).");
  const known = new WeakMap<JoinAuthorization, Verified>();
  const check = function signedBy(context: SignedContext): CheckAnswer {
    const { room, authorization, session: { signingId } } = context;
    if (signingId === undefined) return denial("signature_invalid", { room });
    const now = Date.now();
    const last = known.get(authorization);
    const signed = last !== undefined && isStill(last, context) && now < last.signed.endsAt ? last.signed : signer.verifyRoom(signingId, room, authorization, now);
    if (signed === "invalid" || signed === "expired") return denial(`signature_${signed}`, { room });
    if (signed !== last?.signed) known.set(authorization, { ...authorization, room, signingId, signed });
    context.authorized(signed);
    return true;
  };
  return guestCheck(check) as unknown as UserlessCheck;
}

function isStill({ room, signingId, auth, channel_data }: Verified, { room: asked, session, authorization }: SignedContext): boolean {
  return room === asked && signingId === session.signingId && auth === authorization.auth && channel_data === authorization.channel_data;
}
