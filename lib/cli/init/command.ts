/** `socket.io-guard init`: writes a file with a rule for each event that a project's handlers listen to. */
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, extname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import type * as TypeScript from "typescript";
import { GuardError } from "../../guard-error.js";
import { findHandlers, type Found } from "./handlers.js";
import { readProject, type Project } from "./project.js";
import { rulesFile } from "./rules-file.js";

export const init = {
  summary: "writes a file with a rule to fill in for each event of your server",
  help: `socket.io-guard init [folder] [--out <file>]

Reads the sources in the folder of your server, by default the current one, and finds each socket.on("name", ...) and each
@SubscribeMessage("name") of NestJS. Writes events.ts, or events.js for JavaScript, with a rule for each event, which denies
until you fill it in. The payloads are zod schemas of the types of the handlers' parameters.

A file that exists is not changed: then the events that it does not name are listed. What was not understood is listed, too.
node_modules, dist, build, tests and hidden folders are left out. No code of yours is run.

  --out <file>  the file to write. Default: src/events.ts if all handlers are in src, otherwise events.ts`,

  async run(args: readonly string[]): Promise<void> {
    const { folder, out } = readArguments(args);
    const project = readProject(folder);
    const found = findHandlers(project);
    if (found.handlers.length > 0) {
      const path = out ?? await defaultPath(project, found);
      console.log(existsSync(path) ? compare(project, found, path) : write(project, found, path));
    }
    if (found.notes.length > 0) console.log(`\nNot understood:\n${found.notes.map((note) => `  ${note}`).join("\n")}`);
    if (found.handlers.length === 0) {
      throw new GuardError("arguments_invalid", `No handler such as socket.on("name", ...) was found in ${folder}. Name the folder of your server: socket.io-guard init server`);
    }
  },
};

/** @throws GuardError `arguments_invalid` */
function readArguments(args: readonly string[]): { readonly folder: string; readonly out: string | undefined } {
  try {
    const { values: { out }, positionals: [folder = ".", ...more] } = parseArgs({ args: [...args], allowPositionals: true, options: { out: { type: "string" } } });
    if (more.length === 0 && statSync(folder).isDirectory() && (out === undefined || /\.[cm]?[jt]s$/.test(out))) return { folder: resolve(folder), out: out && resolve(out) };
  } catch {
    // An option that does not exist, or a path.
  }
  throw new GuardError("arguments_invalid", "init takes one folder, and the file to write: socket.io-guard init server --out server/rules.ts");
}

/** A file that exists, in whichever language; or one in the language of the first file that has a handler. */
async function defaultPath({ folder }: Project, { handlers }: Found): Promise<string> {
  const target = handlers.every(({ place }) => place.startsWith("src/")) ? join(folder, "src") : folder;
  const existing = (await readdir(target)).find((name) => /^events\.[cm]?[jt]s$/.test(name));
  return join(target, existing ?? `events${extname(fileOf(handlers[0]!.place)).replace("x", "")}`);
}

function write(project: Project, { handlers }: Found, path: string): string {
  writeFileSync(path, rulesFile(handlers, { name: basename(path), isCommonJs: isCommonJs(project, path, handlers[0]!.place) }), { flag: "wx" });
  // The command line lets only the owner read what it writes, but this is source code.
  chmodSync(path, 0o644);
  const events = new Set(handlers.flatMap((one) => one.namespaces.flatMap((namespace) => one.events.map((event) => `${namespace} ${event}`))));
  return `Wrote ${shown(project, path)} with ${events.size === 1 ? "one event" : `${events.size} events`}. Each is denied until you fill in its rule. The last lines of the file show how to use it.`;
}

/** For `.js`, package.json decides, or whether the first file with a handler has imports. */
function isCommonJs({ folder, ts, files }: Project, path: string, place: string): boolean {
  if (extname(path) !== ".js") return extname(path) === ".cjs";
  const first = files.find(({ fileName }) => resolve(fileName) === join(folder, fileOf(place)));
  return !isModule(folder) && first !== undefined && !ts.isExternalModule(first);
}

function isModule(folder: string): boolean {
  try {
    return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { type?: unknown }).type === "module";
  } catch {
    return false;
  }
}

function fileOf(place: string): string {
  return place.replace(/:\d+$/, "");
}

function compare(project: Project, { handlers }: Found, path: string): string {
  const named = namesIn(project, readFileSync(path, "utf8"), basename(path));
  const missing = handlers.flatMap(({ events, place }) => events.filter((event) => !named.has(event)).map((event) => `  ${event} (${place})`));
  const names = missing.length === 0 ? "It names every event that was found." : `It does not name these events:\n${[...new Set(missing)].join("\n")}`;
  return `${shown(project, path)} exists and was not changed. ${names}`;
}

/** The names of all properties in a text. */
function namesIn({ ts }: Project, text: string, fileName: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: TypeScript.Node): void => {
    if (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node) || ts.isMethodDeclaration(node)) {
      names.add(ts.isIdentifier(node.name) || ts.isStringLiteralLike(node.name) ? node.name.text : node.name.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(fileName, text, ts.ScriptTarget.ESNext, true));
  return names;
}

function shown({ folder }: Project, path: string): string {
  return relative(folder, path).replaceAll("\\", "/");
}
