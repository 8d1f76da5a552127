/** Options of `jwt()` that are functions of the host, which read the claims of a token whose signature is right. */
import { isPromiseLike } from "../callbacks.js";
import { refuse } from "../refusal.js";

/** The claims of a token before a schema reads them. They are frozen. */
export type SignedClaims = Readonly<Record<string, unknown>>;

/** What the function of an option returns. If it throws, the token is refused. */
export function answerOf(option: string, call: () => unknown): unknown {
  try {
    const answer = call();
    // A promise is a wrong answer. If nobody handled its rejection, the process would end.
    if (isPromiseLike(answer)) Promise.resolve(answer).catch(() => undefined);
    return answer;
  } catch (error) {
    return refuse("token_invalid", { reason: `\`${option}\` threw ${String(error).slice(0, 200)}` });
  }
}
