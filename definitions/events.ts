/** The chat in one page: what clients may send, what each event requires, and what they hear. */
import { anyone, role, scope, signedIn, some, type EventRules, type GuardServerEvents } from "socket.io-guard";
import { Direct, Message, type ChatMessage, type DirectMessage, type Failed } from "./messages.js";
import { UserId, type ChatUser, type CurrentUser, type Profile } from "./users.js";

/** People may, and bots whose API key says so. */
const mayWrite = some<CurrentUser>(role("member", "admin"), scope("write"));

export const events = {
  getUser: { allow: signedIn, payload: UserId },
  message: { allow: mayWrite, payload: Message },
  direct: { allow: mayWrite, payload: Direct },
  history: { allow: signedIn, payload: [] },
  signOut: { allow: role("admin"), payload: UserId },
} satisfies EventRules<ClientToServerEvents, CurrentUser>;

/** With AUTH=none everybody is let in: a guest may read, and nothing else until a sign-in. */
export const guestEvents = {
  ...events,
  history: { allow: anyone, payload: [] },
} satisfies EventRules<ClientToServerEvents, CurrentUser>;

export interface ClientToServerEvents {
  /** Somebody's public profile, or null if there is no such user. */
  getUser: (id: string, answer: (profile: Profile | null | Failed) => void) => void;
  /** Says something to all who are signed in; answered once it is stored. */
  message: (message: Message, answer: (stored: ChatMessage | Failed) => void) => void;
  /** Says something to one user alone; answered once it is sent, or with null if there is no such user. */
  direct: (message: Direct, answer: (sent: DirectMessage | null | Failed) => void) => void;
  /** The last messages, the oldest first. */
  history: (answer: (messages: ChatMessage[] | Failed) => void) => void;
  /** Signs somebody out everywhere; answers whether there is such a user. */
  signOut: (id: string, answer: (exists: boolean | Failed) => void) => void;
}

export interface ServerToClientEvents extends GuardServerEvents {
  /** Somebody said something. */
  message: (message: ChatMessage) => void;
  /** Somebody said something to this user alone, or this user to somebody. */
  direct: (message: DirectMessage) => void;
  /** Who is here now, by name; one entry a user, however many tabs are open. */
  present: (users: ChatUser[]) => void;
}

/** What the server remembers of each socket. The guard fills in the user. */
export interface SocketData {
  user?: CurrentUser;
}
