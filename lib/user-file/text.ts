/** The text of a user file -> the value that it holds. What a parser says of an error can quote the file, so none of it is passed on. */
import { GuardError } from "../guard-error.js";
import { parseObject } from "../token/json.js";
import { Refusal } from "../token/refusal.js";
import type { Format } from "./options.js";
import { need } from "./packages.js";

interface Yaml {
  readonly parseDocument: (text: string, options: object) => { readonly errors: readonly YamlProblem[]; readonly warnings: readonly YamlProblem[]; toJS(options: object): unknown };
}

interface YamlProblem {
  /** Such as DUPLICATE_KEY. */
  readonly code: string;
  readonly pos: readonly [number, number];
}

/** @throws GuardError `user_file_invalid`, `package_missing`, `package_broken` */
export function parseText(text: string, format: Format): unknown {
  // Whoever writes a file in place empties it first: that is not "no users".
  if (text.trim() === "") throw invalid("it is empty. Write {} if there are to be no users.");
  return format === "json" ? parseJson(text) : parseYaml(text);
}

function parseJson(text: string): unknown {
  const value = jsonOf(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const strict = parseObject(text);
  if (strict instanceof Refusal) throw invalid(`${strict.reason}.`);
  return value;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = / at position (\d+)/.exec((error as Error).message)?.[1];
    throw invalid(position === undefined ? "it is not JSON." : `from line ${lineOf(text, Number(position))} on it is not JSON.`);
  }
}

function parseYaml(text: string): unknown {
  const { parseDocument } = need<Yaml>("yaml", "A user file in YAML");
  const document = readable(() => parseDocument(text, { version: "1.2", schema: "core", stringKeys: true, uniqueKeys: true, prettyErrors: false }));
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) throw invalid(`line ${lineOf(text, problem.pos[0])} is not the YAML that is read here (${problem.code.toLowerCase().replaceAll("_", " ")}).`);
  // Aliases could say "a billion times".
  return readable(() => document.toJS({ maxAliasCount: 0 }));
}

function readable<Read>(read: () => Read): Read {
  try {
    return read();
  } catch {
    throw invalid("it has aliases (*name), or is nested too deep. Write out what they stand for.");
  }
}

function lineOf(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

function invalid(reason: string): GuardError {
  return new GuardError("user_file_invalid", reason);
}
