/** socket.io-guard/express-session: `expressSession()` authenticates by the sessions of express-session, and so of Passport. */
import { createHash } from "node:crypto";
import type { Authenticator } from "../authenticate/authenticator.js";
import { LookupCache } from "../authenticate/lookup-cache.js";
import { FailureWarnings } from "../failure-warnings.js";
import { GuardError } from "../guard-error.js";
import { refuse } from "../refusal.js";
import { cookieIn, unsign } from "./cookie.js";
import { readExpressSessionOptions, type ExpressSessionOptions, type PassportClaims } from "./options.js";
import { sessionReader } from "./session-reader.js";

export type { ExpressSessionOptions, PassportClaims, SessionStore } from "./options.js";

/**
 * Authenticates by the cookie of express-session. Without this cookie, or if nobody is signed in, the next authenticator is asked.
 * The socket's session ends when the store no longer has the session of express-session, when it expires, or when its user signs out.
 * @throws GuardError `option_invalid`, `option_missing`, `option_unknown`, `option_undefined`
 */
export function expressSession<Session>(options: ExpressSessionOptions<Session> & { readonly claims?: never }): Authenticator<PassportClaims>;
export function expressSession<Session, Claims extends { readonly sub: string }>(
  options: ExpressSessionOptions<Session, Claims> & { readonly claims: (session: Session) => Claims | null },
): Authenticator<Claims>;
export function expressSession(options: object): Authenticator {
  const { store, secret: secrets, name, claims, pollInterval, timeout, onError } = readExpressSessionOptions(options);
  const read = sessionReader({ store, claims, timeout });
  const lookups = new LookupCache({
    method: "expressSession",
    ask: async (id) => {
      const session = await read(id);
      return session && { ...session, subject: session.claims.sub, tokenId: sessionTokenId(id) };
    },
    cacheFor: pollInterval,
    // A session that has just been destroyed must not open another one here.
    answersFromCache: false,
    endedCode: "session_ended",
    errorOf: (cause) => new GuardError("store_unavailable", "The store of expressSession() cannot be read, or `claims` threw. The cause of this error says why.", { cause }),
    onError,
    warnings: new FailureWarnings({ code: "SESSION_STORE_FAILED", recovered: "The store of expressSession() can be read again." }),
  });

  return Object.freeze<Authenticator>({
    name: "expressSession",
    reads: Object.freeze({ cookies: Object.freeze([name]) }),
    authenticate({ headers }) {
      const cookie = cookieIn(headers["cookie"], name);
      if (cookie === undefined) return undefined;
      const id = unsign(cookie, secrets);
      return id === undefined ? notSigned : lookups.identity(id);
    },
  });
}

const notSigned = refuse("credential_invalid", { reason: "the cookie of express-session is not signed with `secret`" });

/** The `tokenId` of a session of express-session: `guarded.revoke({ tokenId: sessionTokenId(request.sessionID) })` ends it on every node at once. */
export function sessionTokenId(sessionId: string): string {
  return createHash("sha256").update(`express-session:${sessionId}`).digest("base64url");
}
