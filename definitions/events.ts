/** All events of the chat: what clients and server send, and what each event requires. */
import { anyone, role, scope, signedIn, some, type EventRules, type GuardServerEvents } from "socket.io-guard";
import { Direct, Message, MessageId, type ChatMessage, type DirectMessage, type Failed } from "./messages.js";
import { UserId, type ChatUser, type CurrentUser, type Profile } from "./users.js";

/** People may write, and bots whose API key has the scope `write`. */
const mayWrite = some<CurrentUser>(role("member", "admin"), scope("write"));

export const events = {
  getUser: { allow: signedIn, payload: UserId },
  message: { allow: mayWrite, payload: Message },
  direct: { allow: mayWrite, payload: Direct },
  history: { allow: signedIn, payload: [] },
  older: { allow: signedIn, payload: MessageId },
  signOut: { allow: role("admin"), payload: UserId },
} satisfies EventRules<ClientToServerEvents, CurrentUser>;

/** The rules for AUTH=none: guests may read the messages to everyone. */
export const guestEvents = {
  ...events,
  history: { allow: anyone, payload: [] },
  older: { allow: anyone, payload: MessageId },
} satisfies EventRules<ClientToServerEvents, CurrentUser>;

export type ReadableMessage = ChatMessage | DirectMessage;

export interface ClientToServerEvents {
  /** Answers a user's public profile, or null if there is no such user. */
  getUser: (id: string, answer: (profile: Profile | null | Failed) => void) => void;
  /** Sends a message to everyone. Answers once it is stored. */
  message: (message: Message, answer: (stored: ChatMessage | Failed) => void) => void;
  /** Sends a direct message to one user. Answers null if there is no such user. */
  direct: (message: Direct, answer: (sent: DirectMessage | null | Failed) => void) => void;
  /** Answers the latest messages that the user may read, oldest first. */
  history: (answer: (messages: ReadableMessage[] | Failed) => void) => void;
  /** Answers the messages before the one with this id. The list is empty if there are no more. */
  older: (before: number, answer: (messages: ReadableMessage[] | Failed) => void) => void;
  /** Signs a user out everywhere. Answers whether there is such a user. */
  signOut: (id: string, answer: (exists: boolean | Failed) => void) => void;
}

export interface ServerToClientEvents extends GuardServerEvents {
  /** Someone sent a message to everyone. */
  message: (message: ChatMessage) => void;
  /** This user sent or received a direct message. The latest ones are also sent after each connect, so that none is missed. */
  direct: (message: DirectMessage) => void;
  /** An admin, whose name this is, signs this user out everywhere, or ends only this session. The session ends next. */
  signedOut: (by: string, where: "everywhere" | "here") => void;
  /** The users who are online, sorted by name. A user with several tabs is listed once. */
  present: (users: ChatUser[]) => void;
}

/** `socket.data`. The guard sets the user. */
export interface SocketData {
  user?: CurrentUser;
}
