/** The message of an error, without its stack. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : "unknown error";
}
