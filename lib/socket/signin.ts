/** `guard:signin`: the user's own backend has signed who this session's user is. */
import type { Identity } from "../authenticate/authenticator.js";
import { denial, type Denial } from "../protocol.js";
import { isUserId, type SignedUser, type SignIn } from "../signer.js";
import type { Core } from "./core.js";
import type { Gate } from "./gate.js";
import { renewalOf, renewSessions } from "./renewal.js";

const mostUserData = 65_536;

/** Makes a guest, or the same user once more, the user that was signed. That user, or why not. */
export async function signIn(core: Core, asker: Gate, given: unknown): Promise<{ user: SignedUser } | Denial> {
  if (!isSignIn(given)) return denial("event_malformed");
  const { signingId, subject } = asker.session!;
  const now = Date.now();
  if (signingId === undefined || !core.signin!.signer.verifyUser(signingId, given, now)) return denial("signature_invalid");
  const user = userOf(given.user_data);
  if (user === undefined) return denial("payload_invalid", { message: "user_data is no user: it needs a string id of 1 to 1,024 characters." });
  if (subject !== undefined && subject !== user.id) return denial("subject_changed");
  const identity = identityOf(user, now, now + core.signin!.lasts);
  const denied = await renewSessions(core, asker.socket.client, (renewals) => {
    const held = asker.session!.subject;
    if (held !== undefined && held !== user.id) return Promise.resolve(denial("subject_changed"));
    renewals.push(renewalOf(core, asker, { identity, clock: Date.now }));
    return Promise.resolve(undefined);
  });
  return denied ?? { user };
}

function identityOf(user: SignedUser, now: number, endsAt: number): Identity {
  return Object.freeze({ method: "signin", subject: user.id, claims: Object.freeze({ ...user, sub: user.id }), notBefore: -Infinity, endsAt, issuedAt: now });
}

function isSignIn(given: unknown): given is SignIn {
  if (typeof given !== "object" || given === null) return false;
  const { auth, user_data } = given as Partial<SignIn>;
  return typeof auth === "string" && typeof user_data === "string" && auth.length <= 256 && user_data.length <= mostUserData;
}

function userOf(text: string): SignedUser | undefined {
  try {
    const user: unknown = JSON.parse(text);
    return typeof user === "object" && user !== null && !Object.hasOwn(user, "__proto__") && isUserId((user as SignedUser).id) ? user as SignedUser : undefined;
  } catch {
    return undefined;
  }
}
