/** The gate of one socket: every packet that its client sends passes here, before any listener. */
import type { AuditEvents, GuardAuditEvents, SocketDetails } from "../audit-events.js";
import type { ClientAddresses } from "../authenticate/address.js";
import type { Authenticator } from "../authenticate/authenticator.js";
import { isTooDeep, tooDeep } from "../nesting.js";
import type { Policy } from "../policy/compile.js";
import type { PolicyRule, Verdict } from "../policy/decide.js";
import { PayloadRefusal } from "../policy/payload.js";
import type { RoomPolicy } from "../policy/room-policy.js";
import type { OnDenied } from "../policy/rules.js";
import { denial, guardPrefix, type Denial } from "../protocol.js";
import { FinalRefusal, Refusal, withDetails } from "../refusal.js";
import type { Reporter } from "../report.js";
import type { Registry } from "../session/registry.js";
import type { LiveSession } from "../session/session.js";
import { callHandlers, Detour, isDirect } from "./delivery.js";
import { Denials } from "./denials.js";
import type { Incoming } from "./incoming.js";
import { nameOf, packetTypes, type Packet, type SocketInternals } from "./internals.js";
import { sendAnswer, sendDenied } from "./notify.js";
import { PacketQueue } from "./packet-queue.js";
import { showUser } from "./socket-user.js";

// Arguments are put on the stack one by one: with a hundred thousand of them, calling a listener ends the process.
export const maxArguments = 1_024;

/** Answers an event of the guard's own, such as `guard:refresh`. */
export type GuardEvent = (gate: Gate, argument: unknown) => object | Refusal | Promise<object | Refusal>;

/** What has been counted since the start. */
export class Counts {
  allowed = 0;
  denied = 0;
  refused = 0;
}

/** What applies in one namespace. */
export interface NamespaceRules {
  readonly policy: Policy;
  readonly rooms: RoomPolicy;
  readonly chain: readonly Authenticator[];
}

/** A room that a socket has joined through the guard. */
export interface JoinedRoom {
  readonly room: string;
}

/** What the gates of a server share. */
export interface GateContext {
  readonly registry: Registry;
  readonly audit: AuditEvents;
  readonly counts: Counts;
  readonly onDenied: OnDenied;
  /** How many packets of a socket may wait behind an asynchronous check. */
  readonly queueLimit: number;
  readonly guardEvents: ReadonlyMap<string, GuardEvent>;
  readonly addresses: ClientAddresses;
  /** Called when a socket that has joined rooms is gone. */
  readonly leaveRooms: (gate: Gate) => void;
  /** Removes a socket that stays connected from the rooms that it has joined. */
  readonly endRooms: (gate: Gate, why: Refusal) => void;
  /** Undefined unless events are reported. */
  readonly reporter: Reporter | undefined;
}

const gateKey = Symbol("socket.io-guard gate");

type GuardedSocket = object & { [gateKey]?: Gate };

/** The gate of a socket; undefined for a socket of a server that is not guarded. */
export function gateOf(socket: GuardedSocket): Gate | undefined {
  return socket[gateKey];
}

export class Gate {
  readonly socket: SocketInternals;
  readonly rules: NamespaceRules;
  protected readonly context: GateContext;
  readonly #incoming: Incoming;
  /** Undefined until the handshake is authenticated. */
  session: LiveSession | undefined = undefined;
  /** The rooms that it has joined through the guard, by name. Belongs to lib/rooms. */
  memberships: Map<string, JoinedRoom> | undefined = undefined;
  /** The versions of the session and of the user that `socket.data` shows. */
  #shownSession = 0;
  #shownUser = 0;
  // Most sockets need none of these.
  #queue: PacketQueue | undefined = undefined;
  #detour: Detour | undefined = undefined;
  #denials: Denials | undefined = undefined;

  constructor(socket: SocketInternals & GuardedSocket, rules: NamespaceRules, context: GateContext, incoming: Incoming) {
    this.socket = socket;
    this.rules = rules;
    this.context = context;
    this.#incoming = incoming;
    socket[gateKey] = this;
    socket._onpacket = receive;
  }

  receive(packet: Packet): void {
    this.#incoming.packetArrives();
    switch (packet.type) {
      case packetTypes.event:
      case packetTypes.binaryEvent:
        if (!this.mustWait(packet)) this.decide(packet);
        else if (!this.#queue!.add(packet)) this.#deny(packet, denial("queue_full", { event: nameOf(packet) }), "reject");
        return;
      case packetTypes.ack:
      case packetTypes.binaryAck:
        return this.receiveAck(packet);
      case packetTypes.disconnect:
        // It keeps its place: what was sent before it is still decided.
        if (!this.mustWait(packet) || !this.#queue!.add(packet)) this.socket.ondisconnect();
    }
  }

  /** Whether a packet before it still waits for an answer. */
  protected mustWait(_packet: Packet): boolean {
    return this.#queue?.isBlocked === true;
  }

  protected decide(packet: Packet): void {
    const session = this.session!;
    const now = Date.now();
    const invalid = session.invalidity(now);
    if (invalid !== undefined) return this.#denyInvalid(packet, invalid);
    const data = packet.data;
    if (!isEvent(data)) return this.#deny(packet, denial("event_malformed"), this.context.onDenied);
    if (data.length > maxArguments) return this.#deny(packet, denial("payload_too_large", { event: data[0] }), this.context.onDenied);
    const guardEvent = this.guardEventOf(data[0]);
    if (guardEvent !== undefined) return this.answerGuardEvent(packet, data, guardEvent);
    const rule = this.rules.policy.ruleOf(data[0]);
    const verdict = rule.decide(session, data);
    if (verdict instanceof Promise) this.#waitForVerdict(packet, data, rule, verdict);
    else if (verdict !== true) this.#deny(packet, verdict, rule.onDenied, now);
    // A check may itself have ended the session.
    else if (session.ended === undefined) this.#deliver(packet, data, rule);
  }

  #deliver(packet: Packet, data: unknown[], rule: PolicyRule): void {
    const { socket } = this;
    this.showCurrentUser();
    this.context.counts.allowed += 1;
    if (this.#detour === undefined && isDirect(socket)) return callHandlers(socket, packet, data, rule.hasPayload);
    this.#detour ??= new Detour(socket, (late) => this.isStillValid(late));
    this.#detour.deliver(packet, data, rule.hasPayload);
  }

  /** Why nothing of this client is allowed now. */
  get invalidity(): Refusal | undefined {
    return this.session!.invalidity(Date.now());
  }

  /** The handler of an event of the guard's own. */
  protected guardEventOf(name: string): GuardEvent | undefined {
    return isGuardName(name) ? this.context.guardEvents.get(name) : undefined;
  }

  protected showCurrentUser(): void {
    const { cachedUser, version } = this.session!;
    if (version !== this.#shownSession || (cachedUser !== undefined && cachedUser.version !== this.#shownUser)) this.showUser();
  }

  /** A client's answer to the server is input like any other. */
  protected receiveAck(packet: Packet): void {
    if (!this.isStillValid(packet)) return;
    const refused = refusedAck(packet.data);
    if (refused === undefined) this.socket.onack(packet);
    else this.#deny(packet, refused, this.context.onDenied);
  }

  /** The verdict has to hold at the moment that the handler runs: what may have changed meanwhile is checked again. */
  #waitForVerdict(packet: Packet, data: unknown[], rule: PolicyRule, verdict: Promise<Verdict>): void {
    const session = this.session!;
    const { version, cachedUser, changes } = session;
    const { policy } = this.rules;
    const userVersion = cachedUser?.version;
    const isSame = (): boolean => session.version === version && session.cachedUser?.version === userVersion && session.changes === changes && this.rules.policy === policy;
    this.#wait(packet, verdict, (settled) => {
      if (settled !== true) return this.#deny(packet, settled, rule.onDenied);
      if (isSame()) return this.#deliver(packet, data, rule);
      const current = this.rules.policy === policy ? rule : this.rules.policy.ruleOf(data[0] as string);
      const again = current.recheck(session, data);
      if (again instanceof Promise) this.#waitForVerdict(packet, data, current, again);
      else if (again === true) this.#deliver(packet, data, current);
      else this.#deny(packet, again, current.onDenied);
    });
  }

  protected answerGuardEvent(packet: Packet, data: [string, ...unknown[]], guardEvent: GuardEvent): void {
    const answer = guardEvent(this, data[1]);
    if (answer instanceof Promise) this.#wait(packet, answer, (settled) => this.#settleGuardEvent(packet, data, settled));
    else this.#settleGuardEvent(packet, data, answer);
  }

  #settleGuardEvent(packet: Packet, data: [string, ...unknown[]], answer: object | Refusal): void {
    if (answer instanceof Refusal) this.denyGuardEvent(packet, withDetails(answer, { event: answer.denial.event ?? data[0] }));
    else sendAnswer(this.socket, packet, answer);
  }

  protected denyGuardEvent(packet: Packet, refusal: Refusal): void {
    // The session is still valid by its old credential: what has to end it says so.
    this.#deny(packet, refusal, "reject", Date.now(), refusal instanceof FinalRefusal);
  }

  /** Calls `settle` with the answer, if the session is still valid then. */
  #wait<Answer>(packet: Packet, answer: Promise<Answer>, settle: (answer: Answer) => void): void {
    this.#queue ??= new PacketQueue(this.session!, this.context.queueLimit, (waited) => {
      if (waited.type === packetTypes.disconnect) this.socket.ondisconnect();
      else this.decide(waited);
    });
    this.#queue.wait(packet, answer, (value) => { if (this.isStillValid(packet)) settle(value); });
  }

  protected isStillValid(packet: Packet): boolean {
    const invalid = this.session!.invalidity(Date.now());
    if (invalid !== undefined) this.#denyInvalid(packet, invalid);
    return invalid === undefined;
  }

  #denyInvalid(packet: Packet, invalid: Refusal): void {
    this.#deny(packet, refusedFor(packet, invalid), "reject");
  }

  /** `ends`: whether the session ends, too. Without a valid session it always does, unless what is unavailable may come back. */
  #deny(packet: Packet, verdict: Denial | Refusal, onDenied: OnDenied, now = Date.now(), ends?: boolean): void {
    const session = this.session!;
    // A packet after the end of the session is neither counted nor reported.
    if (session.ended !== undefined) return;
    const reason = verdict instanceof Refusal ? verdict.denial : verdict;
    const { audit, counts, registry } = this.context;
    counts.denied += 1;
    audit.emit("denied", () => this.detailsOf(verdict));
    const denials = (this.#denials ??= new Denials());
    const isLast = ends ?? (reason.status === 401 || onDenied === "disconnect");
    this.#tell(packet, reason, isLast ? undefined : denials, now);
    if (isLast) registry.end(session, refusalOf(verdict));
    // A fault of the server is not held against the client.
    else if (reason.status < 500 && denials.count(now)) registry.end(session, tooManyDenials);
  }

  /** Through the ack if the client asked for one. Without `denials` a notice is not sent: the goodbye says why. */
  #tell(packet: Packet, reason: Denial, denials: Denials | undefined, now: number): void {
    if (packet.type === packetTypes.ack || packet.type === packetTypes.binaryAck) return;
    if (packet.id != null) return sendAnswer(this.socket, packet, { error: reason });
    const suppressed = denials?.notice(now);
    if (suppressed !== undefined) sendDenied(this.socket, reason, suppressed);
  }

  /** What audit events tell about a denied event. */
  protected detailsOf(verdict: Denial | Refusal): GuardAuditEvents["denied"] {
    const { denial: { code, event = "", room }, reason } = refusalOf(verdict);
    const issues = verdict instanceof PayloadRefusal ? { issues: verdict.issues } : {};
    return { ...this.details, code, event, reason, ...(room !== undefined && { room }), ...issues };
  }

  /** Answers the packets that still wait for a verdict with this denial. */
  answerWaiting(reason: Denial): void {
    for (const packet of this.#queue?.empty() ?? []) sendAnswer(this.socket, packet, { error: reason });
  }

  /** The socket was refused or has left, or its session has ended. */
  leave(): void {
    if (this.memberships !== undefined) this.context.leaveRooms(this);
    const { session, socket } = this;
    const { registry, audit } = this.context;
    const ended = session?.ended;
    if (session === undefined || !registry.release(session) || !socket.connected) return;
    audit.emit("ended", () => ({ ...this.details, code: ended?.denial.code ?? "disconnected", reason: ended?.reason }));
  }

  /** Shows the user in `socket.data` as it is now. */
  showUser(): void {
    const session = this.session!;
    this.#shownSession = session.version;
    this.#shownUser = session.cachedUser?.version ?? 0;
    showUser(this.socket, session);
  }

  /** The socket and its user, for audit events. */
  get details(): SocketDetails {
    const { socket, session } = this;
    return {
      id: socket.id,
      subject: session?.subject,
      method: session?.method ?? "",
      namespace: socket.nsp.name,
      address: this.context.addresses.of(socket.handshake),
    };
  }
}

// One function for all sockets, in place of a closure for each.
function receive(this: SocketInternals & GuardedSocket, packet: Packet): void {
  this[gateKey]!.receive(packet);
}

export const tooManyDenials = new Refusal(denial("rate_limited", {
  message: "Too many of your events were denied. Wait before you connect again.",
  reconnect: "later",
  retryAfter: 10_000,
}), "twenty events were denied within ten seconds");

/** Why this packet is denied, because its session is not valid. */
export function refusedFor(packet: Packet, { denial: { code }, reason }: Refusal): Refusal {
  return new Refusal(denial(code, { event: nameOf(packet) }), reason);
}

export function isEvent(data: unknown): data is [string, ...unknown[]] {
  return Array.isArray(data) && typeof data[0] === "string";
}

/** Why a client's answer to the server is not handed on. */
export function refusedAck(data: unknown): Denial | Refusal | undefined {
  if (!Array.isArray(data)) return undefined;
  return data.length > maxArguments ? denial("payload_too_large") : isTooDeep(data) ? tooDeep() : undefined;
}

export function refusalOf(verdict: Denial | Refusal): Refusal {
  return verdict instanceof Refusal ? verdict : new Refusal(verdict);
}

const firstOfPrefix = guardPrefix.charCodeAt(0);

function isGuardName(name: string): boolean {
  return name.charCodeAt(0) === firstOfPrefix && name.startsWith(guardPrefix);
}
