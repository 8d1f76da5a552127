/** Asks the endpoint who somebody is: one POST, and its answer. */
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
