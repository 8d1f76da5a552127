/** Errors that keep a program of the chat from starting. */
import { reason } from "./reason.js";

/** Its message is one sentence that says what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** The code of a system error in parentheses, such as " (EACCES)", to add to a sentence. */
export function systemCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? ` (${code})` : "";
}

/** Prints why the chat cannot start, and exits. */
export function endStart(error: unknown): never {
  console.error(error instanceof StartError ? error.message : `The chat cannot start: ${reason(error)}`);
  process.exit(1);
}
