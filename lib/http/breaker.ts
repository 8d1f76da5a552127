/** A circuit breaker around the endpoint: while it is down, nobody waits for it. Only this file imports opossum. */
import CircuitBreaker from "opossum";
import { EndpointError, endpointErrors } from "./endpoint-error.js";

/** How many milliseconds an endpoint that is down gets no requests, until one request tries it again. */
export const restTime = 5_000;

/** How many requests may wait at the same time, so that a flood of credentials does not reach the endpoint. */
export const maxConcurrent = 500;

/**
 * The same function. It throws `endpoint_busy` if too many requests wait already, and `endpoint_resting` at once if, of
 * at least 10 requests within 10 seconds, more than half found the endpoint down. Bad answers do not count, because a
 * single client could cause them and so shut out all others.
 */
export function withBreaker<Result>(ask: (body: string) => Promise<Result>, rest = restTime): (body: string) => Promise<Result> {
  const breaker = new CircuitBreaker(ask, {
    timeout: false,
    capacity: maxConcurrent,
    resetTimeout: rest,
    volumeThreshold: 10,
    errorThresholdPercentage: 50,
    errorFilter: (error: unknown) => !(error instanceof EndpointError && error.isDown),
    enableSnapshots: false,
    rollingPercentilesEnabled: false,
  });
  return async (body) => {
    try {
      return await breaker.fire(body);
    } catch (error) {
      const { code } = error as { code?: unknown };
      throw code === "EOPENBREAKER" ? endpointErrors.resting() : code === "ESEMLOCKED" ? endpointErrors.busy() : error;
    }
  };
}
