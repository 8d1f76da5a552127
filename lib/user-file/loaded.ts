/** The users as the file had them when it could last be used: read at the start, and again when it has changed. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { callListener } from "../callbacks.js";
import { GuardError } from "../guard-error.js";
import { appearance, decode, refuseUnfit } from "./file.js";
import type { UserFileConfig } from "./options.js";
import { parseText } from "./text.js";
import { readUsers, type KnownUsers, type User, type Users } from "./users.js";
import { FileWatch } from "./watch.js";

export class LoadedUsers implements KnownUsers {
  readonly #config: UserFileConfig;
  readonly #watch: FileWatch;
  readonly #listeners = new Set<() => void>();
  #users: Users = new Map();
  #everybody: readonly User[] = [];
  #generation = 0;
  /** The bytes that the users are from. */
  #digest = "";
  /** The file as it was when it was looked at; a file that stands still is not read again. */
  #seen: string | undefined;
  #weak = "";
  #isFailing = false;
  #isClosed = false;
  #last: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(config: UserFileConfig) {
    this.#config = config;
    try {
      const stats = statSync(config.path, { bigint: true });
      refuseUnfit(stats);
      this.#take(readFileSync(config.path));
      this.#seen = appearance(stats);
    } catch (error) {
      throw this.#explain(error);
    }
    this.#watch = new FileWatch(config.path, config.every, (isCertain) => void this.#look(isCertain));
  }

  get users(): Users {
    return this.#users;
  }

  get everybody(): readonly User[] {
    return this.#everybody;
  }

  /** Grows with every change. */
  get generation(): number {
    return this.#generation;
  }

  onChange(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  reload(): Promise<void> {
    // One that is under way may have read too early for whoever asks now.
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      const read = this.#read();
      this.#last = read.catch(() => undefined);
      return read;
    });
    return this.#next;
  }

  close(): void {
    this.#isClosed = true;
    this.#watch.close();
  }

  /** Reads what looks different. Not every change shows: two writes in one instant can leave size and times as they were. */
  async #look(isCertain: boolean): Promise<void> {
    const now = await stat(this.#config.path, { bigint: true }).then(appearance, () => undefined);
    if (isCertain || now === undefined || now !== this.#seen) await this.reload().catch(() => undefined);
  }

  async #read(): Promise<void> {
    const { path } = this.#config;
    try {
      this.#refuseClosed();
      const before = await stat(path, { bigint: true });
      this.#seen = appearance(before);
      refuseUnfit(before);
      const bytes = await readFile(path);
      // Still being written: its end is told, too.
      if (appearance(await stat(path, { bigint: true })) !== this.#seen) return this.#watch.lookAgain();
      this.#refuseClosed();
      this.#take(bytes);
      this.#isFailing = false;
    } catch (error) {
      this.#refuseClosed();
      const problem = this.#explain(error);
      // What could not be read may be readable the next time, though it looks the same.
      if (problem.code === "user_file_unreadable") this.#seen = undefined;
      this.#report(problem);
      throw problem;
    }
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new GuardError("user_file_closed", `The user file ${this.#config.file} was closed and is read no more: open it again with userFile({ path }).`);
  }

  #take(bytes: Uint8Array): void {
    const digest = createHash("sha256").update(bytes).digest("base64");
    if (digest === this.#digest) return;
    const users = readUsers(parseText(decode(bytes), this.#config.format), this.#config.roles);
    this.#users = users;
    this.#everybody = [...users.values()];
    this.#digest = digest;
    this.#generation += 1;
    this.#warnOfWeak();
    for (const listener of [...this.#listeners]) callListener(listener);
  }

  #explain(error: unknown): GuardError {
    const start = `The user file ${this.#config.file} cannot be used:`;
    if (error instanceof GuardError) return new GuardError(error.code, `${start} ${error.message}`, error.cause === undefined ? {} : { cause: error.cause });
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    return new GuardError("user_file_unreadable", `${start} it cannot be read (${code}). See that it is there, and that this process may read it.`);
  }

  #report(problem: GuardError): void {
    const { failed } = this.#config;
    if (failed !== undefined) return callListener(() => failed(problem));
    if (!this.#isFailing) process.emitWarning(`${problem.message} The users stay as they were.`, { type: "GuardWarning", code: "USERS_NOT_LOADED" });
    this.#isFailing = true;
  }

  #warnOfWeak(): void {
    const weak = this.#everybody.filter(({ hash }) => hash.isWeak).map(({ username }) => JSON.stringify(username));
    if (weak.length > 0 && weak.join() !== this.#weak) {
      const names = weak.length > 3 ? `${weak.slice(0, 3).join(", ")} and ${weak.length - 3} more` : weak.join(", ");
      process.emitWarning(`The user file ${this.#config.file} has hashes that are too cheap to guess, of ${names}: make others with npx socket.io-guard hash`, { type: "GuardWarning", code: "PASSWORD_HASH_WEAK" });
    }
    this.#weak = weak.join();
  }
}
