/** Finds the rules in the source of definitions/events.ts, so that the panel shows them as they are written. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RuleLines } from "../../definitions/guard-panel.js";

export const rulesFile = "definitions/events.ts";

/** The rules by event. */
export function readRuleLines(events: readonly string[]): Record<string, RuleLines> {
  const source = readSource().split("\n");
  return Object.fromEntries(events.flatMap((event) => {
    const rule = find(source, new RegExp(`^\\s+${event}: \\{ allow`));
    if (rule === undefined) return [];
    const [, check = ""] = /allow: (\w+)\b(?!\()/.exec(rule.text) ?? [];
    const definition = find(source, new RegExp(`^const ${check} = `));
    const lines = definition === undefined ? [rule] : [definition, rule];
    return [[event, { lines, needs: needsOf((definition ?? rule).text, check) }]];
  }));
}

function find(source: readonly string[], pattern: RegExp): { number: number; text: string } | undefined {
  const index = source.findIndex((line) => pattern.test(line));
  return index < 0 ? undefined : { number: index + 1, text: source[index]!.trim() };
}

/** A rule in words, from the names in role("...") and scope("..."). */
function needsOf(rule: string, check: string): string {
  const named = [...rule.matchAll(/\b(role|scope)\(([^)]*)\)/g)].map(([, kind, names = ""]) => `${kind} ${names.replaceAll('"', "").replaceAll(", ", " or ")}`);
  if (named.length > 0) return named.join(", or ");
  return check === "anyone" ? "nothing" : "a sign-in";
}

/** The tests run as JavaScript, with the compiled file in the place of the source. */
function readSource(): string {
  const [source, compiled] = ["ts", "js"].map((extension) => fileURLToPath(new URL(`../../definitions/events.${extension}`, import.meta.url))) as [string, string];
  return readFileSync(existsSync(source) ? source : compiled, "utf8");
}
