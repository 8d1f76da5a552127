/** The options of `client.join()`, and what a backend answers. */

/** What your backend answers: the result of `authorizeRoom` of `signer`, or of Pusher's `authorizeChannel`. */
export interface RoomAuthorization {
  readonly auth: string;
  /** The exact text that was signed. */
  readonly channel_data?: string;
  /** The key of an encrypted room, 32 bytes in base64. It is not sent to the server. */
  readonly shared_secret?: string;
}

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
