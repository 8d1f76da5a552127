/** How deep a value of a client is nested. Code that walks it recursively, as Socket.IO's encoder does, runs out of stack at some thousand levels. */
import { denial } from "./protocol.js";
import { Refusal } from "./refusal.js";

const maxLevels = 64;

/** Whether an argument has more than 64 levels. `args` may begin with the name of the event. */
export function isTooDeep(args: readonly unknown[]): boolean {
  return isNestedDeeper(args, maxLevels + 1);
}

export function tooDeep(event?: string): Refusal {
  return new Refusal(denial("event_malformed", { event }), `The arguments are nested deeper than ${maxLevels} levels.`);
}

/** Whether an array or object has more levels than that, itself included. It looks no deeper, so that its own recursion is bounded. */
export function isNestedDeeper(value: object, maxLevels: number): boolean {
  if (maxLevels === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) if (typeof item === "object" && item !== null && isNestedDeeper(item, maxLevels - 1)) return true;
    return false;
  }
  // Binary data: a property for each byte, and none of them an object.
  if (ArrayBuffer.isView(value)) return false;
  for (const name in value) {
    const item: unknown = (value as Record<string, unknown>)[name];
    if (typeof item === "object" && item !== null && isNestedDeeper(item, maxLevels - 1)) return true;
  }
  return false;
}
