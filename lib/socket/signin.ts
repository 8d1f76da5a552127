/** `guard:signin`: the user's own backend has signed who this session's user is. */
import type { Identity } from "../authenticate/authenticator.js";
import { denial, type Denial, type SignedUser, type SignIn } from "../protocol.js";
import { isUserId } from "../signer.js";
import { parseObject } from "../token/json.js";
import { Refusal } from "../token/refusal.js";
import type { Core } from "./core.js";
import type { Gate } from "./gate.js";
import { renewalOf, renewSessions } from "./renewal.js";

const mostUserData = 65_536;

/** Makes a guest, or the same user once more, the user that was signed. That user, or why not. */
export async function signIn(core: Core, asker: Gate, given: unknown): Promise<{ user: SignedUser } | Denial> {
  if (!isSignIn(given)) return denial("event_malformed");
  const { signing, subject } = asker.session!;
  const now = Date.now();
  if (signing === undefined || !core.signin!.signer.verifyUser(signing.id, given, now)) return denial("signature_invalid");
  const user = userOf(given.user_data);
  if (user === undefined) return denial("payload_invalid", { message: "user_data is no user: it needs a string id of 1 to 1,024 characters." });
  if (subject !== undefined && subject !== user.id) return denial("subject_changed");
  const identity = identityOf(user, signing.since, now + core.signin!.lasts);
  const denied = await renewSessions(core, asker.socket.client, (renewals) => {
    const { ended, subject: held } = asker.session!;
    if (ended !== undefined || asker.session!.signing !== signing) return Promise.resolve(denial("signature_invalid"));
    if (held !== undefined && held !== user.id) return Promise.resolve(denial("subject_changed"));
    renewals.push(renewalOf(core, asker, identity));
    return Promise.resolve(undefined);
  });
  // Whoever signs in again after a revocation needs a signature of after it, and so something to sign that is newer.
  if (denied?.code === "token_revoked" && asker.session!.ended === undefined) asker.signAnew();
  return denied ?? { user };
}

/** Its signature says nothing of when it was made, but it cannot be older than what was signed. */
function identityOf(user: SignedUser, issuedAt: number, endsAt: number): Identity {
  return Object.freeze({ method: "signin", subject: user.id, claims: Object.freeze({ ...user, sub: user.id }), notBefore: -Infinity, endsAt, issuedAt });
}

function isSignIn(given: unknown): given is SignIn {
  if (typeof given !== "object" || given === null) return false;
  const { auth, user_data } = given as Partial<SignIn>;
  return typeof auth === "string" && typeof user_data === "string" && auth.length <= 256 && user_data.length <= mostUserData;
}

function userOf(text: string): SignedUser | undefined {
  const user = parseObject(text);
  return !(user instanceof Refusal) && isUserId(user["id"]) ? user as unknown as SignedUser : undefined;
}
