/** Reads a session of express-session from its store, without touching or saving it: who is signed in, and until when. */
import { isPromiseLike } from "../callbacks.js";
import { withTimeout } from "../timeout.js";
import type { ExpressSessionConfig } from "./options.js";

/** The claims of the user who is signed in, and the end of the session in epoch milliseconds. */
export interface SignedIn {
  readonly claims: { readonly sub: string };
  readonly endsAt: number;
}

type Parts = Pick<ExpressSessionConfig, "store" | "claims" | "timeout">;

/** Returns undefined if there is no such session, or if nobody is signed in. It throws what the store and `claims` throw. */
export function sessionReader({ store, claims: claimsOf, timeout }: Parts): (id: string) => Promise<SignedIn | undefined> {
  const load = (id: string) => new Promise<unknown>((resolve, reject) => {
    const returned: unknown = store.get(id, (error, session) => {
      if (error != null && !isNotFound(error)) reject(error instanceof Error ? error : new Error("The store failed.", { cause: error }));
      else resolve(session);
    });
    // The `get` of some stores is an async function. If nobody handled its rejection, the process would end.
    if (isPromiseLike(returned)) Promise.resolve(returned).catch(reject);
  });
  return async (id) => {
    const session = await withTimeout({ ms: timeout, message: "The store of expressSession() took longer than `timeout`." }, () => load(id));
    if (typeof session !== "object" || session === null) return undefined;
    const endsAt = endOf(session);
    if (!(Date.now() < endsAt)) return undefined;
    const claims = claimsOf(session as never);
    if (claims === null || claims === undefined) return undefined;
    // If nobody handled its rejection, the process would end.
    if (isPromiseLike(claims)) Promise.resolve(claims).catch(() => undefined);
    if (!isClaims(claims)) throw new TypeError("`claims` of expressSession() must return an object with a string `sub` of 1 to 1,024 characters, or null. It cannot be asynchronous: look users up with `findUser`.");
    return { claims: Object.freeze({ ...claims }), endsAt };
  };
}

/** Stores of files report a session that they do not have as an error. */
function isNotFound(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ENOENT";
}

/** `expires` of its cookie: a Date, or text or a number from a store. A cookie without it lasts until the browser is closed. */
function endOf(session: { readonly cookie?: { readonly expires?: unknown } }): number {
  const expires = session.cookie?.expires;
  return typeof expires === "string" || typeof expires === "number" || expires instanceof Date ? new Date(expires).getTime() : Infinity;
}

function isClaims(claims: unknown): claims is SignedIn["claims"] {
  const sub: unknown = (claims as { sub?: unknown }).sub;
  return typeof claims === "object" && typeof sub === "string" && sub !== "" && sub.length <= 1_024;
}
