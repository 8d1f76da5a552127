/** How deep the arguments of a packet are nested: what walks them recursively, as Socket.IO's encoder does, must not run out of stack. */

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
