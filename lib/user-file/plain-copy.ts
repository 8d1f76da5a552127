/** A frozen copy of plain data, as JSON could hold it. */
import { maxDepth } from "../token/json.js";
import { GuardError } from "../guard-error.js";

/** @throws GuardError `user_file_invalid` */
export function plainCopy(value: unknown, what: string, depth = 0): unknown {
  if (value === undefined || value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return value;
  if (typeof value !== "object" || depth > maxDepth) throw refusal(what);
  if (Array.isArray(value)) return Object.freeze(value.map((item) => plainCopy(item, what, depth + 1)));
  // A Date, a Map or bytes, which YAML can hold; and a name that would change what the copies of it inherit.
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.hasOwn(value, "__proto__")) throw refusal(what);
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plainCopy(member, what, depth + 1)])));
}

function refusal(what: string): GuardError {
  return new GuardError("user_file_invalid", `${what} is no plain data, is nested deeper than ${maxDepth}, or has the name __proto__: write what JSON can hold.`);
}
