/** The file that an audit log is written to: continues the chain of the files that are there, and begins a new file when one is large. */
import { closeSync, constants, fdatasync, fstatSync, ftruncateSync, openSync, renameSync, rmSync, stat, write, writeSync } from "node:fs";
import { promisify } from "node:util";
import { attempt } from "../../callbacks.js";
import { lineAfter, start, type FileLine, type Key, type Link } from "./chain.js";
import { earlierFile, earlierFiles, endingOf, headFile, headText, readHead } from "./files.js";

export interface LogFileOptions {
  readonly path: string;
  readonly key: Key;
  readonly maxFiles: number;
}

const [sync, statOf, writeTo] = [promisify(fdatasync), promisify(stat), promisify(write)];

export class LogFile {
  readonly #options: LogFileOptions;
  readonly #head: number;
  /** Undefined while it has to be opened. */
  #fd: number | undefined = undefined;
  #inode = 0;
  /** The number of the file. */
  #file = 0;
  #size = 0;
  #last: Link = start;
  /** The line that the files should have. Undefined if the head does not say it. */
  #expected: Link | undefined;

  /** @throws what the file system throws */
  constructor(options: LogFileOptions) {
    this.#options = options;
    const head = readHead(options.path, options.key);
    this.#expected = head;
    this.#file = head?.file ?? 0;
    // Not emptied: a process that is killed must not leave it so.
    this.#head = openSync(headFile(options.path), constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#open();
  }

  get size(): number {
    return this.#size;
  }

  /** Settles when the system has the lines. @throws (the promise rejects) what the file system throws; then none of them counts as written */
  async append(records: readonly object[]): Promise<void> {
    if (!await this.#isAsLeft()) this.#open();
    let last = this.#last;
    let text = "";
    for (const record of records) {
      const line = lineAfter(last, record, this.#options.key);
      last = line;
      text += `${line.text}\n`;
    }
    const bytes = Buffer.from(text);
    await this.#writeAll(bytes);
    this.#size += bytes.length;
    this.#last = { seq: last.seq, hash: last.hash };
    this.#writeHead();
  }

  /** Settles when the disk has what was written. */
  async sync(): Promise<void> {
    if (this.#fd !== undefined) await sync(this.#fd);
  }

  /** Begins a new file, and removes the oldest if there are too many. */
  rotate(): void {
    const { path, maxFiles } = this.#options;
    this.#closeCurrent();
    renameSync(path, earlierFile(path, this.#file));
    const earlier = earlierFiles(path);
    const kept = earlier.slice(-(maxFiles - 1));
    // The new file says what is removed, before that is removed.
    this.#create(kept[0]);
    this.#writeHead();
    for (const number of earlier.slice(0, -kept.length)) rmSync(earlierFile(path, number), { force: true });
  }

  close(): void {
    this.#closeCurrent();
    closeSync(this.#head);
  }

  /** Somebody may have moved, cut or written the file. */
  async #isAsLeft(): Promise<boolean> {
    const found = await statOf(this.#options.path).catch(() => undefined);
    return found !== undefined && this.#fd !== undefined && found.ino === this.#inode && found.size === this.#size;
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    const fd = this.#fd!;
    try {
      for (let done = 0; done < bytes.length;) done += (await writeTo(fd, bytes, done, bytes.length - done, null)).bytesWritten;
    } catch (error) {
      // If even this fails, the size tells, and the file is opened anew.
      attempt(() => ftruncateSync(fd, this.#size));
      throw error;
    }
  }

  /** Continues after the last line that the files have. */
  #open(): void {
    this.#closeCurrent();
    const { path } = this.#options;
    const expected = this.#expected;
    const current = endingOf(path);
    const hasLines = current !== undefined && current.size > 0;
    const number = earlierFiles(path).at(-1);
    const ending = hasLines ? current : number === undefined ? undefined : endingOf(earlierFile(path, number));
    const found = ending?.line;
    const isBroken = expected !== undefined && (found === undefined || found.seq < expected.seq || (found.seq === expected.seq && found.hash !== expected.hash));
    // The head is missing. A process that was killed before it has written its first head leaves one line.
    const isUnknown = ending !== undefined && (found === undefined || (expected === undefined && found.seq > 1));
    this.#file = ending?.file ?? Math.max(this.#file, number ?? 0);
    this.#last = found ?? expected ?? start;
    if (hasLines) this.#openEnd(current.size);
    else this.#create(earlierFiles(path)[0]);
    const now = Date.now();
    if (current !== undefined && current.torn > 0) this.#writeNow({ time: now, type: "torn", bytes: current.torn });
    if (isBroken) this.#writeNow({ time: now, type: "broken", lines: expected.seq, last: expected.hash });
    else if (isUnknown) this.#writeNow({ time: now, type: "broken", lines: 0, last: "" });
    this.#writeHead();
  }

  #closeCurrent(): void {
    // At once: another file may get its number.
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) closeSync(fd);
  }

  #openEnd(size: number): void {
    this.#use(openSync(this.#options.path, "a", 0o600));
    if (this.#size > size) ftruncateSync(this.#fd!, size);
    this.#size = size;
  }

  /** `oldest`: the number of the oldest file that is kept. */
  #create(oldest?: number): void {
    this.#use(openSync(this.#options.path, "a", 0o600));
    // What may be there is the beginning of a first line.
    ftruncateSync(this.#fd!, 0);
    this.#size = 0;
    this.#file += 1;
    this.#writeNow({ time: Date.now(), type: "file", file: this.#file, oldest: oldest ?? this.#file, previous: this.#last.hash });
  }

  #use(fd: number): void {
    const { ino, size } = fstatSync(fd);
    this.#fd = fd;
    this.#inode = ino;
    this.#size = size;
  }

  #writeNow(record: FileLine): void {
    const line = lineAfter(this.#last, record, this.#options.key);
    this.#size += writeSync(this.#fd!, `${line.text}\n`);
    this.#last = { seq: line.seq, hash: line.hash };
  }

  #writeHead(): void {
    writeSync(this.#head, headText({ ...this.#last, file: this.#file }, this.#options.key), 0);
    this.#expected = this.#last;
  }
}
