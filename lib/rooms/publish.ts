/** `guard:publish`: a member sends an event to the other members. No handler runs: the room's rule decides. */
import { LimitRefusal, type LimitHit } from "../limits/limit.js";
import type { LimitSet, Undo } from "../limits/limit-set.js";
import { publishedEvent, type Published, type RoomAnswer } from "../protocol.js";
import { FinalRefusal, withDetails, type Refusal } from "../refusal.js";
import type { PolicyRule, Verdict } from "../policy/decide.js";
import { RoomRequest } from "../policy/room-request.js";
import { isEncryptedRoom } from "../room-name.js";
import { packetTypes } from "../socket/internals.js";
import type { Gate, GuardEvent } from "../socket/gate.js";
import { refusalOf } from "../socket/packet-refusals.js";
import { refused } from "./judge.js";
import { isSameState, membershipsOf, stateOf, type Membership } from "./membership.js";
import { malformed, readPublish } from "./requests.js";

type Answer = RoomAnswer | Refusal;
type Failed = (error: unknown, event: string) => void;

interface PublishParts {
  readonly limits: LimitSet;
  readonly failed: Failed;
}

/** `failed` is called with the error of data that cannot be sent. */
export function publishHandler(limits: LimitSet, failed: Failed): GuardEvent {
  return (gate, given) => {
    const request = readPublish(given);
    if (request === undefined) return malformed;
    const { room, event, data } = request;
    const membership = membershipsOf(gate).get(room);
    if (membership === undefined) return notAMember(room, event);
    const rule = ruleOf(gate, room, event);
    if (rule === undefined) return unlisted(room, event);
    return new Publish(membership, rule, [event, data], { limits, failed }).send();
  };
}

/** The rule as it is now: other rules apply at once, also while the membership itself is still asked about. */
function ruleOf({ rules }: Gate, room: string, event: string): PolicyRule | undefined {
  return isEncryptedRoom(room) ? undefined : rules.rooms.find(room)?.rule.publish.get(event);
}

class Publish {
  readonly #membership: Membership;
  #rule: PolicyRule;
  /** The event and its data, which a schema replaces by what it returns. */
  readonly #data: [string, unknown];
  readonly #parts: PublishParts;
  readonly #request: RoomRequest;
  /** Gives back the places that it has taken. */
  #undo: Undo | undefined = undefined;

  constructor(membership: Membership, rule: PolicyRule, data: [string, unknown], parts: PublishParts) {
    const { room, permission: { request: { params, authorization } } } = membership;
    this.#membership = membership;
    this.#rule = rule;
    this.#data = data;
    this.#parts = parts;
    this.#request = new RoomRequest(room, params, authorization);
  }

  send(): Answer | Promise<Answer> {
    const taken = this.#parts.limits.take(this.#membership.sender, this.#rule.limits, Date.now());
    if (taken instanceof Promise) return this.#waitForPlaces(taken);
    if (taken !== undefined) return this.#overLimit(taken);
    this.#undo = this.#membership.sender.keep();
    return this.#decide();
  }

  /** Other nodes count, too. */
  async #waitForPlaces(taken: Promise<LimitHit | Undo>): Promise<Answer> {
    const settled = await taken;
    if (typeof settled !== "function") return this.#overLimit(settled);
    this.#undo = settled;
    return this.#gate.invalidity ?? this.#decide();
  }

  #overLimit(hit: LimitHit): Refusal {
    return new LimitRefusal(hit, { event: this.#data[0], room: this.#membership.room });
  }

  #decide(): Answer | Promise<Answer> {
    const verdict = this.#rule.decide(this.#gate.session!, this.#data, this.#request);
    return verdict instanceof Promise ? this.#wait(verdict) : this.#settle(verdict);
  }

  /** The verdict has to hold at the moment that the event is sent: what may have changed meanwhile is checked again. */
  async #wait(verdict: Promise<Verdict>): Promise<Answer> {
    const gate = this.#gate;
    const state = stateOf(gate);
    const settled = await verdict;
    const { invalidity } = gate;
    if (invalidity !== undefined) return invalidity;
    if (settled !== true || isSameState(state, stateOf(gate))) return this.#settle(settled);
    const { room } = this.#membership;
    const [event] = this.#data;
    const rule = ruleOf(gate, room, event);
    if (rule === undefined) return unlisted(room, event);
    this.#rule = rule;
    const again = rule.recheck(gate.session!, this.#data, this.#request);
    return again instanceof Promise ? this.#wait(again) : this.#settle(again);
  }

  #settle(verdict: Verdict): Answer {
    const { room, memberId } = this.#membership;
    const [event, data] = this.#data;
    if (verdict !== true) return this.#denied(verdict);
    // While a check was at work, it may have left.
    if (membershipsOf(this.#gate).get(room) !== this.#membership) return notAMember(room, event);
    const { failed } = this.#parts;
    const published: Published = { room, event, data, from: memberId };
    try {
      if (this.#rule.hasPayload) this.#tryToEncode(published);
    } catch (error) {
      failed(error, event);
      return withDetails(refused(room, "check_failed", "what the schema returned cannot be sent: the audit event `failed` has the error"), { event });
    }
    this.#gate.socket.to(room).emit(publishedEvent, published);
    return { room };
  }

  /** A schema may return what cannot be sent, such as a bigint. Then the error would end the process, perhaps that of another node. */
  #tryToEncode(published: Published): void {
    const { nsp } = this.#gate.socket;
    nsp.server.encoder.encode({ type: packetTypes.event, data: [publishedEvent, published], nsp: nsp.name });
  }

  #denied(verdict: Exclude<Verdict, true>): Refusal {
    this.#undo?.();
    const refusal = withDetails(refusalOf(verdict), { room: this.#membership.room, event: this.#data[0] });
    return this.#rule.onDenied === "disconnect" ? new FinalRefusal(refusal.denial, refusal.reason) : refusal;
  }

  get #gate(): Gate {
    return this.#membership.gate;
  }
}

function unlisted(room: string, event: string): Refusal {
  return withDetails(refused(room, "event_unlisted", "the rule of the room does not declare it in `publish`"), { event });
}

function notAMember(room: string, event: string): Refusal {
  return withDetails(refused(room, "not_a_member", "the socket has not joined the room"), { event });
}
