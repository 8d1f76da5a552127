/** The client's half, for browsers and Node: a fresh token for each connect, sessions renewed in time, rooms, and denials as errors. */
export { DenialError } from "./denial.js";
export type { AskableEvents, AnswerOf, ArgumentsOf, SessionEnded, SessionEvents } from "./events.js";
export { guardClient, type GuardClient } from "./guard-client.js";
export type { AnyRoomEvents, GuardRoom } from "./guard-room.js";
export type { AuthEndpoint, AuthorizationRequest, JoinOptions } from "./join-options.js";
export type { Duration, GuardClientOptions } from "./options.js";
export type { RoomError, RoomErrorCode } from "./room-error.js";
export type { ClientState } from "./state.js";
export {
  isDenial, type Denial, type DenialCode, type Denied, type EncryptedMessage, type GuardClientEvents, type GuardServerEvents, type JoinAnswer, type JoinAuthorization, type JoinRequest,
  type PresenceNotice, type Published, type PublishRequest, type Reconnect, type RefreshAnswer, type RoomAnswer, type RoomAuthorization, type RoomEvent, type RoomLeft,
  type RoomMember, type SessionNotice, type SignedUser, type SignIn, type SignInAnswer, type WithDenials,
} from "../protocol.js";
