/** Why an endpoint gave no usable answer. The errors hold nothing of what was asked or answered. */
import { GuardError, type GuardErrorCode } from "../guard-error.js";

export class EndpointError extends GuardError {
  /** Whether the endpoint is down or hangs, and not only this one answer was bad. */
  readonly isDown: boolean;

  constructor(code: GuardErrorCode, message: string, isDown = false) {
    super(code, message);
    this.isDown = isDown;
  }
}

export const endpointErrors = {
  timeout: () => new EndpointError("endpoint_timeout", "The endpoint of httpAuth() did not answer in time. Find out why it is slow, or raise `timeout`.", true),
  unreachable: (cause: unknown) => new EndpointError("endpoint_unreachable", `The endpoint of httpAuth() cannot be reached, or it broke off its answer (${systemCodeOf(cause)}). Check that it runs and that \`endpointUrl\` is right.`, true),
  status: (status: number) => new EndpointError("endpoint_failed", `The endpoint of httpAuth() answered with status ${status}, which says nothing about the user. See its logs.`, status >= 502 && status <= 504),
  redirect: () => new EndpointError("endpoint_redirects", "The endpoint of httpAuth() answered with a redirect. Redirects are not followed: set `endpointUrl` to the final address."),
  tooLarge: () => new EndpointError("endpoint_answer_too_large", "The endpoint of httpAuth() answered with more than 64 KiB. It should send only what rules need."),
  invalid: (why: string) => new EndpointError("endpoint_answer_invalid", `The answer of the endpoint of httpAuth() cannot be used: ${why}. It must be empty, a user id, or { id, clientData, serverData, expiresIn, claims }.`),
  busy: () => new EndpointError("endpoint_busy", "Too many requests to the endpoint of httpAuth() are waiting. Find out why it is slow."),
  resting: () => new EndpointError("endpoint_resting", "The endpoint of httpAuth() failed too often, so it gets no requests for a few seconds. Check that it runs."),
} as const;

/** The system's name of an error, such as ECONNREFUSED. The message could hold more than a log should. */
function systemCodeOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === "string" && /^[A-Z][A-Z_0-9]*$/.test(code)) return code;
  return cause === undefined ? "no reason given" : systemCodeOf(cause);
}
