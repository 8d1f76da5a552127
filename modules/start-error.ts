/** A reason why the chat cannot start, as one sentence that tells its operator what to do. */
import { reason } from "./reason.js";

export class StartError extends Error {
  override readonly name = "StartError";
}

/** The operating system's short name for what went wrong, such as EACCES, as an ending for a sentence. */
export function systemCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? ` (${code})` : "";
}

/** Says why the chat cannot start, and ends the process. */
export function endStart(error: unknown): never {
  console.error(error instanceof StartError ? error.message : `The chat cannot start: ${reason(error)}`);
  process.exit(1);
}
