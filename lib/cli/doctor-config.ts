/** Loads the file that exports the authenticators of a server, for `socket.io-guard doctor`. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { attempt } from "../callbacks.js";
import type { Authenticator } from "../authenticate/authenticator.js";
import { GuardError } from "../guard-error.js";

type Chain = readonly Authenticator[];

/** @throws GuardError `arguments_invalid` */
export async function loadChain(file: string): Promise<Chain> {
  const path = resolve(file);
  if (!existsSync(path)) throw wrong("does not exist. Give the path of the file that exports what guard() gets as `authenticate`");
  const exported = await importFile(path).catch((error: unknown) => {
    throw error instanceof GuardError ? error : wrong(`cannot be loaded: ${String((error as Error)?.message ?? error).replace(/\.$/, "")}`);
  });
  return chainOf(exported);
}

/** The default export, or else the only export that fits. */
function chainOf(exported: Readonly<Record<string, unknown>>): Chain {
  // What a CommonJS file exports is the default export of its module.
  const { default: main, ...named } = exported;
  const chains = new Map([main, ...Object.values((main ?? {}) as Record<string, unknown>), ...Object.values(named)].flatMap((value) => {
    const list: readonly unknown[] = Array.isArray(value) ? value as unknown[] : [value];
    return list.length > 0 && list.every(isAuthenticator) ? [[value, list]] : [];
  }));
  const first = chains.get(main) ?? (chains.size === 1 ? [...chains.values()][0] : undefined);
  if (first !== undefined) return first;
  throw wrong(chains.size === 0 ? "exports no authenticator. Export what guard() gets as `authenticate`, such as `export const tokens = jwt({ ... })`"
    : "exports several authenticators. Make the one that guard() gets as `authenticate` its default export");
}

function isAuthenticator(value: unknown): value is Authenticator {
  return typeof value === "object" && value !== null && typeof (value as Partial<Authenticator>).name === "string" && typeof (value as Partial<Authenticator>).authenticate === "function";
}

async function importFile(path: string): Promise<Record<string, unknown>> {
  if (/\.[cm]?tsx?$/.test(path)) await useTsx(path);
  try {
    return await import(pathToFileURL(path).href) as Record<string, unknown>;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_UNKNOWN_FILE_EXTENSION") throw error;
    throw wrong("is TypeScript, which this version of Node cannot load. Install tsx in your project (npm install --save-dev tsx), or give the compiled JavaScript file");
  }
}

/** If the project has tsx, it loads TypeScript as it does elsewhere in the project. Newer versions of Node load it themselves. */
async function useTsx(path: string): Promise<void> {
  const tsx = attempt(() => createRequire(path).resolve("tsx"));
  if (tsx !== undefined) await import(pathToFileURL(tsx).href);
}

function wrong(what: string): GuardError {
  return new GuardError("arguments_invalid", `The file of --config ${what}.`);
}
