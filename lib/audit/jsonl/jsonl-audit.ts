/** `jsonlAudit({ path })`: keeps the audit log in a file of JSON lines, chained by hashes so that changes are noticed. */
import { resolve } from "node:path";
import { oneOf, readOptionsBy, wholeNumber } from "../../configuration.js";
import { GuardError } from "../../guard-error.js";
import type { AuditRecord, AuditStore } from "../record.js";
import type { Key } from "./chain.js";
import { lockFile } from "./files.js";
import { lock } from "./lock.js";
import { LogFile } from "./log-file.js";

/** The options of jsonlAudit(). */
export interface JsonlAuditOptions {
  /** The file. Its folder is created if it does not exist. Earlier files get a number: `audit.jsonl.1`. Only their owner may read them. */
  readonly path: string;
  /** When the disk must have what was written: "always" before a write counts as done, "interval" within a second, "never" when the system decides. @default "interval" */
  readonly sync?: "always" | "interval" | "never";
  /** How many bytes a file may have before a new one is begun. @default 100_000_000 */
  readonly maxFileSize?: number;
  /** How many files are kept, with the one that is written. The oldest are removed. @default 10 */
  readonly maxFiles?: number;
  /** A secret of at least 32 bytes. With it, only who knows it can make lines that `audit verify` accepts. @default anybody who can write the file can make all lines anew */
  readonly key?: string | Uint8Array;
}

/**
 * A sink of the audit log for one guard. `npx socket.io-guard audit verify FILE` proves that no line was changed, removed or moved.
 * @throws GuardError `audit_file_locked` if another process writes the file, `audit_file_unusable` if it cannot be opened, `secret_too_short`, `option_invalid`, `option_missing`, `option_unknown`, `option_undefined`
 */
export function jsonlAudit(options: JsonlAuditOptions): AuditStore {
  return new JsonlAudit(options);
}

const options = {
  path: readPath,
  sync: oneOf("interval", "always", "never"),
  maxFileSize: wholeNumber(1_000, 1_000_000_000_000, 100_000_000),
  maxFiles: wholeNumber(2, 10_000, 10),
  key: readKey,
};

// Milliseconds from a write until the disk has it, with "interval".
const syncInterval = 1_000;

class JsonlAudit implements AuditStore {
  readonly #options;
  readonly #file: LogFile;
  readonly #unlock: () => void;
  /** One after the other, also if two guards use it by mistake. */
  #running: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined = undefined;
  /** Of what was done after a write. */
  #lateError: { readonly error: unknown } | undefined = undefined;
  #isClosed = false;

  constructor(given: JsonlAuditOptions) {
    this.#options = readOptionsBy(options, given, { where: "jsonlAudit()", notUndefined: ["key"] });
    const { path } = this.#options;
    this.#unlock = opened(() => lock(lockFile(path)));
    try {
      this.#file = opened(() => new LogFile(this.#options));
    } catch (error) {
      this.#unlock();
      throw error;
    }
  }

  write(records: readonly AuditRecord[]): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isClosed) throw unusable("it was closed");
      const failed = this.#lateError;
      this.#lateError = undefined;
      if (failed !== undefined) throw failed.error;
      await this.#file.append(records);
      if (this.#options.sync === "always") await this.#file.sync();
      if (this.#options.sync === "interval") this.#syncSoon();
      // The records are written: the next write tells of the error.
      if (this.#file.size >= this.#options.maxFileSize) await this.#rotate().catch((error: unknown) => { this.#lateError = { error }; });
    });
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      clearTimeout(this.#timer);
      try {
        if (this.#options.sync !== "never") await this.#file.sync();
      } finally {
        this.#file.close();
        this.#unlock();
      }
    });
  }

  async #rotate(): Promise<void> {
    if (this.#options.sync !== "never") await this.#file.sync();
    this.#file.rotate();
  }

  #syncSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#inTurn(() => this.#isClosed ? Promise.resolve() : this.#file.sync()).catch((error: unknown) => { this.#lateError = { error }; });
    }, syncInterval).unref();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#running.then(work, work);
    this.#running = result.catch(() => undefined);
    return result;
  }
}

function opened<File>(open: () => File): File {
  try {
    return open();
  } catch (error) {
    throw error instanceof GuardError ? error : unusable(`it cannot be opened (${codeOf(error)})`, error);
  }
}

function readPath(given: unknown, name: string): string {
  if (given === undefined) throw new GuardError("option_missing", "jsonlAudit() needs the `path` of the file: jsonlAudit({ path: \"audit.jsonl\" }).");
  if (typeof given === "string" && given !== "") return resolve(given);
  throw new GuardError("option_invalid", `\`${name}\` must be the path of a file.`);
}

function readKey(given: unknown, name: string): Key {
  if (given === undefined) return undefined;
  if (typeof given !== "string" && !(given instanceof Uint8Array)) throw new GuardError("option_invalid", `\`${name}\` must be a string or a Uint8Array.`);
  if (Buffer.byteLength(given) >= 32) return given;
  throw new GuardError("secret_too_short", `\`${name}\` of jsonlAudit() needs at least 32 bytes. Make one with \`openssl rand -base64 48\`.`);
}

function unusable(why: string, cause?: unknown): GuardError {
  return new GuardError("audit_file_unusable", `The audit file cannot be used: ${why}.`, { cause });
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "no code";
}
