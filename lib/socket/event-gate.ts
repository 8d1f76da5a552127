/** Decides what a client may send: every packet passes here, before any listener, and reaches its handler or is denied. */
import { unlimited, type LimitHit } from "../limits/limit.js";
import type { Undo } from "../limits/limit-set.js";
import type { Tally } from "../metrics/tally.js";
import type { PolicyRule, Verdict } from "../policy/decide.js";
import type { OnDenied } from "../policy/rules.js";
import { denial, type Denial } from "../protocol.js";
import { FinalRefusal, Refusal, withDetails } from "../refusal.js";
import { callHandlers, Detour, isDirect } from "./delivery.js";
import { Gate, type GateContext, type GuardEvent, type NamespaceRules } from "./gate.js";
import type { Incoming } from "./incoming.js";
import { nameOf, packetTypes, type Packet, type SocketInternals } from "./internals.js";
import { sendAnswer } from "./notify.js";
import { cannotRecord, isEvent, maxArguments, refusedAck } from "./packet-refusals.js";
import { PacketQueue } from "./packet-queue.js";

/** An event whose verdict takes time. */
interface UnderWay {
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly undo: Undo;
}

export class EventGate extends Gate {
  readonly #incoming: Incoming;
  // Most sockets need none of these.
  #queue: PacketQueue | undefined = undefined;
  #detour: Detour | undefined = undefined;

  constructor(socket: SocketInternals, rules: NamespaceRules, context: GateContext, incoming: Incoming) {
    super(socket, rules, context);
    this.#incoming = incoming;
  }

  receive(packet: Packet): void {
    this.#incoming.packetArrives();
    switch (packet.type) {
      case packetTypes.event:
      case packetTypes.binaryEvent:
        if (!this.mustWait(packet)) this.decide(packet);
        else if (!this.#queue!.add(packet)) this.deny(packet, denial("queue_full", { event: nameOf(packet) }), "reject");
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
    if (invalid !== undefined) return this.denyInvalid(packet, invalid);
    const data = packet.data;
    if (!isEvent(data)) return this.deny(packet, denial("event_malformed"), this.context.onDenied);
    if (data.length > maxArguments) return this.deny(packet, denial("payload_too_large", { event: data[0] }), this.context.onDenied);
    if (this.context.audit.isFull) return this.deny(packet, cannotRecord(data[0]), "reject");
    const guardEvent = this.guardEventOf(data[0]);
    const asked = guardEvent ?? this.rules.policy.ruleOf(data[0]);
    const taken = this.takePlaces(asked, now);
    if (taken === undefined) this.#answer(packet, data, asked, now);
    else if (taken instanceof Promise) this.#waitForPlaces(packet, data, asked, taken);
    else this.#denyOverLimit(packet, data[0], asked, taken);
  }

  /** Takes a place in each limit that an event counts in. Undefined: it has them. */
  protected takePlaces(asked: PolicyRule | GuardEvent, now: number): undefined | LimitHit | Promise<LimitHit | Undo> {
    const { limits } = this.context;
    const applied = typeof asked === "function" ? limits.ofEveryEvent : asked.limits;
    // Without limits of its own, the sender must forget those of the event before.
    return applied === unlimited && this.knownSender === undefined ? undefined : limits.take(this.sender, applied, now);
  }

  /** Other nodes count, too. */
  #waitForPlaces(packet: Packet, data: [string, ...unknown[]], asked: PolicyRule | GuardEvent, taken: Promise<LimitHit | Undo>): void {
    this.#wait(packet, undefined, taken, (settled) => {
      if (typeof settled === "function") this.#answer(packet, data, asked, Date.now(), settled);
      else this.#denyOverLimit(packet, data[0], asked, settled);
    });
  }

  #denyOverLimit(packet: Packet, event: string, asked: PolicyRule | GuardEvent, hit: LimitHit): void {
    this.deny(packet, this.context.limits.refusalOf(hit, event), typeof asked === "function" ? "reject" : asked.onDenied, Date.now(), typeof asked === "function" ? {} : { tally: asked.tally });
  }

  /** `undo` gives back the places of an event that is denied; without it, they are those that the sender took last. */
  #answer(packet: Packet, data: [string, ...unknown[]], asked: PolicyRule | GuardEvent, now: number, undo?: Undo): void {
    if (typeof asked === "function") return this.answerGuardEvent(packet, data, asked, undo);
    const session = this.session!;
    const verdict = asked.decide(session, data);
    if (verdict instanceof Promise) this.#waitForVerdict(packet, data, asked, verdict, { startedAt: now, undo: undo ?? this.keepPlaces() });
    else if (verdict !== true) {
      this.giveBack(undo);
      this.deny(packet, verdict, asked.onDenied, now, { tally: asked.tally });
    }
    // A check may itself have ended the session.
    else if (session.ended === undefined) this.#deliver(packet, data, asked, now);
  }

  /** A denied event does not count. */
  protected giveBack(undo: Undo | undefined): void {
    if (undo === undefined) this.knownSender?.giveBack();
    else undo();
  }

  /** Gives back what the last event has taken, whenever it is called. */
  protected keepPlaces(): Undo {
    return this.sender.keep();
  }

  #deliver(packet: Packet, data: unknown[], rule: PolicyRule, startedAt: number): void {
    const { socket } = this;
    this.showCurrentUser();
    rule.tally.allowed += 1;
    if (this.context.measurements.observer !== undefined) this.observe(rule.tally, data, "allowed", startedAt);
    if (this.#detour === undefined && isDirect(socket)) return callHandlers(socket, packet, data, rule.hasPayload);
    this.#detour ??= new Detour(socket, (late) => this.isStillValid(late));
    this.#detour.deliver(packet, data, rule.hasPayload);
  }

  /** A client's answer to the server is input like any other. */
  protected receiveAck(packet: Packet): void {
    if (!this.isStillValid(packet)) return;
    const refused = refusedAck(packet.data);
    if (refused === undefined) this.socket.onack(packet);
    else this.deny(packet, refused, this.context.onDenied);
  }

  /** The verdict has to hold at the moment that the handler runs: what may have changed meanwhile is checked again. */
  #waitForVerdict(packet: Packet, data: unknown[], rule: PolicyRule, verdict: Promise<Verdict>, underWay: UnderWay): void {
    const session = this.session!;
    const { version, cachedUser, changes } = session;
    const { policy } = this.rules;
    const userVersion = cachedUser?.version;
    const isSame = (): boolean => session.version === version && session.cachedUser?.version === userVersion && session.changes === changes && this.rules.policy === policy;
    this.#wait(packet, rule.tally, verdict, (settled) => {
      const { startedAt, undo } = underWay;
      const deny = (denied: Denial | Refusal, onDenied: OnDenied): void => {
        undo();
        this.deny(packet, denied, onDenied, Date.now(), { startedAt });
      };
      if (settled !== true) return deny(settled, rule.onDenied);
      if (isSame()) return this.#deliver(packet, data, rule, startedAt);
      const current = this.rules.policy === policy ? rule : this.rules.policy.ruleOf(data[0] as string);
      const again = current.recheck(session, data);
      if (again instanceof Promise) this.#waitForVerdict(packet, data, current, again, underWay);
      else if (again === true) this.#deliver(packet, data, current, startedAt);
      else deny(again, current.onDenied);
    });
  }

  protected answerGuardEvent(packet: Packet, data: [string, ...unknown[]], guardEvent: GuardEvent, undo?: Undo): void {
    const startedAt = Date.now();
    const answer = guardEvent(this, data[1]);
    if (!(answer instanceof Promise)) return this.#settleGuardEvent(packet, data, answer, startedAt, undo);
    const later = undo ?? this.keepPlaces();
    this.#wait(packet, this.tallyOf(packet), answer, (settled) => this.#settleGuardEvent(packet, data, settled, startedAt, later));
  }

  #settleGuardEvent(packet: Packet, data: [string, ...unknown[]], answer: object | Refusal, startedAt: number, undo: Undo | undefined): void {
    if (answer instanceof Refusal) {
      this.giveBack(undo);
      return this.denyGuardEvent(packet, withDetails(answer, { event: answer.denial.event ?? data[0] }), startedAt);
    }
    const tally = this.tallyOf(packet);
    tally.allowed += 1;
    this.observe(tally, data, "allowed", startedAt);
    sendAnswer(this.socket, packet, answer);
  }

  protected denyGuardEvent(packet: Packet, refusal: Refusal, startedAt: number): void {
    // The session is still valid by its old credential: what has to end it says so.
    this.deny(packet, refusal, "reject", Date.now(), { startedAt, ends: refusal instanceof FinalRefusal });
  }

  /** Calls `settle` with the answer, if the session is still valid then. */
  #wait<Answer>(packet: Packet, tally: Tally | undefined, answer: Promise<Answer>, settle: (answer: Answer) => void): void {
    const { measurements } = this.context;
    const startedAt = performance.now();
    this.#queue ??= new PacketQueue(this.session!, this.context, (waited) => {
      if (waited.type === packetTypes.disconnect) this.socket.ondisconnect();
      else this.decide(waited);
    });
    this.#queue.wait(packet, answer, (value) => {
      if (tally === undefined) measurements.durations.record("limitStore", startedAt, undefined);
      else measurements.durations.record("check", startedAt, tally.event);
      if (this.isStillValid(packet)) settle(value);
    });
  }

  /** Answers the packets that still wait for a verdict with this denial. */
  answerWaiting(reason: Denial): void {
    for (const packet of this.#queue?.empty() ?? []) sendAnswer(this.socket, packet, { error: reason });
  }

  override leave(): void {
    super.leave();
    this.#queue?.empty();
  }
}
