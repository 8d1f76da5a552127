/** Why an endpoint said nothing about a user. Nothing of what was asked or answered is in it. */
import { GuardError, type GuardErrorCode } from "../guard-error.js";

/** Whether the endpoint is dead or hangs, so that it would hold others too; else only this one answer was bad. */
export class Trouble extends GuardError {
  readonly isDead: boolean;

  constructor(code: GuardErrorCode, message: string, isDead: boolean) {
    super(code, message);
    this.isDead = isDead;
  }
}

export const trouble = {
  timeout: () => new Trouble("endpoint_timeout", "The endpoint of httpAuth did not answer in time: see why it takes long, or raise requestTimeout.", true),
  unreachable: (error: unknown) => new Trouble("endpoint_unreachable", `The endpoint of httpAuth cannot be reached, or broke off (${systemCode(error)}): see that it runs and that endpointUrl is right.`, true),
  status: (status: number) => new Trouble("endpoint_failed", `The endpoint of httpAuth answered ${status}, which says nothing about the user: see its logs.`, status >= 502 && status <= 504),
  redirect: () => new Trouble("endpoint_redirects", "The endpoint of httpAuth redirects, which is never followed: give the address that answers itself as endpointUrl.", false),
  tooLarge: () => new Trouble("endpoint_answer_too_large", "The endpoint of httpAuth answered more than 64 KiB: let it answer what rules need, and no more.", false),
  invalid: (why: string) => new Trouble("endpoint_answer_invalid", `The answer of the endpoint of httpAuth cannot be used: ${why}. Let it answer nothing, a user's id, or { id, clientData, serverData, expiresIn, claims }.`, false),
  busy: () => new Trouble("endpoint_busy", "The endpoint of httpAuth was asked by too many at once: see how long it takes to answer.", false),
  broken: () => new Trouble("endpoint_resting", "The endpoint of httpAuth failed too often and is left alone for a while: see that it runs.", false),
} as const;

/** The name that the system gives an error, such as ECONNREFUSED; its message may tell more than a log should hold. */
function systemCode(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === "string" && /^[A-Z][A-Z_0-9]*$/.test(code)) return code;
  return cause === undefined ? "no reason given" : systemCode(cause);
}
