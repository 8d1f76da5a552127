/** The options of `client.join()`. */
import type { RoomAuthorization } from "../protocol.js";

/** Where and how to ask for an authorization. */
export interface AuthEndpoint {
  readonly url: string;
  /** Headers of the request, such as a CSRF token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether cookies are sent. Default `"same-origin"`. */
  readonly credentials?: "omit" | "same-origin" | "include";
}

/** Who authorizes a room. A room whose rule needs no signature needs neither. */
export interface JoinOptions {
  /**
   * The URL of your backend's endpoint. It receives a POST with `socket_id=<signingId>&channel_name=<room>`, urlencoded, and answers
   * with JSON: `{ auth, channel_data?, shared_secret? }`.
   */
  readonly authEndpoint?: string | AuthEndpoint;
  /** Returns the same, in place of an endpoint. If it throws an error with a `status` of 401 or 403, it is not asked again. */
  readonly authorize?: (request: AuthorizationRequest) => RoomAuthorization | Promise<RoomAuthorization>;
}

/** What `authorize` gets. */
export interface AuthorizationRequest {
  readonly room: string;
  /** The `signingId` of the session, which your backend signs. */
  readonly signingId: string;
}
