/** Literals with a value each, as a tree of the beginnings that they share: finds those at one place of a text, however many there are. */
export class LiteralTree<Value> {
  readonly #root = new Branch<Value>("");

  /** The value of a literal. It is created if the literal is new. */
  at(literal: string, create: () => Value): Value {
    let branch = this.#root;
    for (let position = 0; position < literal.length; position += branch.text.length) branch = branch.toward(literal, position);
    branch.value ??= create();
    return branch.value;
  }

  /** Calls `visit` for each literal that the text has at this place, the shortest first. */
  visit(text: string, start: number, visit: (value: Value, length: number) => void): void {
    let position = start;
    let branch = this.#root.branches.get(text.charCodeAt(position));
    while (branch !== undefined && text.startsWith(branch.text, position)) {
      position += branch.text.length;
      if (branch.value !== undefined) visit(branch.value, position - start);
      branch = branch.branches.get(text.charCodeAt(position));
    }
  }
}

/** A piece of text that follows another. Branches of the same branch differ in their first character. */
class Branch<Value> {
  text: string;
  value: Value | undefined;
  readonly branches = new Map<number, Branch<Value>>();

  constructor(text: string) {
    this.text = text;
  }

  /** The branch that a literal continues with. It is created, or split off, if there is none. */
  toward(literal: string, position: number): Branch<Value> {
    const longer = this.branches.get(literal.charCodeAt(position));
    const shared = longer === undefined ? literal.length - position : sharedLength(longer.text, literal, position);
    if (longer?.text.length === shared) return longer;
    const branch = new Branch<Value>(literal.slice(position, position + shared));
    this.branches.set(literal.charCodeAt(position), branch);
    if (longer !== undefined) {
      longer.text = longer.text.slice(shared);
      branch.branches.set(longer.text.charCodeAt(0), longer);
    }
    return branch;
  }
}

function sharedLength(text: string, literal: string, position: number): number {
  let shared = 0;
  while (shared < text.length && text[shared] === literal[position + shared]) shared += 1;
  return shared;
}
