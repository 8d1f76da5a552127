/** A circuit breaker around the endpoint: while it is dead, nobody waits for it. The only file that names opossum. */
import CircuitBreaker from "opossum";
import { Trouble, trouble } from "./trouble.js";

/** For how long a dead endpoint is left alone before one question tries it again, in milliseconds. */
export const restFor = 5_000;

/** How many questions are put at the same time: whoever floods the server with credentials does not flood the endpoint. */
export const mostAtOnce = 500;

/**
 * The same function, which throws `endpoint_busy` for one question too many at once, and `endpoint_resting` at once after at least 10 questions within 10 s of which more than
 * half found the endpoint dead. Only that counts: by an answer that is merely bad, one client could shut out all others.
 */
export function withBreaker<Answer>(ask: (body: string) => Promise<Answer>, rest = restFor): (body: string) => Promise<Answer> {
  const breaker = new CircuitBreaker(ask, {
    timeout: false,
    capacity: mostAtOnce,
    resetTimeout: rest,
    volumeThreshold: 10,
    errorThresholdPercentage: 50,
    errorFilter: (error: unknown) => !(error instanceof Trouble && error.isDead),
    enableSnapshots: false,
    rollingPercentilesEnabled: false,
  });
  return async (body) => {
    try {
      return await breaker.fire(body);
    } catch (error) {
      const { code } = error as { code?: unknown };
      throw code === "EOPENBREAKER" ? trouble.broken() : code === "ESEMLOCKED" ? trouble.busy() : error;
    }
  };
}
