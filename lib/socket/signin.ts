/** `guard:signin`: the host's own backend has signed who the user of this session is. */
import type { GuardIdentity } from "../authenticate/authenticator.js";
import { denial, type SignedUser, type SignIn } from "../protocol.js";
import { FinalRefusal, Refusal } from "../refusal.js";
import type { Signer } from "../signer/signer.js";
import { isUserId } from "../signer/user.js";
import { parseObject } from "../token/json.js";
import type { Connections } from "./connection.js";
import type { GuardEvent } from "./gate.js";
import type { Renewals } from "./renewal.js";
import { sendSession } from "./notify.js";

const maxUserData = 65_536;

export interface SigninOptions {
  readonly signer: Signer;
  /** How long a session lasts that began with a signature, in milliseconds. */
  readonly lifetime: number;
  readonly connections: Connections;
  readonly renewals: Renewals;
}

/** Makes a guest, or the same user once more, the user that was signed. Answers with that user. */
export function signinHandler({ signer, lifetime, connections, renewals }: SigninOptions): GuardEvent {
  return async (asker, given) => {
    if (!isSignIn(given)) return new Refusal(denial("event_malformed"));
    const { signing, subject } = asker.session!;
    const now = Date.now();
    if (signing === undefined || !signer.verifyUser(signing.id, given, now)) return wrongSignature;
    const user = userOf(given.user_data);
    if (user === undefined) return noUser;
    if (subject !== undefined && subject !== user.id) return otherUser;
    const identity = identityOf(user, signing.since, now + lifetime);
    const refusal = await renewals.renew(connections.of(asker.socket.client.conn), (found) => {
      const { ended, subject: held } = asker.session!;
      if (ended !== undefined || asker.session!.signing !== signing) return Promise.resolve(wrongSignature);
      if (held !== undefined && held !== user.id) return Promise.resolve(otherUser);
      found.push(renewals.renewalOf(asker, identity));
      return Promise.resolve(undefined);
    });
    // After a revocation only a newer signature counts, so the client gets a new id for it.
    if (refusal?.denial.code === "token_revoked" && asker.session!.ended === undefined) {
      asker.session!.renewSigning();
      sendSession(asker.socket, asker.session!);
    }
    return refusal ?? { user };
  };
}

const wrongSignature = new Refusal(denial("signature_invalid"), "the signature is not one of this `signingId` and `user_data`");
const noUser = new Refusal(denial("payload_invalid", { message: "`user_data` must be a JSON object with a string `id` of 1 to 1,024 characters." }));
const otherUser = new FinalRefusal(denial("subject_changed"), "the signature is for another user");

/** A signature does not say when it was made, but it cannot be older than the id that was signed. */
function identityOf(user: SignedUser, issuedAt: number, endsAt: number): GuardIdentity {
  return Object.freeze({ method: "signin", subject: user.id, claims: Object.freeze({ ...user, sub: user.id }), notBefore: -Infinity, endsAt, issuedAt });
}

function isSignIn(given: unknown): given is SignIn {
  if (typeof given !== "object" || given === null) return false;
  const { auth, user_data } = given as Partial<SignIn>;
  return typeof auth === "string" && typeof user_data === "string" && auth.length <= 256 && user_data.length <= maxUserData;
}

function userOf(text: string): SignedUser | undefined {
  const user = parseObject(text);
  return !(user instanceof Refusal) && isUserId(user["id"]) ? user as unknown as SignedUser : undefined;
}
