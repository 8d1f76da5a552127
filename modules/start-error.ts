/** A reason why the chat cannot start, as one sentence that tells its operator what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** The operating system's short name for what went wrong, such as EACCES, as an ending for a sentence. */
export function systemCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? ` (${code})` : "";
}
