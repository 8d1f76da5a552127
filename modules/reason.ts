/** Why something failed, in the error's own words and without its stack. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : "the reason is unknown";
}
