/** Finds the most specific pattern of a room name. The time depends on the name, and not on how many patterns there are. */
import { GuardError } from "../guard-error.js";
import { LiteralTree } from "./literal-tree.js";
import { isRoomName } from "../room-name.js";
import type { RoomPattern } from "./room-pattern.js";

export interface RoomMatch<Value> {
  readonly value: Value;
  readonly pattern: RoomPattern;
  /** What each `$name` of the pattern stands for. It has no prototype. */
  readonly params: Readonly<Record<string, string>>;
}

/**
 * In one pattern, a `$name` ends at the first occurrence of the literal that follows it. Of the patterns that match, the most specific wins. They are
 * compared segment by segment from the left: a literal before `$`, and `$` before `*`. Of two literals the longer one wins; of two
 * that have one length, the one that comes first in the name.
 */
export class RoomTable<Value> {
  readonly #start = new Node<Value>();

  /** @throws GuardError `rule_invalid` if a pattern that is here already matches the same names */
  add(pattern: RoomPattern, value: Value): void {
    let node = this.#start;
    for (const segment of pattern.segments) node = node.toward(segment);
    if (node.entry !== undefined) {
      throw new GuardError("rule_invalid", `The room patterns ${JSON.stringify(node.entry.pattern.text)} and ${JSON.stringify(pattern.text)} match the same names: remove one of them.`);
    }
    node.entry = { pattern, value };
  }

  find(name: string): RoomMatch<Value> | undefined {
    if (!isRoomName(name)) return undefined;
    const reading = readAtStart(this.#start, name);
    if (reading === undefined) return undefined;
    const { pattern, value } = reading.entry;
    const params = Object.create(null) as Record<string, string>;
    pattern.params.forEach((param, position) => { params[param] = reading.values[position]!; });
    return { value, pattern, params: Object.freeze(params) };
  }
}

/** What the patterns that begin with the same segments continue with. */
class Node<Value> {
  readonly literals = new LiteralTree<Node<Value>>();
  hasLiterals = false;
  param: Node<Value> | undefined;
  rest: Node<Value> | undefined;
  /** The pattern that has no more segments, and its value. */
  entry: { readonly pattern: RoomPattern; readonly value: Value } | undefined;

  /** The node after this segment. The names of params do not matter. */
  toward(segment: RoomPattern["segments"][number]): Node<Value> {
    if (segment.kind === "param") return (this.param ??= new Node());
    if (segment.kind === "rest") return (this.rest ??= new Node());
    this.hasLiterals = true;
    return this.literals.at(segment.text, () => new Node());
  }
}

/** A pattern that matches, and what its params stand for. */
interface Reading<Value> {
  readonly entry: NonNullable<Node<Value>["entry"]>;
  readonly values: readonly string[];
}

interface Literal<Value> {
  readonly node: Node<Value>;
  readonly start: number;
  readonly end: number;
}

function readAtStart<Value>(start: Node<Value>, name: string): Reading<Value> | undefined {
  const literals: Literal<Value>[] = [];
  start.literals.visit(name, 0, (node, length) => literals.push({ node, start: 0, end: length }));
  for (const { node, end } of literals.reverse()) {
    const reading = readAfterLiteral(node, name, end);
    if (reading !== undefined) return reading;
  }
  return readAfterLiteral(start, name, 0);
}

function readAfterLiteral<Value>(node: Node<Value>, name: string, position: number): Reading<Value> | undefined {
  if (position === name.length) return node.entry && { entry: node.entry, values: [] };
  const reading = node.param && readParam(node.param, name, position);
  if (reading !== undefined) return reading;
  return node.rest?.entry && { entry: node.rest.entry, values: [] };
}

/** Each literal is tried at one place only, so that no node is visited twice, whatever the name is. */
function readParam<Value>(node: Node<Value>, name: string, start: number): Reading<Value> | undefined {
  for (const literal of literalsAfterParam(node, name, start)) {
    const reading = readAfterLiteral(literal.node, name, literal.end);
    if (reading !== undefined) return { entry: reading.entry, values: [name.slice(start, literal.start), ...reading.values] };
  }
  return node.entry && { entry: node.entry, values: [name.slice(start)] };
}

/** The first occurrence of each literal that can end a param, the most specific first. */
function literalsAfterParam<Value>(node: Node<Value>, name: string, start: number): Literal<Value>[] {
  if (!node.hasLiterals) return [];
  const found = new Map<Node<Value>, Literal<Value>>();
  for (let position = start; position < name.length; position += 1) {
    node.literals.visit(name, position, (after, length) => {
      if (!found.has(after)) found.set(after, { node: after, start: position, end: position + length });
    });
  }
  // A literal that comes first at once would leave nothing for the param.
  return [...found.values()].filter((literal) => literal.start > start).sort((one, other) => (other.end - other.start) - (one.end - one.start));
}
