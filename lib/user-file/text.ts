/** Parses the text of a user file. A parser's own messages can quote the file, so they are not passed on. */
import type * as Yaml from "yaml";
import { GuardError } from "../guard-error.js";
import { requirePackage } from "../optional-package.js";
import { parseObject } from "../token/json.js";
import { Refusal } from "../refusal.js";
import type { Format } from "./options.js";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @throws GuardError `user_file_invalid` */
export function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalid("it is not UTF-8.");
  }
}

/** @throws GuardError `user_file_invalid`, `package_missing`, `package_broken` */
export function parseText(text: string, format: Format): unknown {
  // A file that is being overwritten is empty for a moment. That does not mean that there are no users.
  if (text.trim() === "") throw invalid("it is empty. Write {} if there are no users.");
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
    throw invalid(position === undefined ? "it is not JSON." : `it is not JSON from line ${lineOf(text, Number(position))} on.`);
  }
}

function parseYaml(text: string): unknown {
  const { parseDocument } = requirePackage<typeof Yaml>("yaml", "A user file in YAML");
  const document = readable(() => parseDocument(text, { version: "1.2", schema: "core", stringKeys: true, uniqueKeys: true, prettyErrors: false }));
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) throw invalid(`line ${lineOf(text, problem.pos[0])} is YAML that is not supported here (${problem.code.toLowerCase().replaceAll("_", " ")}).`);
  // A few aliases can stand for a billion values.
  return readable(() => document.toJS({ maxAliasCount: 0 }) as unknown);
}

function readable<Read>(read: () => Read): Read {
  try {
    return read();
  } catch {
    throw invalid("it has aliases (*name), which are not supported, or is nested too deep.");
  }
}

function lineOf(text: string, position: number): number {
  return text.slice(0, position).split("\n").length;
}

function invalid(reason: string): GuardError {
  return new GuardError("user_file_invalid", reason);
}
