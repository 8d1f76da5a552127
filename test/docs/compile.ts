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
  experimentalDecorators: true,
  allowJs: true,
  checkJs: true,
  skipLibCheck: true,
  noEmit: true,
};

// Of JavaScript, whose types nobody wrote down: names, packages and exports that do not exist, and options that are unknown.
const alsoForJavaScript = new Set([2304, 2305, 2307, 2353, 2503, 2552, 2561, 2580, 2582, 2614, 2724, 2792, 18004]);

export function isCompiled({ language }: Block): boolean {
  return language in extensions;
}

/** The errors of each block, each with the line of the page. */
export function compile(blocks: readonly Block[]): Map<Block, string[]> {
  const files = new Map(blocks.map((block) => [pathOf(block), block]));
  const textOf = (path: string) => files.get(path)?.text;
  const host = ts.createCompilerHost(options);
  host.fileExists = (path) => textOf(path) !== undefined || ts.sys.fileExists(path);
  host.readFile = (path) => textOf(path) ?? ts.sys.readFile(path);
  host.directoryExists = (path) => [...files.keys()].some((file) => file.startsWith(`${path}/`)) || ts.sys.directoryExists(path);
  host.getSourceFile = (path, language) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, language);
  };
  const program = ts.createProgram([join(root, "test/docs/not-installed.d.ts"), ...files.keys()], options, host);
  return new Map([...files].map(([path, block]) => [block, errorsOf(program, path, block)]));
}

/** Blocks of one page can import each other by the names in their first lines. */
function pathOf(block: Block): string {
  return join(root, block.page.replace(/\.md$/, ""), fileNameOf(block) ?? `line-${block.line}.${extensions[block.language]}`);
}

function errorsOf(program: ts.Program, path: string, block: Block): string[] {
  const file = program.getSourceFile(path)!;
  const isTyped = block.language.startsWith("ts");
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file).filter(({ code }) => isTyped || alsoForJavaScript.has(code))]
    .map(({ start = 0, messageText }) => {
      const line = block.line + file.getLineAndCharacterOfPosition(start).line;
      return `${block.page}:${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    });
}
