/** `socket.io-guard key`: creates, lists, rotates and revokes API keys in the store of the server. */
import { parseArgs } from "node:util";
import { apiKeys, type ApiKeys, type IssuedApiKey } from "../api-keys/keys.js";
import type { ApiKeyInfo } from "../api-keys/status.js";
import { milliseconds, type Duration } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { openStore, type OpenStore } from "./key-store.js";
import { printable } from "./printable.js";

const help = `socket.io-guard key create --name <name> --subject <subject> [--scope <scope>]... [--expires <90d | 2027-01-31>]
socket.io-guard key list [--json]
socket.io-guard key rotate <id> --grace <24h>
socket.io-guard key revoke <id>
socket.io-guard key revoke --subject <subject>

create and rotate print the key on standard output, once and without anything else. All other messages go to standard error.

  --store <url>    postgres://..., redis://... or file:chat.db. Default: the environment variable DATABASE_URL or REDIS_URL
  --prefix <name>  the prefix option of redisStore. Default: "socket.io-guard"`;

const usage = "Run `socket.io-guard key` with create, list, rotate or revoke. `socket.io-guard key --help` shows their options.";

const options = {
  store: { type: "string" }, prefix: { type: "string" }, name: { type: "string" }, subject: { type: "string" },
  scope: { type: "string", multiple: true }, expires: { type: "string" }, grace: { type: "string" }, json: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parse>["values"];

interface Action {
  /** Its options besides those of the store. */
  readonly takes: readonly (keyof Values)[];
  readonly takesId: boolean;
  run(keys: ApiKeys, values: Values, id: string): Promise<void>;
}

const actions: Readonly<Record<string, Action>> = {
  create: {
    takes: ["name", "subject", "scope", "expires"], takesId: false,
    async run(keys, { name = "", subject = "", scope = [], expires }) {
      show(await keys.create({ name, subject, scopes: scope, ...(expires !== undefined && { expiresAt: instantOf(expires) }) }));
    },
  },
  list: {
    takes: ["json"], takesId: false,
    async run(keys, { json = false }) {
      const all = await keys.list();
      console.log(json ? JSON.stringify(all, undefined, 2) : table(all));
    },
  },
  rotate: {
    takes: ["grace"], takesId: true,
    async run(keys, { grace }, id) {
      if (grace === undefined) throw new GuardError("arguments_invalid", "rotate needs --grace: how long the current key still works, such as 24h, or 0 to end it at once.");
      show(await keys.rotate({ id, grace: grace as Duration }));
      console.error(milliseconds(grace, "--grace") > 0 ? `The previous key works for another ${grace}.` : "The previous key no longer works.");
    },
  },
  revoke: {
    takes: ["subject"], takesId: true,
    async run(keys, { subject }, id) {
      if ((subject === undefined) === (id === "")) throw new GuardError("arguments_invalid", "revoke takes either the id of a key, or --subject for all keys of a subject.");
      await keys.revoke(subject === undefined ? { id } : { subject });
      console.error("Revoked. Servers end its sessions within a few seconds.");
    },
  },
};

export const key = {
  summary: "creates, lists, rotates and revokes API keys",
  help,

  async run(args: readonly string[]): Promise<void> {
    const { values, positionals } = parse(args);
    const [name = "", id = "", ...others] = positionals;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined || others.length > 0 || (id !== "" && !action.takesId)) throw new GuardError("arguments_invalid", usage);
    const foreign = Object.keys(values).find((option) => !["store", "prefix", ...action.takes].includes(option));
    if (foreign !== undefined) throw new GuardError("arguments_invalid", `key ${name} has no option --${foreign}. \`socket.io-guard key --help\` shows its options.`);
    await withStore(values, name === "create", (keys) => action.run(keys, values, id));
  },
};

/** The error does not repeat the arguments, because they may contain a secret. @throws GuardError `arguments_invalid` */
function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch {
    throw new GuardError("arguments_invalid", usage);
  }
}

async function withStore(values: Values, mayCreate: boolean, work: (keys: ApiKeys) => Promise<void>): Promise<void> {
  let opened: OpenStore | undefined;
  try {
    opened = await openStore({ url: urlOf(values), prefix: values.prefix, mayCreate });
    await work(apiKeys(opened.store));
  } catch (error) {
    throw error instanceof GuardError ? error : unavailable(error);
  } finally {
    await opened?.close();
  }
}

function urlOf({ store }: Values): string {
  const given = [store, process.env["DATABASE_URL"], process.env["REDIS_URL"]].map((url) => url || undefined);
  if (given[0] === undefined && given[1] !== undefined && given[2] !== undefined) {
    throw new GuardError("arguments_invalid", "DATABASE_URL and REDIS_URL are both set. Pass --store with the one that the server uses.");
  }
  const url = given.find((one) => one !== undefined);
  if (url !== undefined) return url;
  throw new GuardError("arguments_invalid", "No store was given. Pass --store, or set DATABASE_URL or REDIS_URL.");
}

/** The message of a driver may contain the URL with its password, so that only its code is shown. */
function unavailable(error: unknown): GuardError {
  const { code } = error as { code?: unknown };
  const reason = typeof code === "string" && /^[\w-]{1,40}$/.test(code) ? ` (${code})` : "";
  return new GuardError("store_unavailable", `The store cannot be used${reason}. Check its URL and credentials, and that its server is running.`, { cause: error });
}

function instantOf(text: string): number {
  return /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Date.now() + milliseconds(text, "--expires");
}

function show({ id, key }: IssuedApiKey): void {
  console.log(key);
  console.error(`This is key ${id}. It is shown only once: store it with your other secrets.`);
}

function table(all: readonly ApiKeyInfo[]): string {
  const rows = all.map(({ id, state, name, subject, scopes, lastUsedAt, expiresAt }) => [id, state, day(lastUsedAt), day(expiresAt), subject, name, scopes.join(" ")].map(printable).join("\t"));
  return [["ID", "STATE", "LAST USED", "EXPIRES", "SUBJECT", "NAME", "SCOPES"].join("\t"), ...rows].join("\n");
}

function day(instant: number | null): string {
  return instant === null ? "never" : new Date(Math.min(instant, 8.64e15)).toISOString().slice(0, 16);
}
