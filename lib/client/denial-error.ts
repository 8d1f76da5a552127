/** A denial as an error. */
import { isDenial, type Denial, type DenialCode, type Denied } from "../protocol.js";

/** The server denied an event, a login or a session. Its `message` is the message of the denial. */
export class DenialError extends Error {
  override readonly name = "DenialError";
  readonly denial: Denial;
  readonly code: DenialCode;

  constructor(denial: Denial) {
    super(denial.message);
    this.denial = denial;
    this.code = denial.code;
  }
}

export function isDenied(answer: unknown): answer is Denied {
  return isDenial((answer as Partial<Denied> | null | undefined)?.error);
}
