/** All events of the chat: what clients and server send, and what each event requires. */
import { anyone, role, scope, signedIn, some, type EventRules, type GuardServerEvents } from "socket.io-guard";
import { Direct, Message, MessageId, type ChatMessage, type DirectMessage, type Failed } from "./messages.js";
import { RoomName } from "./rooms.js";
import { UserId, type CurrentUser, type Profile } from "./users.js";

/** People may write, and bots whose API key has the scope `write`. */
const mayWrite = some<CurrentUser>(role("member", "admin"), scope("write"));

/** How many messages a user may send to rooms, and as many to one user. MESSAGE_LIMIT in .env changes it. */
export const messageLimit = "20/10s";
export type MessageLimit = `${number}/${number}${"ms" | "s" | "m" | "h"}`;

export const events = {
  getUser: { allow: signedIn, payload: UserId, limit: "30/10s" },
  message: { allow: mayWrite, payload: Message, limit: messageLimit },
  direct: { allow: mayWrite, payload: Direct, limit: messageLimit },
  inbox: { allow: signedIn, payload: [] },
  history: { allow: signedIn, payload: RoomName },
  older: { allow: signedIn, payload: [RoomName, MessageId] },
  signOut: { allow: role("admin"), payload: UserId },
} satisfies EventRules<ClientToServerEvents, CurrentUser>;

/** The same rules with another limit on messages. */
export function limitMessages<Rules extends Pick<typeof events, "message" | "direct">>(rules: Rules, limit: MessageLimit) {
  return { ...rules, message: { ...rules.message, limit }, direct: { ...rules.direct, limit } };
}

/** The rules for AUTH=none: guests may read the messages of the rooms that they are in. */
export const guestEvents = {
  ...events,
  history: { allow: anyone, payload: RoomName },
  older: { allow: anyone, payload: [RoomName, MessageId] },
} satisfies EventRules<ClientToServerEvents, CurrentUser>;

export interface ClientToServerEvents {
  /** Answers a user's public profile, or null if there is no such user. */
  getUser: (id: string, answer: (profile: Profile | null | Failed) => void) => void;
  /** Sends a message to a room that the user is in. Answers once it is stored. */
  message: (message: Message, answer: (stored: ChatMessage | Failed) => void) => void;
  /** Sends a direct message to one user. Answers null if there is no such user. */
  direct: (message: Direct, answer: (sent: DirectMessage | null | Failed) => void) => void;
  /** Answers the latest direct messages from and to the user, oldest first. */
  inbox: (answer: (messages: DirectMessage[] | Failed) => void) => void;
  /** Answers the latest messages of a room that the user is in, oldest first. */
  history: (room: string, answer: (messages: ChatMessage[] | Failed) => void) => void;
  /** Answers the messages before the one with this id. The list is empty if there are no more. */
  older: (room: string, before: number, answer: (messages: ChatMessage[] | Failed) => void) => void;
  /** Signs a user out everywhere. Answers whether there is such a user. */
  signOut: (id: string, answer: (exists: boolean | Failed) => void) => void;
}

export interface ServerToClientEvents extends GuardServerEvents {
  /** Someone sent a message to a room that this socket is in. */
  message: (message: ChatMessage) => void;
  /** This user sent or received a direct message. */
  direct: (message: DirectMessage) => void;
  /** An admin, whose name this is, signs this user out everywhere, or ends only this session. The session ends next. */
  signedOut: (by: string, where: "everywhere" | "here") => void;
}

/** `socket.data`. The guard sets the user. */
export interface SocketData {
  user?: CurrentUser;
}
