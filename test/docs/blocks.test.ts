// Each block of code in README.md, SECURITY.md and docs/ is complete: what can be compiled compiles as it stands, and commands name what exists.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse as parseYaml } from "yaml";
import { blocksOf, pages, root, type Block } from "./blocks.js";
import { compile, isCompiled } from "./compile.js";
import { optionExamples } from "./options-page.js";

const blocks = [...pages.flatMap(blocksOf), ...optionExamples()];

// The compiler needs seconds. It runs here, so that no test waits for it.
const errors = compile(blocks.filter(isCompiled));

/** What is wrong with a block of another language than TypeScript and JavaScript. */
const checks: Readonly<Record<string, (block: Block) => string[]>> = {
  json: ({ text }) => problem(() => void JSON.parse(text)),
  yaml: ({ text }) => problem(() => void parseYaml(text)),
  sh: (block) => [...shellErrors(block), ...unknownCommands(block)],
  // What cannot be checked here: output, and files of other programs.
  text: () => [], nginx: () => [], dockerfile: () => [], sql: () => [], html: () => [], css: () => [], diff: () => [],
};

describe("The blocks of code of", () => {
  for (const page of pages) {
    it(`${page} are complete`, () => {
      const wrong = blocks.filter((block) => block.page === page).flatMap((block) => errors.get(block) ?? otherErrors(block));
      if (wrong.length > 0) expect.fail(`Each block needs its imports and names, or it should be a table or inline code.\n${wrong.join("\n")}`);
    });
  }
});

function otherErrors(block: Block): string[] {
  const check = checks[block.language];
  const found = check === undefined ? [`the block has no known language ("${block.language}"): write it after the three backquotes, or text for output`] : check(block);
  return found.map((error) => `${block.page}:${block.line}: ${error}`);
}

function problem(parse: () => void): string[] {
  try {
    parse();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function shellErrors({ text }: Block): string[] {
  const { status, stderr } = spawnSync("bash", ["-n"], { input: text, encoding: "utf8" });
  return status === 0 ? [] : [stderr.trim()];
}

function unknownCommands({ text }: Block): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
  const named = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);
  const commands = readFileSync(join(root, "dist/cli/main.js"), "utf8");
  return [
    ...named(/\bnpm run ([\w:-]+)/g).filter((name) => !(name in scripts)).map((name) => `there is no script "${name}" in package.json`),
    ...named(/\bnpx socket\.io-guard ([a-z]+)/g).filter((name) => !commands.includes(`${name}: async`)).map((name) => `there is no command "${name}"`),
  ];
}
