// Compiles the blocks of code of all pages as one program, as if each page were a folder and each block a file in it.
import { join } from "node:path";
import ts from "typescript";
import { fileNameOf, root, type Block } from "./blocks.js";

const extensions: Readonly<Record<string, string>> = { ts: "ts", tsx: "tsx", js: "mjs", mjs: "mjs", cjs: "cjs", jsx: "jsx" };

/** The options of a new project. The blocks import the built package by its name, as a user would. */
const options: ts.CompilerOptions = {
  strict: true,
  module: ts.ModuleKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  target: ts.ScriptTarget.ES2023,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: ["node"],
  jsx: ts.JsxEmit.Preserve,
  allowJs: true,
  checkJs: true,
  skipLibCheck: true,
  noEmit: true,
};

// JavaScript has no types to write down for a parameter.
const onlyForTypeScript = new Set([7005, 7006, 7010, 7011, 7019, 7031, 7034]);

export function isCompiled({ language }: Block): boolean {
  return language in extensions;
}

/** The errors of each block, each with the line of the page. `ambient` declares packages that are not installed here. */
export function compile(blocks: readonly Block[], ambient: string): Map<Block, string[]> {
  const files = new Map(blocks.map((block) => [pathOf(block), block]));
  const declarations = join(root, "docs", "ambient.d.ts");
  const textOf = (path: string) => (path === declarations ? ambient : files.get(path)?.text);
  const host = ts.createCompilerHost(options);
  host.fileExists = (path) => textOf(path) !== undefined || ts.sys.fileExists(path);
  host.readFile = (path) => textOf(path) ?? ts.sys.readFile(path);
  host.directoryExists = (path) => [...files.keys()].some((file) => file.startsWith(`${path}/`)) || ts.sys.directoryExists(path);
  host.getSourceFile = (path, language) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, language);
  };
  const program = ts.createProgram([declarations, ...files.keys()], options, host);
  return new Map([...files].map(([path, block]) => [block, errorsOf(program, path, block)]));
}

/** Blocks of one page can import each other by the names in their first lines. */
function pathOf(block: Block): string {
  return join(root, block.page.replace(/\.md$/, ""), fileNameOf(block) ?? `line-${block.line}.${extensions[block.language]}`);
}

function errorsOf(program: ts.Program, path: string, block: Block): string[] {
  const file = program.getSourceFile(path)!;
  const isScript = /js|jsx/.test(block.language);
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
    .filter(({ code }) => !(isScript && onlyForTypeScript.has(code)))
    .map(({ start = 0, messageText }) => {
      const line = block.line + file.getLineAndCharacterOfPosition(start).line;
      return `${block.page}:${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
}
