/** `guard:publish`: a member sends an event to the other members. No handler runs: the room's rule decides. */
import { denial, publishedEvent, type Published, type RoomAnswer } from "../protocol.js";
import { FinalRefusal, Refusal, withDetails } from "../refusal.js";
import type { PolicyRule, Verdict } from "../policy/decide.js";
import { RoomRequest } from "../policy/room-request.js";
import { isEncryptedRoom } from "../room-name.js";
import { refusalOf, type Gate, type GuardEvent } from "../socket/gate.js";
import { refused } from "./judge.js";
import { isSameState, membershipsOf, stateOf, type Membership } from "./membership.js";
import { PublishLimit } from "./publish-limit.js";
import { malformed, readPublish } from "./requests.js";

type Answer = RoomAnswer | Refusal;

export function publishHandler(): GuardEvent {
  const limit = new PublishLimit();
  return (gate, given) => {
    const request = readPublish(given);
    if (request === undefined) return malformed;
    const { room, event, data } = request;
    const membership = membershipsOf(gate).get(room);
    if (membership === undefined) return notAMember(room, event);
    const rule = isEncryptedRoom(room) ? undefined : membership.permission.rule.publish.get(event);
    if (rule === undefined) return withDetails(refused(room, "event_unlisted", "the rule of the room does not declare it in `publish`"), { event });
    const retryAfter = limit.retryAfter(gate, Date.now());
    return retryAfter > 0 ? tooMany(room, event, retryAfter) : new Publish(membership, rule, [event, data], limit).decide();
  };
}

class Publish {
  readonly #membership: Membership;
  readonly #rule: PolicyRule;
  /** The event and its data, which a schema replaces by what it returns. */
  readonly #data: [string, unknown];
  readonly #limit: PublishLimit;
  readonly #request: RoomRequest;

  constructor(membership: Membership, rule: PolicyRule, data: [string, unknown], limit: PublishLimit) {
    const { room, permission: { request: { params, authorization } } } = membership;
    this.#membership = membership;
    this.#rule = rule;
    this.#data = data;
    this.#limit = limit;
    this.#request = new RoomRequest(room, params, authorization);
  }

  decide(): Answer | Promise<Answer> {
    const verdict = this.#rule.decide(this.#gate.session!, this.#data, this.#request);
    return verdict instanceof Promise ? this.#wait(verdict) : this.#settle(verdict);
  }

  /** The verdict has to hold at the moment that the event is sent: what may have changed meanwhile is checked again. */
  async #wait(verdict: Promise<Verdict>): Promise<Answer> {
    const gate = this.#gate;
    const state = stateOf(gate);
    const settled = await verdict;
    const invalid = gate.session!.invalidity(Date.now());
    if (invalid !== undefined) return invalid;
    if (settled !== true || isSameState(state, stateOf(gate))) return this.#settle(settled);
    const again = this.#rule.recheck(gate.session!, this.#data, this.#request);
    return again instanceof Promise ? this.#wait(again) : this.#settle(again);
  }

  #settle(verdict: Verdict): Answer {
    const { room, memberId } = this.#membership;
    const [event, data] = this.#data;
    if (verdict !== true) return this.#denied(verdict);
    // While a check was at work, it may have left.
    if (membershipsOf(this.#gate).get(room) !== this.#membership) return notAMember(room, event);
    this.#limit.count(this.#gate, Date.now());
    this.#gate.socket.to(room).emit(publishedEvent, { room, event, data, from: memberId } satisfies Published);
    return { room };
  }

  #denied(verdict: Exclude<Verdict, true>): Refusal {
    const refusal = withDetails(refusalOf(verdict), { room: this.#membership.room, event: this.#data[0] });
    return this.#rule.onDenied === "disconnect" ? new FinalRefusal(refusal.denial, refusal.reason) : refusal;
  }

  get #gate(): Gate {
    return this.#membership.gate;
  }
}

function notAMember(room: string, event: string): Refusal {
  return withDetails(refused(room, "not_a_member", "the socket has not joined the room"), { event });
}

function tooMany(room: string, event: string, retryAfter: number): Refusal {
  return new Refusal(denial("rate_limited", { room, event, retryAfter, message: "You publish too often. Wait and try again." }), "the socket has published ten events within a second");
}
