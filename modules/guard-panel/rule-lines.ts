/** Finds the rules in the source of definitions/events.ts and definitions/rooms.ts, so that the panel shows them as they are written. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RuleLines } from "../../definitions/guard-panel.js";

export const rulesFile = "definitions/events.ts";
export const roomsFile = "definitions/rooms.ts";

/** The rules by event. */
export function readRuleLines(events: readonly string[]): Record<string, RuleLines> {
  const source = readSource("events");
  return Object.fromEntries(events.flatMap((event) => {
    const rule = find(source, new RegExp(`^\\s+${event}: \\{ allow`));
    if (rule === undefined) return [];
    const [, check = ""] = /allow: (\w+)\b(?!\()/.exec(rule.text) ?? [];
    const definition = find(source, new RegExp(`^const ${check} = `));
    const lines = definition === undefined ? [rule] : [definition, rule];
    return [[event, { lines, needs: needsOf((definition ?? rule).text, check) }]];
  }));
}

/** The rules of rooms by pattern. */
export function readRoomLines(): Record<string, RuleLines> {
  const lines = readSource("rooms").map((text, index) => ({ number: index + 1, text: text.trim() }));
  return Object.fromEntries(lines.flatMap((line) => {
    const [, pattern, check = ""] = /^"([^"]+)": \{ join: (\w*)/.exec(line.text) ?? [];
    if (pattern === undefined) return [];
    return [[pattern, { lines: [line], needs: checksInWords[check] ?? namedIn(line.text) }]];
  }));
}

const checksInWords: Readonly<Record<string, string>> = { signedIn: "a sign-in", signedBy: "a signature" };

function find(source: readonly string[], pattern: RegExp): { number: number; text: string } | undefined {
  const index = source.findIndex((line) => pattern.test(line));
  return index < 0 ? undefined : { number: index + 1, text: source[index]!.trim() };
}

/** A rule in words, from the names in role("...") and scope("..."). */
function needsOf(rule: string, check: string): string {
  return namedIn(rule) ?? (check === "anyone" ? "nothing" : "a sign-in");
}

function namedIn(rule: string): string | undefined {
  const named = [...rule.matchAll(/\b(role|scope)\(([^)]*)\)/g)].map(([, kind, names = ""]) => `${kind} ${names.replaceAll('"', "").replaceAll(", ", " or ")}`);
  return named.length === 0 ? undefined : named.join(", or ");
}

/** The tests run as JavaScript, with the compiled file in the place of the source. */
function readSource(name: "events" | "rooms"): string[] {
  const [source, compiled] = ["ts", "js"].map((extension) => fileURLToPath(new URL(`../../definitions/${name}.${extension}`, import.meta.url))) as [string, string];
  return readFileSync(existsSync(source) ? source : compiled, "utf8").split("\n");
}
