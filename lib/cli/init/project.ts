/** The sources of a project, read by the TypeScript compiler that the project has installed. */
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, sep } from "node:path";
import type * as TypeScript from "typescript";
import { GuardError } from "../../guard-error.js";

export interface Project {
  readonly folder: string;
  readonly ts: typeof TypeScript;
  readonly checker: TypeScript.TypeChecker;
  readonly files: readonly TypeScript.SourceFile[];
}

/** @throws GuardError `package_missing` */
export function readProject(folder: string): Project {
  const ts = loadTypeScript(folder);
  const paths = sourcesIn(folder);
  const program = ts.createProgram(paths, compilerOptions(ts, folder));
  return { folder, ts, checker: program.getTypeChecker(), files: paths.flatMap((path) => program.getSourceFile(path) ?? []) };
}

/** Where a node is, such as `src/chat.ts:12`. */
export function placeOf({ folder }: Project, node: TypeScript.Node): string {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return `${relative(folder, file.fileName).split(sep).join("/")}:${line + 1}`;
}

/** TypeScript 7 has no parser that JavaScript programs can use: a project with it also needs version 6. */
function loadTypeScript(folder: string): typeof TypeScript {
  const require = createRequire(join(folder, "package.json"));
  for (const name of ["typescript", "@typescript/typescript6"]) {
    try {
      const found = require(name) as Partial<typeof TypeScript>;
      if (found.createProgram !== undefined) return found as typeof TypeScript;
    } catch {
      // It is not installed.
    }
  }
  throw new GuardError("package_missing", "init reads your sources with TypeScript's parser. TypeScript is not installed, or it is version 7, which has no parser for JavaScript programs. Run: npm install --save-dev @typescript/typescript6");
}

const leftOutFolders = new Set(["node_modules", "bower_components", "dist", "build", "out", "coverage", "test", "tests", "__tests__", "__mocks__"]);

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).sort((one, other) => (one.name < other.name ? -1 : 1)).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return leftOutFolders.has(entry.name) || entry.name.startsWith(".") ? [] : sourcesIn(path);
    return entry.isFile() && isSource(entry.name) ? [path] : [];
  });
}

function isSource(name: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(name) && !/\.d\.[cm]?ts$|\.(?:test|spec|min|config)\./.test(name);
}

/** Those of the project, but strict, so that `undefined` and `null` are seen in types. */
function compilerOptions(ts: typeof TypeScript, folder: string): TypeScript.CompilerOptions {
  const path = join(folder, "tsconfig.json");
  const own = existsSync(path)
    ? ts.parseJsonConfigFileContent(ts.readConfigFile(path, (file) => ts.sys.readFile(file)).config, ts.sys, folder).options
    : { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, target: ts.ScriptTarget.ESNext, jsx: ts.JsxEmit.Preserve, types: ["node"] };
  return { ...own, allowJs: true, strict: true, skipLibCheck: true, noEmit: true };
}
