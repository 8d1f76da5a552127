/** The error that the guard throws to its host, and its codes. */
import type { DenialCode } from "./protocol.js";

/** Why a `GuardError` was thrown. docs/errors.md lists the cause and the remedy of each code. A denial code is that of a token that was not accepted. */
export type GuardErrorCode =
  | DenialCode
  // Options of all kinds.
  | "option_invalid" | "option_missing" | "option_undefined" | "option_unknown"
  | "arguments_invalid"
  // guard() and its rules.
  | "already_guarded" | "socket_connected" | "socketio_unsupported" | "eio3_unsupported"
  | "event_reserved" | "rule_invalid"
  | "audit_event_unknown" | "revoke_invalid"
  | "audit_broken" | "audit_file_locked" | "audit_file_unusable"
  // Stores.
  | "store_invalid" | "store_unavailable"
  // Tokens.
  | "claims_async" | "claims_output_invalid" | "claims_reserved" | "issue_refused"
  // Keys.
  | "algorithm_unfit" | "key_cannot_sign" | "key_duplicate" | "key_pair_mismatch" | "key_too_short" | "keys_empty" | "kid_unknown" | "public_key_is_private"
  | "secret_is_private_key" | "secret_is_public_key" | "secret_too_short"
  | "keys_not_loaded" | "load_timeout" | "ring_closed" | "ring_loaded"
  | "issuer_mismatch" | "jwks_too_large" | "jwks_unusable"
  // API keys.
  | "api_key_busy" | "api_key_expired" | "api_key_revoked" | "api_key_rotated_often" | "api_key_unknown"
  // httpAuth().
  | "endpoint_answer_invalid" | "endpoint_answer_too_large" | "endpoint_busy" | "endpoint_failed" | "endpoint_redirects" | "endpoint_resting" | "endpoint_timeout" | "endpoint_unreachable"
  // userFile().
  | "password_invalid" | "user_file_closed" | "user_file_invalid" | "user_file_too_large" | "user_file_unreadable"
  // webhooks().
  | "webhook_dead" | "webhook_dead_letters_full" | "webhook_failed" | "webhooks_closed" | "webhooks_full"
  // Packages and the command line.
  | "command_unknown" | "package_broken" | "package_missing";

/** A mistake in the host's code or options, or a token that was not accepted. `message` says what is wrong and what to write instead. */
export class GuardError extends Error {
  override readonly name = "GuardError";
  readonly code: GuardErrorCode;

  /** Exactly why a token was refused, such as "it has expired". It shows a claim only if an option names it, and never the token; do not send it to a client. */
  readonly reason: string | undefined;

  constructor(code: GuardErrorCode, message: string, options?: ErrorOptions & { readonly reason?: string | undefined }) {
    super(message, options);
    this.code = code;
    this.reason = options?.reason;
  }
}
