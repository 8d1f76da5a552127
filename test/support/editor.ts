/** What a user's editor shows: hovers and errors, asked of the compiler's language service. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

// The tests run from build/, where there is no TypeScript; they are started in the folder of the package.
const root = process.cwd();
const nameOf = (number: number) => join(root, `test/types/fixture-${number}.ts`);

/** The files that are open in the editor. */
const open = new Map<string, string>();
let version = 0;

const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => readFileSync(path, "utf8")) as { config: { compilerOptions: object } };
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
const read = (file: string) => open.get(file) ?? ts.sys.readFile(file);

const service = ts.createLanguageService({
  getCompilationSettings: () => options,
  getScriptFileNames: () => [...open.keys()],
  getScriptVersion: (file) => (open.has(file) ? String(version) : "0"),
  getScriptSnapshot: (file) => {
    const text = read(file);
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
  },
  getCurrentDirectory: () => root,
  getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
  fileExists: (file) => open.has(file) || ts.sys.fileExists(file),
  readFile: read,
  directoryExists: (directory) => ts.sys.directoryExists(directory),
});

export interface Hover {
  /** The type, on one line. */
  readonly type: string;
  /** The docstring, with its tags. */
  readonly docs: string;
}

export interface Shown {
  /** The hover of each name that follows a `/*?*\/`. */
  readonly hovers: readonly Hover[];
  readonly errors: readonly string[];
}

/** What the editor shows in files with these texts, which may import as if they stood in test/types. */
export function inEditor(texts: readonly string[]): Shown[] {
  open.clear();
  version += 1;
  for (const [number, text] of texts.entries()) open.set(nameOf(number), text);
  return texts.map((text, number) => ({ hovers: hoversOf(nameOf(number), text), errors: errorsOf(nameOf(number)) }));
}

function errorsOf(file: string): string[] {
  return [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

function hoversOf(file: string, text: string): Hover[] {
  return [...text.matchAll(/\/\*\?\*\//g)].map(({ index, 0: marker }) => {
    const info = service.getQuickInfoAtPosition(file, index + marker.length);
    if (info === undefined) throw new Error(`There is nothing to hover over at ${text.slice(index, index + 40)}`);
    const tags = (info.tags ?? []).map((tag) => `@${tag.name} ${ts.displayPartsToString(tag.text)}`);
    return {
      type: ts.displayPartsToString(info.displayParts).replace(/\s+/g, " "),
      docs: [ts.displayPartsToString(info.documentation), ...tags].join("\n"),
    };
  });
}

/** The names of the types that a module exports, as seen from test/types. Classes are values, and not among them. */
export function exportedTypes(module: string): string[] {
  inEditor([`export * from "${module}";`]);
  const program = service.getProgram()!;
  const checker = program.getTypeChecker();
  const symbol = checker.getSymbolAtLocation(program.getSourceFile(nameOf(0))!)!;
  return checker.getExportsOfModule(symbol).filter((exported) => {
    const { flags } = (exported.flags & ts.SymbolFlags.Alias) === 0 ? exported : checker.getAliasedSymbol(exported);
    return (flags & ts.SymbolFlags.Type) !== 0 && (flags & ts.SymbolFlags.Value) === 0;
  }).map(({ name }) => name);
}

// The compiler needs seconds for the first file. It reads the types here, so that no test waits for it.
inEditor(['import { Server } from "socket.io"; import { z } from "zod"; import { guard } from "../../lib/index.js"; export const used = [Server, z, guard];']);
