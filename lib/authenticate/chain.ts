/** The chain of authenticators: the first that answers decides, and what one throws refuses. */
import { denial, isDenial, type Denial } from "../protocol.js";
import { isPromiseLike } from "../callbacks.js";
import { Refusal } from "../refusal.js";
import type { Authenticator, AuthenticatorAnswer, Handshake, Identity } from "./authenticator.js";

/** What an authenticator threw is told to `failed`; the client hears `unavailable`. A promise only if an authenticator answered with one. */
export function authenticate(chain: readonly Authenticator[], handshake: Handshake, failed: (error: unknown) => void): Identity | Denial | Promise<Identity | Denial> {
  const [authenticator, ...others] = chain;
  if (authenticator === undefined) return denial("token_missing");
  const next = () => authenticate(others, handshake, failed);
  const refuse = (error: unknown) => {
    failed(error);
    return denial("unavailable");
  };
  try {
    const answer = authenticator.authenticate(handshake);
    if (!isPromiseLike(answer)) return outcome(authenticator, answer) ?? next();
    return Promise.resolve(answer).then((settled) => outcome(authenticator, settled) ?? next()).catch(refuse);
  } catch (error) {
    return refuse(error);
  }
}

/** Undefined if the authenticator passes on. */
function outcome({ name }: Authenticator, answer: AuthenticatorAnswer): Identity | Denial | undefined {
  if (answer instanceof Refusal) return answer.denial;
  if (answer === undefined || isDenial(answer)) return answer;
  if (!isIdentity(answer)) throw new TypeError(`The authenticator ${name} answered neither an identity, a denial nor undefined.`);
  return answer;
}

/** What is no identity, or has no end, would become a session that holds for ever. */
function isIdentity(answer: unknown): answer is Identity {
  if (typeof answer !== "object" || answer === null) return false;
  const { method, subject, notBefore, endsAt } = answer as Partial<Identity>;
  return typeof method === "string" && (subject === undefined || (typeof subject === "string" && subject !== ""))
    && [notBefore, endsAt].every((instant) => typeof instant === "number" && !Number.isNaN(instant));
}
