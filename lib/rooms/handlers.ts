/** What clients ask about rooms: `guard:join`, `guard:leave` and `guard:publish`. */
import type { LimitSet } from "../limits/limit-set.js";
import { denial, joinEvent, leaveEvent, publishEvent, type JoinAnswer, type RoomAnswer } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { GuardEvent } from "../socket/gate.js";
import { refused } from "./judge.js";
import { membershipsOf, type Membership } from "./membership.js";
import type { Memberships } from "./memberships.js";
import { publishHandler } from "./publish.js";
import { malformed, readJoin, readRoom } from "./requests.js";
import { ToldLimit } from "./told-limit.js";

/** `failed` is called with what keeps an event from being sent. */
export function roomHandlers(memberships: Memberships, limits: LimitSet, failed: (error: unknown, event: string) => void): readonly (readonly [event: string, handler: GuardEvent])[] {
  return [
    [joinEvent, whileValid(joinHandler(memberships))],
    [leaveEvent, leaveHandler(memberships)],
    [publishEvent, whileValid(publishHandler(limits, failed))],
  ];
}

/** In report mode a client stays connected after its session has ended, but it gets nothing of rooms. */
function whileValid(handler: GuardEvent): GuardEvent {
  return (gate, given) => gate.invalidity ?? handler(gate, given);
}

function joinHandler(memberships: Memberships): GuardEvent {
  const limit = new ToldLimit();
  const answer = (joined: Membership | Refusal): JoinAnswer | Refusal => {
    if (joined instanceof Refusal) return joined;
    const { gate, room } = joined;
    // A listener of `roomJoined` may have removed it: then it is not told who is there.
    if (membershipsOf(gate).get(room) !== joined) return refused(room, "evicted", "code of the host removed the socket as soon as it had joined");
    const members = memberships.membersOf(joined);
    if (members !== undefined) limit.count(gate, members.length, Date.now());
    return { room, ...(members !== undefined && { members }) };
  };
  return (gate, given) => {
    const request = readJoin(given);
    if (request === undefined) return malformed;
    const retryAfter = limit.retryAfter(gate, Date.now());
    if (retryAfter > 0) return tooMany(request.room, retryAfter);
    const joined = memberships.join(gate, request);
    return joined instanceof Promise ? joined.then(answer) : answer(joined);
  };
}

function tooMany(room: string, retryAfter: number): Refusal {
  return new Refusal(denial("rate_limited", { room, event: joinEvent, retryAfter, message: "You join too often. Wait and try again." }), "the socket was told of 50,000 members within ten seconds");
}

/** A socket that is not in the room gets the same answer. */
function leaveHandler(memberships: Memberships): GuardEvent {
  return (gate, given) => {
    const room = readRoom(given);
    if (room === undefined) return malformed;
    memberships.leave(gate, room);
    return { room } satisfies RoomAnswer;
  };
}
