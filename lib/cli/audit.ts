/** `socket.io-guard audit`: verifies the files of jsonlAudit(), and shows them to people. */
import { parseArgs } from "node:util";
import { readHead } from "../audit/jsonl/files.js";
import { verify } from "../audit/jsonl/verify.js";
import { milliseconds } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { follow, recordsOf, type Shown } from "./audit-lines.js";
import { printable } from "./printable.js";

const help = `socket.io-guard audit verify <file> [--key-env <name>]
socket.io-guard audit show <file> [--subject <subject>] [--type <type>] [--since <1h | 2027-01-31>]
socket.io-guard audit tail <file> [--subject <subject>] [--type <type>]

verify proves that no line was changed, removed or moved, in the file and in the earlier files with a number behind its name.
It names the first line that is wrong, with exit code 1. Its last line of output names the end of the log: keep it elsewhere,
and later output shows whether the log was replaced.

  --key-env <name>  the environment variable that holds the key of jsonlAudit()`;

const usage = "Run `socket.io-guard audit` with verify, show or tail, and a file. `socket.io-guard audit --help` shows their options.";
const options = { "key-env": { type: "string" }, subject: { type: "string" }, type: { type: "string" }, since: { type: "string" } } as const;

type Values = ReturnType<typeof parse>["values"];

interface Action {
  readonly takes: readonly (keyof Values)[];
  run(path: string, values: Values): Promise<void>;
}

const actions: Readonly<Record<string, Action>> = {
  verify: { takes: ["key-env"], run: (path, values) => verifyFile(path, values["key-env"]) },
  show: {
    takes: ["subject", "type", "since"],
    async run(path, values) {
      const isWanted = filterOf(values);
      for await (const record of recordsOf(path)) if (isWanted(record)) print(record);
    },
  },
  tail: {
    takes: ["subject", "type"],
    async run(path, values) {
      const isWanted = filterOf(values);
      for await (const record of follow(path)) if (isWanted(record)) print(record);
    },
  },
};

export const audit = {
  summary: "verifies and shows an audit log",
  help,

  async run(args: readonly string[]): Promise<void> {
    const { values, positionals: [name = "", path, ...others] } = parse(args);
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined || path === undefined || others.length > 0) throw new GuardError("arguments_invalid", usage);
    const foreign = Object.keys(values).find((option) => !(action.takes as readonly string[]).includes(option));
    if (foreign !== undefined) throw new GuardError("arguments_invalid", `audit ${name} has no option --${foreign}. \`socket.io-guard audit --help\` shows its options.`);
    await readable(() => action.run(path, values));
  },
};

/** @throws GuardError `arguments_invalid` */
function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch {
    throw new GuardError("arguments_invalid", usage);
  }
}

async function readable(read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (error instanceof GuardError || typeof code !== "string") throw error;
    throw new GuardError("audit_file_unusable", `The file cannot be read (${code}). Give the path that jsonlAudit() writes, and run the command as a user who may read it.`, { cause: error });
  }
}

async function verifyFile(path: string, keyName: string | undefined): Promise<void> {
  const { flaw, notes, files, lines, firstSeq, last } = await verify(path, keyName === undefined ? undefined : keyIn(keyName));
  for (const note of notes) console.log(printable(note));
  if (flaw !== undefined) {
    const hint = keyName === undefined && readHead(path, undefined) !== undefined ? " If the log has a `key`, give it with --key-env." : "";
    throw new GuardError("audit_broken", printable(`${flaw.path}:${flaw.line}: ${flaw.problem}.${hint}`));
  }
  console.log(`${lines} lines in ${files} ${files === 1 ? "file" : "files"} are as they were written.`);
  console.log(`first ${firstSeq}, last ${last.seq} ${last.hash}`);
}

function keyIn(name: string): string {
  const key = process.env[name];
  if (key === undefined || key === "") throw new GuardError("arguments_invalid", "The environment variable that --key-env names is not set. Set it to the `key` of jsonlAudit().");
  return key;
}

function filterOf({ subject, type, since }: Values): (record: Shown) => boolean {
  const from = since === undefined ? -Infinity : instantOf(since);
  // A record that was counted until then belongs to it, too.
  return (record) => record.time >= from && (type === undefined || record["type"] === type) && (subject === undefined || record["subject"] === subject || record["before"] === subject);
}

function instantOf(text: string): number {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return Date.now() - milliseconds(text, "--since");
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) throw new GuardError("arguments_invalid", "--since must be a duration such as 1h, or a date such as 2027-01-31.");
  return instant;
}

/** Such as `2027-01-31T12:00:00.000Z denied forbidden subject=alice event=ban`. */
function print({ time, type, code, ...others }: Shown): void {
  const { seq: _, hash: __, ...fields } = others;
  const details = Object.entries(fields).map(([name, value]) => `${name}=${shown(name, value)}`);
  console.log([new Date(time).toISOString(), String(type), ...(code === undefined ? [] : [shown("code", code)]), ...details].map(printable).join(" "));
}

const instants: ReadonlySet<string> = new Set(["first", "last", "issuedBefore"]);

function shown(name: string, value: unknown): string {
  if (typeof value === "number") return instants.has(name) ? new Date(value).toISOString() : String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /^[\w./:@#-]+$/.test(text) ? text : JSON.stringify(text);
}
