/** Claims are frozen, so that no rule or handler changes what another one sees. */

/** Freezes plain objects and lists. An instance of a class that a schema made, such as a Date or a Map, is left as it is. */
export function freezeDeeply<Value>(value: Value, seen?: Set<unknown>): Value {
  if (!isPlain(value) || seen?.has(value) === true) return value;
  let path = seen;
  for (const member of Object.values(value)) {
    // Most claims are flat: only nested ones cost a set.
    if (typeof member === "object" && member !== null) freezeDeeply(member, (path ??= new Set()).add(value));
  }
  return Object.freeze(value);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}
