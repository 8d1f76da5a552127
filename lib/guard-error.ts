/** The error that the guard throws to its host. */

/** A mistake in the host's code or options, or a token that does not verify. `code` is stable; docs/errors.md lists all codes. */
export class GuardError extends Error {
  override readonly name = "GuardError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
