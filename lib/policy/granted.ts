/** The check of a room that reads what the user's own claims grant. */
import { attempt } from "../callbacks.js";
import { joinEvent } from "../protocol.js";
import { parseRoomPattern } from "./room-pattern.js";
import { RoomTable } from "./room-table.js";
import type { CheckContext, UserlessCheck } from "./rules.js";

interface GrantedContext extends CheckContext<unknown> {
  readonly room: string;
}

/**
 * Allows what `user.rooms` grants: `{ "private-group-7": ["join", "publish:typing"], "private-orders-*": ["join", "publish:*"] }`. A join
 * needs `join`; an event needs `publish:` with its name, or `publish:*`. The names may be patterns, as in `rooms` of the guard. Grants add up.
 */
export function granted(): UserlessCheck {
  const check = function granted({ user, room, event }: GrantedContext): boolean {
    const rooms = ownObject(user, "rooms");
    if (rooms === undefined) return false;
    const wanted = event === joinEvent ? ["join"] : [`publish:${event}`, "publish:*"];
    return Object.keys(rooms).some((name) => covers(name, room) && holds(rooms[name], wanted));
  };
  return check as unknown as UserlessCheck;
}

/** A property that is inherited grants nothing. */
function ownObject(owner: unknown, name: string): Readonly<Record<string, unknown>> | undefined {
  if (typeof owner !== "object" || owner === null || !Object.hasOwn(owner, name)) return undefined;
  const value = (owner as Readonly<Record<string, unknown>>)[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Readonly<Record<string, unknown>> : undefined;
}

function covers(name: string, room: string): boolean {
  if (!/[$*]/.test(name)) return name === room;
  const table = new RoomTable<true>();
  // What is no pattern covers nothing.
  attempt(() => table.add(parseRoomPattern(name), true));
  return table.find(room) !== undefined;
}

function holds(actions: unknown, wanted: readonly string[]): boolean {
  return Array.isArray(actions) && wanted.some((action) => actions.includes(action));
}
