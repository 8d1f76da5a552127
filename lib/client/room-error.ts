/** The errors of a room that are not denials of the server. */

/**
 * - `"authorization_refused"`: your endpoint or `authorize` answered with a status such as 401 or 403. Asking again would not help.
 * - `"authorization_failed"`: there was no usable answer: no connection, an error of your server, a timeout, or another form.
 * - `"decryption_failed"`: no key that your backend gave opens the message.
 */
export type RoomErrorCode = "authorization_refused" | "authorization_failed" | "decryption_failed";

/** Why a room could not be joined or a message not be read, if it was not the server that denied it. */
export interface RoomError extends Error {
  readonly name: "RoomError";
  readonly code: RoomErrorCode;
  /** The room's name. */
  readonly room: string;
  /** The HTTP status of your endpoint, or the `status` of the error of `authorize`. */
  readonly status?: number;
}

export function roomError(code: RoomErrorCode, room: string, message: string, more: { readonly status?: number | undefined; readonly cause?: unknown } = {}): RoomError {
  const { status, cause } = more;
  const error = new Error(message, { cause });
  return Object.assign(error, { name: "RoomError" as const, code, room, ...(status !== undefined && { status }) });
}

export function isRoomError(error: unknown): error is RoomError {
  return error instanceof Error && error.name === "RoomError";
}
