/** Who is in which room through the guard, on this node. A membership ends as soon as its rule says something else. */
import { isDeepStrictEqual } from "node:util";
import type { AuditEvents, GuardAuditEvents } from "../audit-events.js";
import type { Measurements } from "../metrics/measurements.js";
import { joinEvent, type JoinRequest, type RoomMember } from "../protocol.js";
import { withDetails, type Refusal } from "../refusal.js";
import type { Eviction } from "../session/notice.js";
import type { Registry } from "../session/registry.js";
import type { LiveSession } from "../session/session.js";
import { TimerQueue } from "../session/timer-queue.js";
import { gateOf, type Gate } from "../socket/gate.js";
import type { AdapterInternals, NamespaceInternals, ServerInternals } from "../socket/internals.js";
import { localRoom } from "../socket/local-room.js";
import { sendLeft } from "../socket/notify.js";
import { socketOf } from "../socket/users.js";
import { Judge, refused } from "./judge.js";
import { LeftNotices } from "./left-notices.js";
import { isSameState, Membership, membershipsOf, stateOf, type Permission } from "./membership.js";
import type { Presence } from "./presence.js";
import { SignedMembers } from "./signed-members.js";

/** The most rooms that a socket may join through the guard. */
export const maxRooms = 1_000;

export interface MembershipsOptions {
  readonly server: ServerInternals;
  readonly registry: Registry;
  readonly audit: AuditEvents;
  readonly presence: Presence;
  readonly measurements: Measurements;
}

/** A join that waits for its check. */
interface PendingJoin {
  readonly room: string;
  /** Who was evicted from the room meanwhile. */
  readonly evicted: Set<string>;
}

export class Memberships {
  readonly #options: MembershipsOptions;
  readonly #judge: Judge;
  readonly #notices = new LeftNotices();
  readonly #timers = new TimerQueue<Membership>((membership) => this.#end(membership, refused(membership.room, "signature_expired", "the authorization has reached its end")));
  readonly #signed = new SignedMembers();
  /** A socket has one at most: what it sends next waits behind it. */
  readonly #pending = new Map<Gate, PendingJoin>();
  // The host may set another adapter at any time.
  readonly #watched = new WeakSet<AdapterInternals>();

  constructor(options: MembershipsOptions) {
    this.#options = options;
    this.#judge = new Judge((error, event) => options.audit.failed("check", error, event));
  }

  /** Lets a socket join, or says why not. A room that it is in already is joined again, with the new authorization. */
  join(gate: Gate, { room, ...authorization }: JoinRequest): Membership | Refusal | Promise<Membership | Refusal> {
    const mine = membershipsOf(gate);
    if (mine.size >= maxRooms && !mine.has(room)) return refused(room, "room_limit", "the socket is in as many rooms as are allowed");
    const pending: PendingJoin = { room, evicted: new Set() };
    const joined = this.#judge.ask(gate, room, authorization, (result) => {
      this.#pending.delete(gate);
      return "rule" in result ? this.#admit(gate, result, pending) : result;
    });
    if (joined instanceof Promise) this.#pending.set(gate, pending);
    return joined;
  }

  #admit(gate: Gate, permission: Permission, { room, evicted }: PendingJoin): Membership | Refusal {
    const membership = membershipsOf(gate).get(room) ?? new Membership(gate, room, permission);
    if ([...evicted].some((subject) => membership.isOf(subject) || permission.member?.id === subject)) return evictedFrom(room);
    if (membershipsOf(gate).get(room) !== membership) return this.#add(membership);
    this.#renew(membership, permission);
    return membership;
  }

  #add(membership: Membership): Membership | Refusal {
    const { gate, room, permission: { member, request } } = membership;
    const { socket } = gate;
    this.#watch(socket.nsp);
    void socket.join(room);
    // Listeners of the adapter's "join-room" may have removed it, or disconnected the socket.
    if (!localRoom(socket.nsp, room).has(socket.id)) return removedByHost(room);
    (gate.memberships ??= new Map()).set(room, membership);
    this.#options.measurements.memberships += 1;
    this.#timers.set(membership, request.endsAt);
    this.#signed.add(membership);
    if (member !== undefined) this.#options.presence.joined(socket.nsp.name, room, member);
    this.#options.audit.emit("roomJoined", () => ({ ...gate.details, room }));
    return membership;
  }

  /** The rule allows it again, perhaps as another member and until another instant. */
  #renew(membership: Membership, permission: Permission): void {
    const { room, gate: { socket: { nsp } }, permission: { member: before } } = membership;
    const { member, request } = permission;
    this.#signed.delete(membership);
    membership.permission = permission;
    this.#signed.add(membership);
    this.#timers.set(membership, request.endsAt);
    if (before === member || isDeepStrictEqual(before, member)) return;
    const { presence } = this.#options;
    if (before !== undefined) presence.left(nsp.name, room, before.id);
    if (member !== undefined) presence.joined(nsp.name, room, member);
  }

  /** The client asks to leave. If it is not in the room, nothing happens. */
  leave(gate: Gate, room: string): void {
    const membership = membershipsOf(gate).get(room);
    if (membership !== undefined) this.#remove(membership, "left");
  }

  /** The socket is gone: it has left the rooms of Socket.IO, or is about to. */
  forget(gate: Gate): void {
    const mine = membershipsOf(gate);
    // First, because listeners of the host may remove the socket from rooms once more.
    gate.memberships = undefined;
    for (const membership of mine.values()) this.#forget(membership, { code: "disconnected" });
  }

  /** The socket stays, but may be in no room any more. */
  endAll(gate: Gate, why: Refusal): void {
    for (const membership of [...membershipsOf(gate).values()]) {
      if (membershipsOf(gate).get(membership.room) === membership) this.#end(membership, withDetails(why, { room: membership.room, event: joinEvent }));
    }
  }

  /** The members of a room, on all nodes, if it shows presence. */
  membersOf({ room, gate: { socket }, permission: { rule, request } }: Membership): readonly RoomMember[] | undefined {
    if (!rule.hasPresence && request.member === undefined) return undefined;
    return this.#options.presence.membersFor(socket.id, socket.nsp.name, room);
  }

  /** Removes all sockets of a user from a room of this node, also those that the host has let join, and joins that are under way. */
  evict({ namespace, room, subject }: Eviction): void {
    const nsp = this.#options.server._nsps.get(namespace);
    for (const session of this.#options.registry.of(subject)) {
      const gate = this.#gateOf(session);
      if (gate !== undefined && gate.socket.nsp === nsp) this.#evict(gate, room);
    }
    for (const membership of this.#signed.of(subject)) if (membership.room === room && membership.gate.socket.nsp === nsp) this.#end(membership, evictedFrom(room));
    for (const [gate, pending] of this.#pending) if (pending.room === room && gate.socket.nsp === nsp) pending.evicted.add(subject);
  }

  #evict(gate: Gate, room: string): void {
    const { socket } = gate;
    const membership = membershipsOf(gate).get(room);
    if (membership !== undefined) this.#end(membership, evictedFrom(room));
    else if (socket.nsp.adapter.rooms.get(room)?.has(socket.id) === true) {
      socket.leave(room);
      sendLeft(socket, evictedFrom(room).denial);
    }
  }

  /** Asks the rules again, if the session or its user has changed since. */
  sessionChanged(session: LiveSession): void {
    const gate = this.#gateOf(session);
    if (gate?.memberships === undefined) return;
    const state = stateOf(gate);
    for (const membership of membershipsOf(gate).values()) if (!isSameState(membership.permission.asked, state)) void this.#recheck(membership);
  }

  /**
   * Asks the rules again about all sessions of a user, because something has changed that only the host knows. Joins and events whose
   * check is at work are asked again, too. Settles when all answers for rooms have been followed.
   */
  async recheckSubject(subject: string): Promise<void> {
    const sessions = this.#options.registry.of(subject);
    for (const session of sessions) session.outdateVerdicts();
    const gates = sessions.flatMap((session) => this.#gateOf(session) ?? []);
    await Promise.all(gates.flatMap((gate) => [...membershipsOf(gate).values()].flatMap((membership) => this.#recheck(membership) ?? [])));
  }

  /** Asks the rules again about all memberships, because the rules have changed. */
  recheckAll(): void {
    for (const { sockets } of this.#options.server._nsps.values()) {
      for (const socket of sockets.values()) {
        const gate = gateOf(socket);
        if (gate !== undefined) for (const membership of membershipsOf(gate).values()) void this.#recheck(membership);
      }
    }
  }

  stop(): void {
    this.#timers.stop();
    this.#options.presence.stop();
  }

  /** A promise only if a check returns one. */
  #recheck(membership: Membership): Promise<void> | undefined {
    const { gate, room, permission: { asked, request } } = membership;
    // A socket that changes users has joined its rooms as somebody else.
    if (asked.subject !== undefined && asked.subject !== gate.session!.subject) {
      this.#end(membership, refused(room, "session_ended", "the session belongs to another user now"));
      return undefined;
    }
    const asking = this.#judge.ask(gate, room, request.authorization, (result) => {
      // While a check was at work, it may have left, or joined again with another authorization.
      if (membershipsOf(gate).get(room) !== membership || membership.permission.request.authorization !== request.authorization) return;
      if ("rule" in result) this.#renew(membership, result);
      else this.#end(membership, result);
    });
    return asking instanceof Promise ? asking : undefined;
  }

  /** Removes a socket from a room at once, and tells its client why. */
  #end(membership: Membership, refusal: Refusal): void {
    this.#remove(membership, refusal);
    this.#notices.add(membership, refusal);
  }

  #remove(membership: Membership, why: Refusal | "left"): void {
    const { gate, room } = membership;
    const mine = gate.memberships!;
    mine.delete(room);
    if (mine.size === 0) gate.memberships = undefined;
    gate.socket.leave(room);
    this.#forget(membership, why === "left" ? { code: why } : { code: why.denial.code, reason: why.reason });
  }

  #forget(membership: Membership, why: Pick<GuardAuditEvents["roomLeft"], "code" | "reason">): void {
    const { gate, room, permission: { member } } = membership;
    const { audit, measurements, presence } = this.#options;
    measurements.memberships -= 1;
    this.#timers.delete(membership);
    this.#signed.delete(membership);
    if (member !== undefined) presence.left(gate.socket.nsp.name, room, member.id);
    audit.emit("roomLeft", () => ({ ...gate.details, room, ...why }));
  }

  /** The host may remove sockets from rooms, too: by `socket.leave`, or by `io.socketsLeave` on any node. */
  #watch({ adapter, sockets }: NamespaceInternals): void {
    if (this.#watched.has(adapter)) return;
    this.#watched.add(adapter);
    adapter.on("leave-room", (room, id) => {
      const socket = sockets.get(id);
      const gate = socket && gateOf(socket);
      const membership = gate && membershipsOf(gate).get(room);
      if (membership !== undefined) this.#end(membership, removedByHost(room));
    });
  }

  #gateOf(session: LiveSession): Gate | undefined {
    const socket = socketOf(this.#options.server, session);
    return socket && gateOf(socket);
  }
}

function removedByHost(room: string): Refusal {
  return refused(room, "evicted", "code of the host removed the socket from the room");
}

function evictedFrom(room: string): Refusal {
  return refused(room, "evicted", "`guarded.room(name).evict()` was called");
}
