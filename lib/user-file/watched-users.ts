/** The users of a file: read at the start, and again whenever the file has changed. A file that cannot be used leaves them as they were. */
import { createHash } from "node:crypto";
import { readFileSync, statSync, type BigIntStats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { callListener } from "../callbacks.js";
import { ChangeSource } from "../change-source.js";
import { FailureWarnings } from "../failure-warnings.js";
import { GuardError } from "../guard-error.js";
import { Poller } from "../poller.js";
import type { UserFileConfig } from "./options.js";
import { decode, parseText } from "./text.js";
import { readUsers, type User, type UsersByName } from "./users.js";

const maxBytes = 1024 * 1024;

// Milliseconds after a write in which another write may leave the file's time as it was.
const clockResolution = 2_000;

export class WatchedUsers {
  readonly changes = new ChangeSource();
  readonly #config: UserFileConfig;
  readonly #poller: Poller;
  readonly #warnings: FailureWarnings;
  #users: UsersByName = new Map();
  /** The content that the users are from. */
  #digest = "";
  /** The file's state at the last read. A file in the same state is not read again. */
  #state: string | undefined = undefined;
  #weakUsers = "";

  constructor(config: UserFileConfig) {
    this.#config = config;
    this.#warnings = new FailureWarnings({ code: "USERS_NOT_LOADED", recovered: `The user file ${config.path.name} can be used again.` });
    try {
      const stats = statSync(config.path.absolute, { bigint: true });
      refuseUnfit(stats);
      this.#apply(readFileSync(config.path.absolute));
      this.#remember(stats);
    } catch (error) {
      throw this.#explain(error);
    }
    this.#poller = new Poller({ task: () => this.#check(), interval: config.pollInterval });
    this.#poller.runIn(config.pollInterval);
  }

  /** By username, in the order of the file. */
  get users(): UsersByName {
    return this.#users;
  }

  async reload(): Promise<void> {
    this.#state = undefined;
    await this.#poller.run();
  }

  close(): void {
    this.#poller.stop();
  }

  async #check(): Promise<void> {
    try {
      await this.#readIfChanged();
    } catch (error) {
      if (this.#poller.isStopped) throw this.#closed();
      const problem = this.#explain(error);
      // It may become readable without looking different.
      if (problem.code === "user_file_unreadable") this.#state = undefined;
      this.#report(problem);
      throw problem;
    }
  }

  async #readIfChanged(): Promise<void> {
    if (this.#poller.isStopped) throw this.#closed();
    const path = this.#config.path.absolute;
    const stats = await stat(path, { bigint: true });
    if (stateOf(stats) === this.#state) return;
    refuseUnfit(stats);
    const bytes = await readFile(path);
    const wasWritten = stateOf(await stat(path, { bigint: true })) !== stateOf(stats);
    if (wasWritten || this.#poller.isStopped) return this.#readIfChanged();
    this.#remember(stats);
    this.#apply(bytes);
    this.#warnings.succeeded();
  }

  /** A file that was written a moment ago is read once more: a second write may not show in its times. */
  #remember(stats: BigIntStats): void {
    this.#state = Date.now() - Number(stats.mtimeMs) > clockResolution ? stateOf(stats) : undefined;
  }

  #apply(bytes: Uint8Array): void {
    const digest = createHash("sha256").update(bytes).digest("base64");
    if (digest === this.#digest) return;
    this.#users = readUsers(parseText(decode(bytes), this.#config.path.format), this.#config.roles);
    this.#digest = digest;
    this.#warnOfWeakHashes();
    this.changes.changed();
  }

  #report(problem: GuardError): void {
    const { onError } = this.#config;
    if (onError !== undefined) callListener(() => onError(problem));
    else this.#warnings.failed(`${problem.message} The users stay as they were.`);
  }

  #explain(error: unknown): GuardError {
    const start = `The user file ${this.#config.path.name} cannot be used:`;
    if (error instanceof GuardError) return new GuardError(error.code, `${start} ${error.message}`, error.cause === undefined ? {} : { cause: error.cause });
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    return new GuardError("user_file_unreadable", `${start} it cannot be read (${code}). Check that it exists and that this process may read it.`);
  }

  #closed(): GuardError {
    return new GuardError("user_file_closed", `The user file ${this.#config.path.name} was closed. Open it again with userFile({ path }).`);
  }

  #warnOfWeakHashes(): void {
    const weak = [...this.#users.values()].filter(({ hash }) => hash.isWeak).map(({ username }: User) => JSON.stringify(username));
    if (weak.length > 0 && weak.join() !== this.#weakUsers) {
      const names = weak.length > 3 ? `${weak.slice(0, 3).join(", ")} and ${weak.length - 3} more` : weak.join(", ");
      process.emitWarning(`The user file ${this.#config.path.name} has password hashes that are too cheap to guess, of ${names}. Make new ones with npx socket.io-guard hash.`, { type: "GuardWarning", code: "PASSWORD_HASH_WEAK" });
    }
    this.#weakUsers = weak.join();
  }
}

/** @throws GuardError `user_file_unreadable`, `user_file_too_large` */
function refuseUnfit(stats: BigIntStats): void {
  if (!stats.isFile()) throw new GuardError("user_file_unreadable", "it is not a file.");
  if (stats.size > maxBytes) throw new GuardError("user_file_too_large", `it has more than ${maxBytes} bytes. Keep so many users in a database.`);
}

/** Differs between two files, and before and after a write. */
function stateOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join();
}
