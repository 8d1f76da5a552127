/** The chain of authenticators: the first that answers decides, and what one throws refuses. */
import { denial, isDenial, type Denial } from "../protocol.js";
import type { Authenticator, Handshake, Identity } from "./authenticator.js";

/** Who connects, and whose clock counts its time. */
export interface Admission {
  readonly identity: Identity;
  readonly clock: () => number;
}

/** What an authenticator threw is told to `failed`; the client hears `unavailable`. */
export async function authenticate(
  chain: readonly Authenticator[],
  handshake: Handshake,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): Promise<Admission | Denial> {
  for (const authenticator of chain) {
    try {
      const answer = await authenticator.authenticate(handshake, signal);
      if (answer === undefined) continue;
      if (isDenial(answer)) return answer;
      if (!isIdentity(answer)) throw new TypeError(`The authenticator ${authenticator.name} answered neither an identity, a denial nor undefined.`);
      return { identity: answer, clock: authenticator.clock ?? Date.now };
    } catch (error) {
      failed(error);
      return denial("unavailable");
    }
  }
  return denial("token_missing");
}

/** What is no identity, or has no end, would become a session that holds for ever. */
function isIdentity(answer: unknown): answer is Identity {
  if (typeof answer !== "object" || answer === null) return false;
  const { method, subject, notBefore, endsAt } = answer as Partial<Identity>;
  return typeof method === "string" && (subject === undefined || (typeof subject === "string" && subject !== ""))
    && [notBefore, endsAt].every((instant) => typeof instant === "number" && !Number.isNaN(instant));
}
