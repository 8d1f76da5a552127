/** A denial as an error. */
import { isDenial, type Denial, type DenialCode, type Denied } from "../protocol.js";

/** The server denied it: `message` is the denial's sentence. */
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
