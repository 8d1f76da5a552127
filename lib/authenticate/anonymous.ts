/** Lets everybody in whom nobody before it in the chain has claimed: as a guest, who passes only rules that are `anyone`. */
import type { Authenticator } from "./authenticator.js";

/** A guest has no subject, no claims that rules could read, and no end. Put it last in the chain. */
export function anonymous(): Authenticator<never> {
  const guest = Object.freeze({
    method: "anonymous",
    subject: undefined,
    claims: Object.freeze({}) as never,
    notBefore: -Infinity,
    endsAt: Infinity,
  });
  const authenticator = { name: "anonymous", authenticate: () => guest };
  answersEverybody.add(authenticator);
  return authenticator;
}

const answersEverybody = new WeakSet<object>();

/** Whether this is what `anonymous()` made: what stands after it would never be asked. */
export function isAnonymous(authenticator: object): boolean {
  return answersEverybody.has(authenticator);
}
