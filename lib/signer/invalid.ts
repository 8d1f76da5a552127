/** The error of a wrong option or argument. */
import { GuardError } from "../guard-error.js";

export function invalid(message: string): GuardError {
  return new GuardError("option_invalid", message);
}
