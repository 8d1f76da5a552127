/** Asks the endpoint who somebody is: one POST, and its answer. A circuit breaker spares an endpoint that is down. */
import CircuitBreaker from "opossum";
import { readBody } from "../http-client.js";
import { TimeoutError, withTimeout } from "../timeout.js";
import { EndpointError, endpointErrors } from "./endpoint-error.js";
import type { HttpAuthConfig } from "./options.js";
import { readResult, type Answer, type EndpointResult } from "./result.js";

/** The user or guest; undefined if the endpoint refuses them. @throws GuardError if the answer says neither */
export type Ask = (body: string) => Promise<EndpointResult | undefined>;

// Enough for the claims, client data and server data of one user.
const maxBytes = 65_536;

// Statuses that ask the client to try again: they say nothing about the user.
const retryStatuses = new Set([408, 421, 425, 429]);

export function endpoint({ endpointUrl, timeout, secret: sign, claims: schema }: HttpAuthConfig): Ask {
  async function post(body: string, signal: AbortSignal): Promise<Answer | undefined> {
    const response = await fetch(endpointUrl, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", accept: "application/json, text/plain", "user-agent": "socket.io-guard", ...sign?.(body) },
      redirect: "manual",
      signal,
    });
    if (response.status === 200) return { text: await textOf(response), contentType: response.headers.get("content-type") };
    // A body that is not read would keep its connection open.
    response.body?.cancel().catch(() => undefined);
    return refusalOf(response.status);
  }

  return async (body) => {
    const answer = await withTimeout({ ms: timeout, message: "" }, (signal) => post(body, signal)).catch((error: unknown) => {
      if (error instanceof EndpointError) throw error;
      throw error instanceof TimeoutError ? endpointErrors.timeout() : endpointErrors.unreachable(error);
    });
    return answer && readResult(answer, schema);
  };
}

/** @throws GuardError `endpoint_redirects`, `endpoint_failed` */
function refusalOf(status: number): undefined {
  if (status >= 300 && status < 400) throw endpointErrors.redirect();
  if (status >= 500 || retryStatuses.has(status)) throw endpointErrors.status(status);
  return undefined;
}

async function textOf(response: Response): Promise<string> {
  const body = await readBody(response, maxBytes);
  if (body === undefined) throw endpointErrors.tooLarge();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw endpointErrors.invalid("it is not UTF-8");
  }
}

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
