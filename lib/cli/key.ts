/** `socket.io-guard key`: API keys are made, listed, rotated and revoked in the server's store. */
import { apiKeys, type ApiKeyInfo, type ApiKeys, type ShownApiKey } from "../api-keys/keys.js";
import { milliseconds } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { readArguments, type Command } from "./command.js";
import { openStore, type OpenStore } from "./key-store.js";

const help = `socket.io-guard key create --name <name> --subject <subject> [--scope <scope>]... [--expires <90d | 2027-01-31>]
socket.io-guard key list [--json]
socket.io-guard key rotate <id> --grace <24h>
socket.io-guard key revoke <id>
socket.io-guard key revoke --subject <subject>

create and rotate print the key on standard output, alone and this once; everything else goes to standard error.

  --store <url>    postgres://..., redis://... or file:chat.db; else DATABASE_URL or REDIS_URL of the environment
  --prefix <name>  what redisStore's keys begin with, if not "socket.io-guard"`;

const usage = "key takes create, list, rotate or revoke with their options: socket.io-guard key --help shows them.";

const options = {
  store: { type: "string" }, prefix: { type: "string" }, name: { type: "string" }, subject: { type: "string" },
  scope: { type: "string", multiple: true }, expires: { type: "string" }, grace: { type: "string" }, json: { type: "boolean" },
} as const;

type Values = { readonly [Name in keyof typeof options]?: Name extends "scope" ? string[] : Name extends "json" ? boolean : string };

interface Action {
  /** The options that it takes besides those of the store. */
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
      if (grace === undefined) throw new GuardError("arguments_invalid", "rotate needs --grace: for how long the key that it replaces still works, such as 24h, or 0 to end it at once.");
      show(await keys.rotate(id, { grace }));
      console.error(milliseconds(grace, "--grace") > 0 ? `The one before works for another ${grace}.` : "The one before works no more.");
    },
  },
  revoke: {
    takes: ["subject"], takesId: true,
    async run(keys, { subject }, id) {
      if ((subject === undefined) === (id === "")) throw new GuardError("arguments_invalid", "revoke takes either the id of a key, or --subject for all that a subject has.");
      await keys.revoke(subject === undefined ? id : { subject });
      console.error("Revoked: servers end its sessions within a few seconds.");
    },
  },
};

export const key: Command = {
  summary: "makes, lists, rotates and revokes API keys",
  help,

  async run(args) {
    const { values, positionals } = readArguments(args, { options, allowPositionals: true }, usage);
    const [name = "", id = "", ...others] = positionals;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined || others.length > 0 || (id !== "" && !action.takesId)) throw new GuardError("arguments_invalid", usage);
    const foreign = Object.keys(values).find((option) => !["store", "prefix", ...action.takes].includes(option));
    if (foreign !== undefined) throw new GuardError("arguments_invalid", `key ${name} has no option --${foreign}: socket.io-guard key --help shows those that it has.`);
    await withStore(values, name === "create", (keys) => action.run(keys, values, id));
  },
};

async function withStore(values: Values, mayMake: boolean, work: (keys: ApiKeys) => Promise<void>): Promise<void> {
  let opened: OpenStore | undefined;
  try {
    opened = await openStore({ url: urlOf(values), prefix: values.prefix, mayMake });
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
    throw new GuardError("arguments_invalid", "DATABASE_URL and REDIS_URL are both set: say by --store which one the server gives to apiKey().");
  }
  const url = given.find((one) => one !== undefined);
  if (url !== undefined) return url;
  throw new GuardError("arguments_invalid", "There is no store: give --store, or set DATABASE_URL or REDIS_URL.");
}

/** A driver's own sentence may repeat the URL, with its password: its code is enough. */
function unavailable(error: unknown): GuardError {
  const { code } = error as { code?: unknown };
  const reason = typeof code === "string" && /^[\w-]{1,40}$/.test(code) ? ` (${code})` : "";
  return new GuardError("store_unavailable", `The store cannot be used${reason}: check its URL, and that its server runs and lets you in.`, { cause: error });
}

function instantOf(text: string): number {
  return /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Date.now() + milliseconds(text, "--expires");
}

function show({ id, key }: ShownApiKey): void {
  console.log(key);
  console.error(`This is key ${id}. It is shown this once: keep it where secrets are kept.`);
}

function table(all: readonly ApiKeyInfo[]): string {
  const rows = all.map(({ id, state, name, subject, scopes, lastUsedAt, expiresAt }) => [id, state, day(lastUsedAt), day(expiresAt), subject, name, scopes.join(" ")].map(printable).join("\t"));
  return [["ID", "STATE", "LAST USED", "EXPIRES", "SUBJECT", "NAME", "SCOPES"].join("\t"), ...rows].join("\n");
}

function day(instant: number | null): string {
  return instant === null ? "never" : new Date(Math.min(instant, 8.64e15)).toISOString().slice(0, 16);
}

/** What a name holds must not steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, "?");
}
