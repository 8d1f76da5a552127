/** How deep a value of a client is nested. Code that walks it recursively, as Socket.IO's encoder does, runs out of stack at some thousand levels. */
import { denial } from "./protocol.js";
import { Refusal } from "./refusal.js";

const maxLevels = 64;
const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = Array.from('"\\[]{}', (character) => character.charCodeAt(0)) as [number, number, number, number, number, number];

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

/** The same for the text of the arguments, before it is decoded. It does not check that the text is JSON. */
export function isTextTooDeep(text: string): boolean {
  let levels = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        break;
      case openBracket:
      case openBrace:
        levels += 1;
        if (levels > maxLevels + 1) return true;
        break;
      case closeBracket:
      case closeBrace:
        levels -= 1;
    }
  }
  return false;
}

/** Where the string that begins here has its closing quote. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes += 1;
  return backslashes % 2 === 1;
}
