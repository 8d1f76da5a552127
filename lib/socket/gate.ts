/** What the guard knows of one socket: its session, its rooms, by which keys it is counted, and how it is told that something is denied. */
import type { AuditEvents, GuardAuditEvents, SocketDetails } from "../audit-events.js";
import type { ClientAddresses } from "../authenticate/address.js";
import type { Authenticator } from "../authenticate/authenticator.js";
import { LimitRefusal, type LimitName } from "../limits/limit.js";
import type { LimitSet } from "../limits/limit-set.js";
import type { ParsedRate } from "../limits/rate.js";
import { Sender } from "../limits/sender.js";
import type { Measurements } from "../metrics/measurements.js";
import type { Tally } from "../metrics/tally.js";
import type { Policy } from "../policy/compile.js";
import { undeclared } from "../policy/decide.js";
import { PayloadRefusal } from "../policy/payload.js";
import type { RoomPolicy } from "../policy/room-policy.js";
import type { OnDenied } from "../policy/rules.js";
import { denial, guardPrefix, type Denial, type DenialCode } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { Reporter } from "../report.js";
import type { Registry } from "../session/registry.js";
import type { LiveSession } from "../session/session.js";
import { Denials } from "./denials.js";
import { EventKeys } from "./event-keys.js";
import { packetTypes, type Packet, type SocketInternals } from "./internals.js";
import { sendAnswer, sendDenied } from "./notify.js";
import { isEvent, refusalOf, refusedFor, tooManyDenials } from "./packet-refusals.js";
import { showUser } from "./socket-user.js";

/** Answers an event of the guard's own, such as `guard:refresh`. */
export type GuardEvent = (gate: Gate, argument: unknown) => object | Refusal | Promise<object | Refusal>;

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
  readonly measurements: Measurements;
  readonly onDenied: OnDenied;
  /** How many packets of a socket may wait behind an asynchronous check. */
  readonly queueLimit: number;
  readonly guardEvents: ReadonlyMap<string, GuardEvent>;
  readonly limits: LimitSet;
  /** After so many denied events a client is disconnected; undefined if it never is. */
  readonly disconnectAfter: ParsedRate | undefined;
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

interface DenyDetails {
  readonly ends?: boolean;
  /** When the gate began to decide. */
  readonly startedAt?: number;
  /** What counts it, if that is known already. */
  readonly tally?: Tally;
}

const noDetails: DenyDetails = Object.freeze({});

export abstract class Gate {
  readonly socket: SocketInternals;
  readonly rules: NamespaceRules;
  protected readonly context: GateContext;
  /** Undefined until the handshake is authenticated. */
  session: LiveSession | undefined = undefined;
  /** The name of the authenticator that has answered its handshake. */
  answeredBy: string | undefined = undefined;
  /** The rooms that it has joined through the guard, by name. Belongs to lib/rooms. */
  memberships: Map<string, JoinedRoom> | undefined = undefined;
  /** The versions of the session and of the user that `socket.data` shows. */
  #shownSession = 0;
  #shownUser = 0;
  // Most sockets need none of these.
  #denials: Denials | undefined = undefined;
  #sender: Sender | undefined = undefined;
  /** The subject of the session that the sender is for. */
  #sendingSubject: string | undefined = undefined;

  constructor(socket: SocketInternals & GuardedSocket, rules: NamespaceRules, context: GateContext) {
    this.socket = socket;
    this.rules = rules;
    this.context = context;
    socket[gateKey] = this;
    socket._onpacket = receive;
  }

  /** Every packet that the client sends comes here, before any listener. */
  abstract receive(packet: Packet): void;

  /** Answers the packets that still wait for a verdict with this denial. */
  abstract answerWaiting(reason: Denial): void;

  /** Denies an event that was not decoded. `id` is that of its ack. */
  denyUndecoded(id: number | undefined, code: DenialCode): void {
    this.deny({ type: packetTypes.event, id }, denial(code), this.context.onDenied);
  }

  /** By which keys its events count. Another user has others. */
  get sender(): Sender {
    const { subject } = this.session!;
    if (this.#sender === undefined || subject !== this.#sendingSubject) {
      this.#sendingSubject = subject;
      this.#sender = new Sender(new EventKeys(this, subject));
    }
    return this.#sender;
  }

  /** The sender, if it has sent something that is counted. */
  protected get knownSender(): Sender | undefined {
    return this.#sender;
  }

  /** The network of its client; undefined if it is that of a proxy, which others use, too. */
  get network(): string | undefined {
    return this.context.addresses.networkOf(this.socket.handshake);
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

  protected isStillValid(packet: Packet): boolean {
    const invalid = this.session!.invalidity(Date.now());
    if (invalid !== undefined) this.denyInvalid(packet, invalid);
    return invalid === undefined;
  }

  protected denyInvalid(packet: Packet, invalid: Refusal): void {
    this.deny(packet, refusedFor(packet, invalid), "reject");
  }

  /** `ends`: whether the session ends, too. Without a valid session it always does, unless what is unavailable may come back. */
  protected deny(packet: Packet, verdict: Denial | Refusal, onDenied: OnDenied, now = Date.now(), { ends, startedAt = now, tally = this.tallyOf(packet) }: DenyDetails = noDetails): void {
    const session = this.session!;
    // A packet after the end of the session is neither counted nor reported.
    if (session.ended !== undefined) return;
    const reason = verdict instanceof Refusal ? verdict.denial : verdict;
    const { registry } = this.context;
    this.countDenied(packet, tally, reason.code, startedAt);
    const denials = (this.#denials ??= new Denials(this.context.disconnectAfter));
    this.#audit(verdict, denials, now);
    const isLast = ends ?? (reason.status === 401 || onDenied === "disconnect");
    this.#tell(packet, reason, isLast ? undefined : denials, now);
    if (isLast) registry.end(session, refusalOf(verdict));
    // Faults of the server, and what others have sent, are not held against the client.
    else if (reason.status < 500 && !isCausedByOthers(verdict) && denials.count(now)) registry.end(session, tooManyDenials(this.context.disconnectAfter!));
  }

  /** In a flood, a denial is often like the one before: then it is only counted. */
  #audit(verdict: Denial | Refusal, denials: Denials, now: number): void {
    const { audit, measurements } = this.context;
    const { code, event, room } = verdict instanceof Refusal ? verdict.denial : verdict;
    const { subject } = this.session!;
    const hit = verdict instanceof LimitRefusal ? verdict.hit : undefined;
    const limit = hit?.limit.name;
    if (limit !== undefined) measurements.limitHit(limit);
    const last = denials.lastLike({ subject, code, event, room, limit });
    if (!audit.repeat("denied", last.denied, now)) last.denied = audit.emit("denied", () => this.detailsOf(verdict));
    if (hit === undefined || audit.repeat("limitHit", last.limitHit, now)) return;
    last.limitHit = audit.emit("limitHit", () => ({
      ...this.details, limit: hit.limit.name, rate: hit.limit.windows.rate.text, ...(event !== undefined && { event }), ...(room !== undefined && { room }), retryAfter: hit.wait,
    }));
  }

  protected countDenied(packet: Packet, tally: Tally, code: string, startedAt: number): void {
    tally.denied(code);
    this.observe(tally, packet.data, code, startedAt);
  }

  /** What counts the verdicts on this packet: clients choose the names of undeclared events. */
  protected tallyOf({ type, data }: Packet): Tally {
    const isAck = type === packetTypes.ack || type === packetTypes.binaryAck;
    if (isAck || !isEvent(data)) return this.context.measurements.tallies.of(undeclared);
    return this.guardEventOf(data[0]) === undefined ? this.rules.policy.ruleOf(data[0]).tally : this.context.measurements.tallies.of(data[0]);
  }

  /** For traces. */
  protected observe({ event }: Tally, data: unknown, code: string, startedAt: number): void {
    const { observer } = this.context.measurements;
    if (observer?.wants(code, startedAt) !== true) return;
    const { nsp, id } = this.socket;
    observer.decided({ event, args: Array.isArray(data) ? data.slice(1) : [], code, namespace: nsp.name, socket: id, startedAt });
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

/** Whether the places of a limit may have been taken by other clients. */
function isCausedByOthers(verdict: Denial | Refusal): boolean {
  return verdict instanceof LimitRefusal && limitsOfManyClients.has(verdict.hit.limit.name);
}

const limitsOfManyClients: ReadonlySet<LimitName> = new Set(["room", "address", "server"]);

// One function for all sockets, in place of a closure for each.
function receive(this: SocketInternals & GuardedSocket, packet: Packet): void {
  this[gateKey]!.receive(packet);
}

const firstOfPrefix = guardPrefix.charCodeAt(0);

function isGuardName(name: string): boolean {
  return name.charCodeAt(0) === firstOfPrefix && name.startsWith(guardPrefix);
}
