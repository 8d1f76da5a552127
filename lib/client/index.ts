/** The client's half, for browsers and Node: a fresh token for each connection, sessions renewed in time, denials as errors. */
export { DenialError } from "./denial-error.js";
export type { AskableEvents, AnswerOf, ArgumentsOf } from "./events.js";
export { guardClient, type GuardClient } from "./guard-client.js";
export type { ClientEvents, Ended } from "./listeners.js";
export type { GuardClientOptions } from "./options.js";
export { isDenial, type Denial, type DenialCode, type Denied, type WithDenials, type GuardServerEvents, type Reconnect, type SessionNotice } from "../protocol.js";
