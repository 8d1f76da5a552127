/** A socket in a room that it has joined through the guard, and the rule that let it in. */
import { Sender } from "../limits/sender.js";
import type { RoomMember } from "../protocol.js";
import type { CompiledRoom } from "../policy/compile-room.js";
import type { RoomRequest } from "../policy/room-request.js";
import type { LiveSession } from "../session/session.js";
import type { Timed } from "../session/timer-queue.js";
import type { Gate, JoinedRoom } from "../socket/gate.js";
import { PublishKeys } from "./publish-keys.js";

/** That a rule allows a socket to be in a room, at one instant. */
export interface Permission {
  readonly rule: CompiledRoom;
  readonly request: RoomRequest;
  /** Whom the other members see; undefined if they see nobody. */
  readonly member: RoomMember | undefined;
  /** Who was asked about. */
  readonly asked: AskedState;
}

/** What a verdict depends on: while nothing of it changes, the verdict stays. */
export interface AskedState {
  readonly subject: string | undefined;
  readonly version: number;
  readonly userVersion: number | undefined;
  readonly changes: number;
  readonly policy: object;
}

export function stateOf({ session, rules }: Gate): AskedState {
  const { subject, version, cachedUser, changes } = session!;
  return { subject, version, userVersion: cachedUser?.version, changes, policy: rules.rooms };
}

export function isSameState(one: AskedState, other: AskedState): boolean {
  return one.version === other.version && one.userVersion === other.userVersion && one.changes === other.changes && one.policy === other.policy;
}

export class Membership implements Timed, JoinedRoom {
  readonly gate: Gate;
  readonly room: string;
  permission: Permission;
  #sender: Sender | undefined = undefined;
  /** The subject of the session that the sender is for. */
  #sendingSubject: string | undefined = undefined;
  /** When it ends; belongs to the timer queue of all memberships. */
  dueAt = Infinity;

  constructor(gate: Gate, room: string, permission: Permission) {
    this.gate = gate;
    this.room = room;
    this.permission = permission;
  }

  get session(): LiveSession {
    return this.gate.session!;
  }

  /** Whether it is one of this user: the session's, or the one that a signature names. */
  isOf(subject: string): boolean {
    return this.session.subject === subject || this.permission.member?.id === subject;
  }

  /** By which keys counts what it publishes. Another user has others. */
  get sender(): Sender {
    const { subject } = this.session;
    if (this.#sender === undefined || subject !== this.#sendingSubject) {
      this.#sendingSubject = subject;
      this.#sender = new Sender(new PublishKeys(this.gate.socket, this.room, subject));
    }
    return this.#sender;
  }

  /** The id under which the other members know it; null for a guest. */
  get memberId(): string | null {
    return this.permission.member?.id ?? this.session.subject ?? null;
  }
}

/** The rooms that a socket has joined, by name. */
export function membershipsOf(gate: Gate): ReadonlyMap<string, Membership> {
  return (gate.memberships ?? none) as Map<string, Membership>;
}

const none: ReadonlyMap<string, Membership> = new Map();
