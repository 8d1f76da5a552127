// Random trees of every and some with random answers, compared with an oracle that knows three outcomes and no promises.
import { expect } from "chai";
import { deny, every, some } from "../../../lib/policy/checks.js";
import type { EventCheck } from "../../../lib/policy/rules.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { ask, codeOf } from "./support.js";

type Outcome = "allow" | "forbid" | "fail";
type Random = () => number;

interface Leaf {
  readonly kind: "leaf";
  readonly label: string;
  readonly outcome: Outcome;
  readonly answer: () => unknown;
}

interface Branch {
  readonly kind: "every" | "some";
  readonly children: readonly Tree[];
}

type Tree = Leaf | Branch;

const failure = () => { throw new Error("broken"); };

const leaves: readonly (readonly [label: string, Outcome, answer: () => unknown])[] = [
  ["true", "allow", () => true],
  ["false", "forbid", () => false],
  ["deny", "forbid", () => deny("no", { retryAfter: 1 })],
  ["1", "fail", () => 1],
  ["'true'", "fail", () => "true"],
  ["{}", "fail", () => ({})],
  ["undefined", "fail", () => undefined],
  ["null", "fail", () => null],
  ["Boolean", "fail", () => new Boolean(true)],
  ["[true]", "fail", () => [true]],
  ["throw", "fail", failure],
];

/** The ways in which a check may return an answer. The first is synchronous. */
const ways: readonly (readonly [label: string, (answer: () => unknown) => () => unknown])[] = [
  ["", (answer) => answer],
  ["async ", (answer) => async () => answer()],
  ["promised ", (answer) => () => Promise.resolve().then(answer)],
  ["thenable ", (answer) => () => ({ then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => settle(answer, resolve, reject) })],
  ["late ", (answer) => () => ({ then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => queueMicrotask(() => settle(answer, resolve, reject)) })],
];

function settle(answer: () => unknown, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  try {
    resolve(answer());
  } catch (error) {
    reject(error);
  }
}

/** Half of the leaves allow and a third deny. Otherwise almost every tree would fail at its first leaf. */
function drawTree(random: Random, depth: number, way: () => (typeof ways)[number]): Tree {
  if (depth === 0 || random() < 0.3) {
    const luck = random();
    const [label, outcome, answer] = luck < 0.45 ? leaves[0]! : luck < 0.8 ? leaves[1 + Math.floor(random() * 2)]! : leaves[3 + Math.floor(random() * (leaves.length - 3))]!;
    const [prefix, coming] = way();
    return { kind: "leaf", label: prefix + label, outcome, answer: coming(answer) };
  }
  const children = Array.from({ length: 1 + Math.floor(random() * 3) }, () => drawTree(random, depth - 1, way));
  return { kind: random() < 0.5 ? "every" : "some", children };
}

/** The outcome that is expected of the tree. Adds the leaves that have to be called to `asked`. */
function oracle(tree: Tree, asked: Leaf[]): Outcome {
  if (tree.kind === "leaf") {
    asked.push(tree);
    return tree.outcome;
  }
  let last: Outcome = "fail";
  for (const child of tree.children) {
    last = oracle(child, asked);
    if (last === "fail" || last === (tree.kind === "every" ? "forbid" : "allow")) return last;
  }
  return last;
}

function checkOf(tree: Tree, asked: Leaf[]): EventCheck<unknown> {
  if (tree.kind === "leaf") {
    return (() => {
      asked.push(tree);
      return tree.answer();
    }) as EventCheck<unknown>;
  }
  return (tree.kind === "every" ? every : some)(...tree.children.map((child) => checkOf(child, asked)));
}

function show(tree: Tree): string {
  return tree.kind === "leaf" ? tree.label : `${tree.kind}(${tree.children.map(show).join(", ")})`;
}

const codes = { allow: true, forbid: "forbidden", fail: "check_failed" } as const;

async function compare(tree: Tree, counts: Record<Outcome, number>): Promise<void> {
  const expectedOrder: Leaf[] = [];
  const expected = oracle(tree, expectedOrder);
  const order: Leaf[] = [];
  const { verdict, failures } = ask(checkOf(tree, order));
  const where = show(tree);
  expect(codeOf(await verdict), where).to.equal(codes[expected]);
  expect(order.map(({ label }) => label), where).to.deep.equal(expectedOrder.map(({ label }) => label));
  expect(failures.length, where).to.equal(expected === "fail" ? 1 : 0);
  const allAtOnce = expectedOrder.every(({ label }) => leaves.some(([name]) => name === label));
  expect(verdict instanceof Promise, where).to.equal(!allAtOnce);
  counts[expected] += 1;
}

async function compareMany(random: Random, way: () => (typeof ways)[number]): Promise<void> {
  const counts: Record<Outcome, number> = { allow: 0, forbid: 0, fail: 0 };
  for (let draw = 0; draw < draws(100_000); draw += 1) await compare(drawTree(random, 4, way), counts);
  // The test is worth something only if every outcome occurs often.
  for (const count of Object.values(counts)) expect(count).to.be.greaterThan(draws(100_000) / 20);
}

describe("A tree of every and some", () => {
  it("has the outcome of the oracle if its checks answer synchronously", async () => {
    await compareMany(randomFrom(seed()), () => ways[0]!);
  });

  it("has the same outcome if its checks answer asynchronously", async () => {
    const random = randomFrom(seed() + 1);
    await compareMany(random, () => ways[1 + Math.floor(random() * (ways.length - 1))]!);
  });

  it("has the same outcome if some of its checks answer synchronously", async () => {
    const random = randomFrom(seed() + 2);
    await compareMany(random, () => ways[Math.floor(random() * ways.length)]!);
  });
});
