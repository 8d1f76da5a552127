// Random sets of patterns: the table finds what reading one pattern after the other by the rules finds.
import { expect } from "chai";
import { parseRoomPattern } from "../../../lib/policy/room-pattern.js";
import { RoomTable } from "../../../lib/policy/room-table.js";
import { draws, randomFrom, seed } from "../../support/draws.js";

type Random = () => number;

/** How a name reads by a pattern: what each segment took, from the left. */
interface Part {
  readonly segment: string;
  readonly start: number;
  readonly taken: string;
}

const segmentsOf = (pattern: string): string[] => pattern.match(/\$\w+|\*|[^$*]+/g) ?? [];

/** Reads one pattern by the rules: a param ends where the next literal occurs first, and nothing is empty. */
function read(pattern: string, name: string): Part[] | undefined {
  const segments = segmentsOf(pattern);
  const parts: Part[] = [];
  let position = 0;
  for (const [nth, segment] of segments.entries()) {
    const next = segments[nth + 1];
    const end = segment === "*" || (segment.startsWith("$") && next === undefined) ? name.length
      : segment.startsWith("$") ? name.indexOf(next!, position)
      : position + segment.length;
    const taken = name.slice(position, end);
    if (end <= position || (!/^[$*]/.test(segment) && taken !== segment)) return undefined;
    parts.push({ segment, start: position, taken });
    position = end;
  }
  return position === name.length ? parts : undefined;
}

const kindOf = (part: Part | undefined): number => (part === undefined ? 3 : part.segment === "*" ? 2 : part.segment.startsWith("$") ? 1 : 0);

/** Below zero if the first is more specific. */
function compare(one: readonly Part[], other: readonly Part[]): number {
  for (let nth = 0; nth < Math.max(one.length, other.length); nth += 1) {
    const [left, right] = [one[nth], other[nth]];
    const byKind = kindOf(left) - kindOf(right);
    if (byKind !== 0) return byKind;
    if (kindOf(left) !== 0) continue;
    const byLiteral = right!.taken.length - left!.taken.length || left!.start - right!.start;
    if (byLiteral !== 0) return byLiteral;
  }
  return 0;
}

/** What the table should find: the pattern and its params, or nothing. */
function mostSpecific(patterns: readonly string[], name: string): string {
  const readings = patterns.flatMap((pattern) => {
    const parts = read(pattern, name);
    return parts === undefined ? [] : [{ pattern, parts }];
  });
  readings.sort((one, other) => compare(one.parts, other.parts));
  if (readings.length > 1) expect(compare(readings[0]!.parts, readings[1]!.parts), `${patterns.join(" ")} on ${name}`).to.be.below(0);
  const first = readings[0];
  return first === undefined ? "nothing" : shown(first.pattern, first.parts.filter(({ segment }) => segment.startsWith("$")).map(({ segment, taken }) => [segment.slice(1), taken]));
}

const shown = (pattern: string, params: string[][]): string => `${pattern} ${JSON.stringify(params)}`;

/** So few characters, that the literals of different patterns overlap in a name. */
const characters = ["-", "-", ".", "a", "b"];

function drawText(random: Random, longest: number): string {
  return Array.from({ length: 1 + Math.floor(random() * longest) }, () => characters[Math.floor(random() * characters.length)]!).join("");
}

function drawPattern(random: Random): string {
  let pattern = random() < 0.6 ? drawText(random, 3) : "";
  for (let nth = 0; random() < 0.6; nth += 1) {
    // A literal after a param begins with what no param's name has.
    pattern += `$p${nth}${random() < 0.5 ? "-" : "."}${random() < 0.5 ? drawText(random, 2) : ""}`;
  }
  const ending = random();
  if (ending < 0.3 && !/\$\w+$/.test(pattern)) return `${pattern}*`;
  return ending < 0.7 || pattern === "" ? `${pattern}$last` : pattern;
}

const shapeOf = (pattern: string): string => pattern.replaceAll(/\$\w+/g, "$");

/** A name that this pattern may match: with text for its params. */
function fillIn(pattern: string, random: Random): string {
  return pattern.replaceAll(/\$\w+|\*/g, () => drawText(random, 6));
}

describe("Random room patterns", () => {
  it("find the most specific pattern that matches, and its params", () => {
    const random = randomFrom(seed());
    const count = draws(10_000);
    let found = 0;
    let contested = 0;
    for (let draw = 0; draw < count; draw += 1) {
      const byShape = new Map(Array.from({ length: 1 + Math.floor(random() * 30) }, () => drawPattern(random)).map((pattern) => [shapeOf(pattern), pattern]));
      const patterns = [...byShape.values()];
      const table = new RoomTable<string>();
      for (const pattern of patterns) table.add(parseRoomPattern(pattern), pattern);
      for (let asked = 0; asked < 10; asked += 1) {
        const name = random() < 0.7 ? fillIn(patterns[Math.floor(random() * patterns.length)]!, random) : drawText(random, 12);
        const answer = table.find(name);
        const expected = mostSpecific(patterns, name);
        expect(answer === undefined ? "nothing" : shown(answer.value, Object.entries(answer.params)), `${patterns.join(" ")} on ${name}`).to.equal(expected);
        found += answer === undefined ? 0 : 1;
        contested += patterns.filter((pattern) => read(pattern, name) !== undefined).length > 1 ? 1 : 0;
      }
    }
    expect(found).to.be.greaterThan(count * 3);
    expect(contested).to.be.greaterThan(count);
  });
});
