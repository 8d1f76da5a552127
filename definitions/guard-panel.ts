/** The Guard panel: what its namespaces /guard and /admin send, and what the events of /admin require. */
import { role, type EventRules, type GuardServerEvents } from "socket.io-guard";
import { z } from "zod";
import type { Failed } from "./messages.js";
import { groupIds } from "./rooms.js";
import { UserId, type CurrentUser } from "./users.js";

/** One decision of the guard about a connection of this user. */
export interface Decision {
  readonly kind: "allowed" | "denied" | "connected" | "renewed" | "left" | "ended";
  /** Epoch milliseconds. */
  readonly at: number;
  /** The id of the socket that it is about. */
  readonly socket: string;
  readonly node: string;
  readonly namespace: string;
  readonly method: string;
  readonly role?: string | undefined;
  readonly event?: string;
  readonly room?: string | undefined;
  /** The number under which the client gets the answer. */
  readonly ack?: number | undefined;
  readonly code?: string;
  /** What the audit event says. It may say more than the client was told. */
  readonly reason?: string | undefined;
  /** Microseconds from the arrival of the frame to the handler or the denial. */
  readonly took?: number | undefined;
  /** How many decisions were left out before this one. */
  readonly omitted?: { readonly allowed: number; readonly denied: number };
}

/** A rule in definitions/events.ts or definitions/rooms.ts, as it is written there. */
export interface RuleLines {
  /** The name that stands before the rule, and the line of the check that it uses, if that has a name. */
  readonly lines: readonly { readonly number: number; readonly text: string }[];
  /** In words, such as "role admin"; undefined if the rule is a function. */
  readonly needs: string | undefined;
}

/** What the panel is told once it is connected. */
export interface PanelStart {
  readonly node: string;
  readonly method: string;
  /** The rules by event. */
  readonly rules: Readonly<Record<string, RuleLines>>;
  readonly rulesFile: string;
  /** The rules by pattern. */
  readonly rooms: Readonly<Record<string, RuleLines>>;
  readonly roomsFile: string;
}

/** Sent to /guard. Clients send nothing there. */
export interface PanelEvents extends GuardServerEvents {
  start: (start: PanelStart) => void;
  decision: (decision: Decision) => void;
}

/** A session of the chat, as admins see it. */
export interface SessionOfUser {
  readonly id: string;
  readonly node: string;
  /** Null for a guest. */
  readonly user: { readonly id: string; readonly name: string; readonly role: string } | null;
  readonly method: string;
  /** Epoch milliseconds. */
  readonly since: number;
}

export interface Sessions {
  readonly sessions: readonly SessionOfUser[];
  /** Whether a node did not answer in time. */
  readonly incomplete: boolean;
}

/** How many sessions an admin has ended. */
export interface EndedSessions {
  readonly user: string;
  readonly sessions: number;
  readonly nodes: number;
  /** Milliseconds until the last of them had ended. */
  readonly took: number;
}

/** A group of definitions/rooms.ts, and which of the users are its members. */
export interface Group {
  readonly id: (typeof groupIds)[number];
  readonly users: readonly { readonly id: string; readonly name: string; readonly isMember: boolean }[];
}

export const GroupChange = z.strictObject({ group: z.enum(groupIds), user: UserId, isMember: z.boolean() });
export type GroupChange = z.infer<typeof GroupChange>;

/** What admins send to /admin. */
export interface AdminRequests {
  /** Answers the sessions of all nodes. */
  sessions: (answer: (sessions: Sessions | Failed) => void) => void;
  /** Ends one session, on any node. */
  endSession: (id: string, answer: (done: true | Failed) => void) => void;
  /** Answers the groups. */
  groups: (answer: (groups: Group[] | Failed) => void) => void;
  /** Makes a user a member of a group, or takes the user out of it and of its room. Answers whether there is such a user. */
  changeGroup: (change: GroupChange, answer: (exists: boolean | Failed) => void) => void;
}

export interface AdminEvents extends GuardServerEvents {
  /** Ask for the sessions and the groups again. It says nothing more, because every user can connect to /admin. */
  changed: () => void;
  endedSessions: (ended: EndedSessions) => void;
}

export const adminEvents = {
  sessions: { allow: role("admin"), payload: [] },
  endSession: { allow: role("admin"), payload: z.string().min(1).max(64) },
  groups: { allow: role("admin"), payload: [] },
  changeGroup: { allow: role("admin"), payload: GroupChange },
} satisfies EventRules<AdminRequests, CurrentUser>;
