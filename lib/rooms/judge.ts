/** Asks a room's rule whether a socket may be in it. */
import { denial, joinEvent, type DenialCode, type JoinAuthorization } from "../protocol.js";
import { FinalRefusal, Refusal, withDetails } from "../refusal.js";
import type { Verdict } from "../policy/decide.js";
import type { CompiledRoom } from "../policy/compile-room.js";
import { RoomRequest } from "../policy/room-request.js";
import type { Gate } from "../socket/gate.js";
import { refusalOf } from "../socket/packet-refusals.js";
import { isSameState, stateOf, type Permission } from "./membership.js";
import { infoProblem } from "./presence-member.js";

export class Judge {
  readonly #failed: (error: unknown, event: string) => void;
  // Thousands of members may be denied one after the other, by the same rule.
  #lastDenied: { readonly rule: CompiledRoom; readonly verdict: Verdict; readonly room: string; readonly refusal: Refusal } | undefined = undefined;

  /** `failed` is called with what a `presence` function throws. */
  constructor(failed: (error: unknown, event: string) => void) {
    this.#failed = failed;
  }

  /**
   * Calls `settle` with the permission, or with why there is none, and returns its answer; a promise only if a check returns one.
   * Between the verdict and `settle` nothing can change. If something changed while a check was at work, the rule is asked again.
   */
  ask<Answer>(gate: Gate, room: string, authorization: JoinAuthorization, settle: (result: Permission | Refusal) => Answer): Answer | Promise<Answer> {
    const found = gate.rules.rooms.find(room);
    if (found === undefined || isSocketId(gate, room)) return settle(refused(room, "room_unlisted", "no pattern of `rooms` allows this name"));
    const { rule, params } = found;
    const asked = stateOf(gate);
    const request = new RoomRequest(room, params, authorization);
    const verdict = rule.join.decide(gate.session!, [joinEvent], request);
    if (!(verdict instanceof Promise)) return settle(this.#resultOf(gate, { rule, request, asked, member: undefined }, verdict));
    return verdict.then((settled) => {
      const { invalidity } = gate;
      if (invalidity !== undefined) return settle(withDetails(invalidity, { room }));
      return isSameState(asked, stateOf(gate)) ? settle(this.#resultOf(gate, { rule, request, asked, member: undefined }, settled)) : this.ask(gate, room, authorization, settle);
    });
  }

  #resultOf(gate: Gate, permission: Permission, verdict: Verdict): Permission | Refusal {
    return verdict === true ? this.#permit(gate, permission) : this.#deny(permission, verdict);
  }

  #permit(gate: Gate, permission: Permission): Permission | Refusal {
    const { rule, request } = permission;
    if (!(Date.now() < request.endsAt)) return refused(request.room, "signature_expired", "the authorization has reached its end");
    try {
      const member = rule.memberOf(gate.session!, request);
      if (member === undefined) return permission;
      const problem = infoProblem(member.info);
      if (problem !== undefined) throw new TypeError(problem);
      return { ...permission, member };
    } catch (error) {
      this.#failed(error, joinEvent);
      return refused(request.room, "check_failed", "the other members cannot be shown who joins: the audit event `failed` has the error");
    }
  }

  #deny({ rule, request: { room } }: Permission, verdict: Exclude<Verdict, true>): Refusal {
    const last = this.#lastDenied;
    if (last?.rule === rule && last.verdict === verdict && last.room === room) return last.refusal;
    const refusal = denied(rule, room, verdict);
    this.#lastDenied = { rule, verdict, room, refusal };
    return refusal;
  }
}

export function refused(room: string, code: DenialCode, reason: string): Refusal {
  return new Refusal(denial(code, { room, event: joinEvent }), reason);
}

function denied(rule: CompiledRoom, room: string, verdict: Exclude<Verdict, true>): Refusal {
  const refusal = withDetails(refusalOf(verdict), { room });
  return rule.join.onDenied === "disconnect" ? new FinalRefusal(refusal.denial, refusal.reason) : refusal;
}

/** Each socket is alone in the room of its own id, to which the host sends what is for this socket only. */
function isSocketId({ socket: { nsp } }: Gate, room: string): boolean {
  return nsp.sockets.has(room) || nsp._preConnectSockets.has(room);
}
