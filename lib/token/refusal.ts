/** Why a token is not accepted: the code that a client hears, and the reason that stays on the server. */
import type { DenialCode } from "../protocol.js";

/**
 * - `token_malformed`: the text is no JWT at all: size, parts, base64url, UTF-8, JSON, a name written twice, no object.
 * - `token_invalid`: it can be read, but what it says is not acceptable, or nobody whom we trust signed it.
 * - `token_not_active`, `token_expired`: everything holds, but not now.
 * - `unavailable`: nothing can be said of it yet, since the keys are still being loaded.
 */
export type TokenCode = Extract<DenialCode, "token_malformed" | "token_invalid" | "token_not_active" | "token_expired" | "unavailable">;

/** Answered, not thrown: a stranger's bad token should not cost a stack trace. The reason never holds anything of the token. */
export class Refusal {
  readonly code: TokenCode;
  readonly reason: string;

  constructor(code: TokenCode, reason: string) {
    this.code = code;
    this.reason = reason;
  }
}

export const malformed = (reason: string): Refusal => new Refusal("token_malformed", reason);
export const invalid = (reason: string): Refusal => new Refusal("token_invalid", reason);
