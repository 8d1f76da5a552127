/** The error that the guard throws to its host, and its codes. */
import type { DenialCode } from "./protocol.js";

/** Why a `GuardError` was thrown. docs/errors.md lists the cause and the remedy of each code. A denial code is that of a token that was not accepted. */
export type GuardErrorCode =
  | DenialCode
  // Options of all kinds.
  | "option_invalid" | "option_missing" | "option_undefined" | "option_unknown"
  | "options_invalid" | "arguments_invalid"
  // guard() and its rules.
  | "already_guarded" | "socket_connected" | "socketio_unsupported" | "eio3_unsupported"
  | "event_reserved" | "rule_invalid"
  | "audit_event_unknown" | "revoke_invalid"
  // Stores.
  | "store_invalid" | "store_unavailable"
  // Tokens.
  | "claims_async" | "claims_invalid" | "claims_output_invalid" | "claims_reserved" | "expires_in_invalid" | "issue_refused"
  | "algorithms_invalid" | "algorithms_unfit" | "audience_invalid" | "clock_invalid" | "clock_tolerance_invalid" | "cookie_invalid" | "issuer_invalid" | "subject_invalid"
  // Keys.
  | "accept_until_invalid" | "algorithm_missing" | "algorithm_unfit" | "algorithm_unknown"
  | "key_ambiguous" | "key_cannot_sign" | "key_duplicate" | "key_empty" | "key_invalid" | "key_pair_mismatch" | "key_symmetric" | "key_too_short" | "key_use_invalid"
  | "keys_empty" | "keys_invalid" | "keys_missing" | "keys_not_loaded" | "kid_duplicate" | "kid_invalid" | "kid_unknown"
  | "private_key_invalid" | "public_key_invalid" | "public_key_is_private"
  | "secret_invalid" | "secret_is_private_key" | "secret_is_public_key" | "secret_missing" | "secret_too_short"
  | "ring_closed" | "ring_loaded" | "load_invalid" | "load_timeout" | "failed_invalid"
  | "jwks_too_large" | "jwks_unusable" | "jwks_url_invalid"
  // API keys.
  | "api_key_busy" | "api_key_expired" | "api_key_revoked" | "api_key_rotated_often" | "api_key_unknown"
  // httpAuth().
  | "endpoint_answer_invalid" | "endpoint_answer_too_large" | "endpoint_busy" | "endpoint_failed" | "endpoint_redirects" | "endpoint_resting" | "endpoint_timeout" | "endpoint_unreachable"
  // userFile().
  | "password_invalid" | "user_file_closed" | "user_file_invalid" | "user_file_too_large" | "user_file_unreadable"
  // Packages and the command line.
  | "command_unknown" | "package_broken" | "package_missing";

/** A mistake in the host's code or options, or a token that was not accepted. `message` says what is wrong and what to write instead. */
export class GuardError extends Error {
  override readonly name = "GuardError";
  readonly code: GuardErrorCode;

  constructor(code: GuardErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
