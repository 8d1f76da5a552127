/** The gate of one socket when `mode` only reports events. Every event reaches its handlers. Those that would be denied are reported. */
import { LimitRefusal, type LimitHit } from "../limits/limit.js";
import type { Undo } from "../limits/limit-set.js";
import { undeclared, type PolicyRule, type Verdict } from "../policy/decide.js";
import { denial, type Denial } from "../protocol.js";
import type { Refusal } from "../refusal.js";
import { addAck } from "./delivery.js";
import { Denials } from "./denials.js";
import { EventGate } from "./event-gate.js";
import { packetTypes, type Packet, type SocketInternals } from "./internals.js";
import { isEvent, maxArguments, refusalOf, refusedAck, refusedFor, tooManyDenials } from "./packet-refusals.js";

const noUndo = (): void => {};

export class ReportingGate extends EventGate {
  readonly #denials = new Denials(this.context.disconnectAfter);
  /** The version of the session whose end was reported. */
  #reportedEnd: number | undefined = undefined;

  override receive(packet: Packet): void {
    // Socket.IO takes this from a client, too.
    if (packet.type === packetTypes.connectError) this.handOn(packet);
    else super.receive(packet);
  }

  /** As Socket.IO does. */
  protected handOn(packet: Packet): void {
    (Object.getPrototypeOf(this.socket) as SocketInternals)._onpacket.call(this.socket, packet);
  }

  /** Only events of the guard's own wait for each other. All others come at once, as in Socket.IO, so that none of them fills the memory. */
  protected override mustWait(packet: Packet): boolean {
    return super.mustWait(packet) && isEvent(packet.data) && this.guardEventOf(packet.data[0]) !== undefined;
  }

  protected override decide(packet: Packet): void {
    if (!this.isStillValid(packet)) return;
    const { data } = packet;
    const guardEvent = isEvent(data) ? this.guardEventOf(data[0]) : undefined;
    if (guardEvent !== undefined) return this.answerGuardEvent(packet, data as [string, ...unknown[]], guardEvent, noUndo);
    this.context.reporter!.countEvent();
    const invalid = this.refusalOfAllEvents();
    const refusal = invalid === undefined ? refusedEvent(data) : refusedFor(packet, invalid);
    if (refusal === undefined) return this.#decideByRule(packet, data as [string, ...unknown[]]);
    const rule = isEvent(data) ? this.rules.policy.ruleOf(data[0]) : undefined;
    this.#wouldDeny(refusal, rule?.event ?? undeclared);
    this.socket.onevent(packet);
  }

  /** Why no event of this client would be allowed now. */
  protected refusalOfAllEvents(): Refusal | undefined {
    return undefined;
  }

  #decideByRule(packet: Packet, sent: readonly [string, ...unknown[]]): void {
    const { socket } = this;
    const rule = this.rules.policy.ruleOf(sent[0]);
    // Schemas replace the arguments by what they return.
    const data = [...sent];
    const taken = this.takePlaces(rule, Date.now());
    const verdict = taken !== undefined && !(taken instanceof Promise) ? new LimitRefusal(taken, { event: sent[0] }) : rule.decide(this.session!, data);
    this.showCurrentUser();
    if (verdict === true && packet.id == null) addAck(socket, packet, data, rule.hasPayload);
    // Nothing waits for an asynchronous rule.
    socket.onevent(verdict === true ? { ...packet, data } : packet);
    if (taken instanceof Promise) return void this.#decideLater(taken, verdict, sent[0], rule);
    const undo = this.keepPlaces();
    if (verdict instanceof Promise) void verdict.then((settled) => this.#decided(settled, rule, undo));
    else this.#decided(verdict, rule, undo);
  }

  /** Other nodes count, too: the event is reported once they have answered. */
  async #decideLater(taken: Promise<LimitHit | Undo>, verdict: Verdict | Promise<Verdict>, event: string, rule: PolicyRule): Promise<void> {
    const places = await taken;
    if (typeof places === "function") this.#decided(await verdict, rule, places);
    else this.#decided(new LimitRefusal(places, { event }), rule, noUndo);
  }

  #decided(verdict: Verdict, rule: PolicyRule, undo: Undo): void {
    if (verdict === true) {
      rule.tally.allowed += 1;
      return;
    }
    undo();
    this.#wouldDeny(verdict, rule.event, rule.check);
    const refusal = refusalOf(verdict);
    const { status } = refusal.denial;
    if (status === 401 || rule.onDenied === "disconnect") this.reportEnd(refusal);
    else if (status < 500 && this.#denials.count(Date.now())) this.reportEnd(tooManyDenials(this.context.disconnectAfter!));
  }

  protected override receiveAck(packet: Packet): void {
    if (!this.isStillValid(packet)) return;
    const refused = refusedAck(packet.data);
    if (refused !== undefined) {
      // So that never more would have been denied than arrived.
      this.context.reporter!.countEvent();
      this.#wouldDeny(refused, "(acks)");
    }
    this.socket.onack(packet);
  }

  /** `counted` is the name under which it is counted. */
  #wouldDeny(verdict: Denial | Refusal, counted: string, rule?: string): void {
    const details = this.detailsOf(verdict);
    const reason = reasonOf(refusalOf(verdict));
    this.context.reporter!.wouldDeny(counted, { ...details, reason, ...(rule !== undefined && rule !== "" && { rule }) });
  }

  /** Reports that the session would end: once, until it gets another identity. */
  protected reportEnd(why: Refusal): void {
    const { version } = this.session!;
    if (this.#reportedEnd === version) return;
    this.#reportedEnd = version;
    this.context.reporter!.wouldEnd({ ...this.details, code: why.denial.code, reason: reasonOf(why) });
  }
}

/** Why an event is denied before its rule is asked. */
function refusedEvent(data: unknown): Denial | undefined {
  if (!isEvent(data)) return denial("event_malformed");
  return data.length > maxArguments ? denial("payload_too_large", { event: data[0] }) : undefined;
}

export function reasonOf({ reason, denial: { message } }: Refusal): string {
  return reason ?? message;
}
