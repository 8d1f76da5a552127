/** How this folder refuses a token: with a refusal that is returned and not thrown, because a stranger's token should not cost a stack trace. */
import { denial } from "../protocol.js";
import { Refusal } from "../refusal.js";

/** The text is not a JWT: its size, its parts, its encoding or its JSON is wrong. */
export const malformed = (reason: string): Refusal => new Refusal(denial("token_malformed"), reason);

/** The token can be read, but its claims are not accepted, or no trusted key signed it. */
export const invalid = (reason: string): Refusal => new Refusal(denial("token_invalid"), reason);

/** Nobody can tell yet, because a key is missing that may be loaded later. */
export const undecided = (reason: string): Refusal => new Refusal(denial("unavailable"), reason);
