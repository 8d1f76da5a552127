/** `anonymous()`: lets everybody else in as a guest, who passes only rules that are `anyone`. */
import type { Authenticator } from "./authenticator.js";

const made = new WeakSet<object>();

/** A guest has no subject and no claims, and its session has no end. Put this last in the chain. */
export function anonymous(): Authenticator<never> {
  const guest = Object.freeze({
    method: "anonymous",
    subject: undefined,
    claims: Object.freeze({}) as never,
    notBefore: -Infinity,
    endsAt: Infinity,
  });
  const authenticator = { name: "anonymous", authenticate: () => guest };
  made.add(authenticator);
  return authenticator;
}

/** Whether `anonymous()` made this. An authenticator after it would never be asked. */
export function isAnonymous(authenticator: object): boolean {
  return made.has(authenticator);
}
