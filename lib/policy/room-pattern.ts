/** The patterns of room names, such as "private-user-$userId": how they are written, and the type of their params. */
import { GuardError } from "../guard-error.js";
import { maxRoomName } from "../room-name.js";

/** A pattern, read from the left. A literal stands between two params. The rest, `*`, is the last segment. */
export interface RoomPattern {
  /** As the host wrote it. */
  readonly text: string;
  readonly segments: readonly RoomSegment[];
  /** The names of its params, from the left. */
  readonly params: readonly string[];
  /** How many characters of every name that matches are those of its literals. */
  readonly fixedLength: number;
}

export type RoomSegment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "param"; readonly text: string; readonly name: string }
  | { readonly kind: "rest"; readonly text: "*" };

/** The params of a room: an object with each `$name` of its pattern. A pattern that is only known as `string` may have any. */
export type RoomParams<Pattern extends string> = Pattern extends unknown
  ? string extends Pattern ? Readonly<Record<string, string>> : { readonly [Name in ParamNames<Pattern>]: string }
  : never;

/** The names after each `$`. */
type ParamNames<Pattern extends string> = Pattern extends `${string}$${infer After}` ? NameAtStart<After> | ParamNames<After> : never;
/** The name ends before the first character that a room name may have and a param's name may not. */
type NameAtStart<Text extends string> = Before<Before<Before<Before<Before<Before<Text, "-">, "=">, "@">, ",">, ".">, ";">;
/** The text before the first `End`. */
type Before<Text extends string, End extends string> = Text extends `${infer Start}${End}${string}` ? Start : Text;

// The last alternative takes what no pattern may contain.
const segment = /\$(?<name>[A-Za-z0-9_]*)|(?<rest>\*)|[A-Za-z0-9_\-=@,.;]+|(?<wrong>[^])/gu;

/** @throws GuardError `rule_invalid` */
export function parseRoomPattern(pattern: string): RoomPattern {
  if (typeof pattern !== "string" || pattern === "") {
    throw new GuardError("rule_invalid", "A room pattern must not be empty: write the name of a room, such as \"lobby\", or a pattern, such as \"private-user-$userId\".");
  }
  const segments = Array.from(pattern.matchAll(segment), (match) => readSegment(pattern, match));
  segments.forEach((next, position) => { if (position > 0) refuseNeighbours(pattern, segments[position - 1]!, next); });
  const params = segments.flatMap((each) => (each.kind === "param" ? [each.name] : []));
  const twice = params.find((name, position) => params.indexOf(name) < position);
  if (twice !== undefined) throw mistake(pattern, `has the param "$${twice}" twice: give each param a name of its own.`);
  const fixedLength = segments.reduce((sum, each) => sum + (each.kind === "literal" ? each.text.length : 0), 0);
  if (shortestName(segments) > maxRoomName) throw mistake(pattern, `matches no room: a room name has at most ${maxRoomName} characters. Write a shorter pattern.`);
  return { text: pattern, segments, params, fixedLength };
}

function readSegment(pattern: string, { 0: text, groups }: RegExpMatchArray): RoomSegment {
  const { name, rest, wrong } = groups ?? {};
  if (wrong !== undefined) throw mistake(pattern, `contains ${JSON.stringify(wrong)}, which no room name has: write letters, digits and _-=@,.; with $name for a param, and * at the end for any rest.`);
  if (name === "") throw mistake(pattern, "has a \"$\" without a name: write letters, digits or _ after it, such as \"$userId\".");
  if (name !== undefined) return { kind: "param", text, name };
  return rest === undefined ? { kind: "literal", text } : { kind: "rest", text: "*" };
}

function refuseNeighbours(pattern: string, before: RoomSegment, after: RoomSegment): void {
  if (before.kind === "rest") throw mistake(pattern, "has a \"*\" that is not at the end: write $name for a part in the middle.");
  if (before.kind !== "param" || after.kind === "literal") return;
  if (after.kind === "param") throw mistake(pattern, `does not say where "${before.text}" ends: write a character between the params, such as "${before.text}-${after.text}".`);
  throw mistake(pattern, `has a "*" after "${before.text}", which takes the whole rest of the name at the end: remove the "*".`);
}

/** A param and the rest have at least one character each. */
function shortestName(segments: readonly RoomSegment[]): number {
  return segments.reduce((sum, each) => sum + (each.kind === "literal" ? each.text.length : 1), 0);
}

function mistake(pattern: string, sentence: string): GuardError {
  return new GuardError("rule_invalid", `The room pattern ${JSON.stringify(pattern)} ${sentence}`);
}
