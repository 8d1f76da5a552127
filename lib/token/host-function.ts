/** Calls the functions that the host gives as options of `jwt()`. They get the claims after the signature was verified. */
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
