/** Verifies an audit log: that no line was changed, removed or moved. */
import { createReadStream, existsSync } from "node:fs";
import { follows, parseLine, recordIn, start, type Key, type Line, type Link } from "./chain.js";
import { earlierFile, earlierFiles, maxLine, readHead } from "./files.js";

/** What is wrong, and where it was noticed first. */
export interface Flaw {
  readonly path: string;
  /** The number of the line in its file, from 1. */
  readonly line: number;
  readonly problem: string;
}

export interface Verification {
  /** Undefined if nothing is wrong. */
  readonly flaw: Flaw | undefined;
  /** What should be known, although nothing is wrong. */
  readonly notes: readonly string[];
  readonly files: number;
  readonly lines: number;
  /** The number of the first line that is kept. */
  readonly firstSeq: number;
  readonly last: Link;
}

/** @throws what the file system throws, such as ENOENT */
export async function verify(path: string, key?: Key): Promise<Verification> {
  // First, because lines may be added meanwhile.
  const head = readHead(path, key);
  const earlier = earlierFiles(path).map((number) => ({ path: earlierFile(path, number), number }));
  const run = new Run(key, head);
  for (const { path: each, number } of [...earlier, { path, number: undefined }]) {
    if (number === undefined && earlier.length > 0 && !existsSync(each)) break;
    await run.readFile(each, number);
    if (run.flaw !== undefined) break;
  }
  run.compareWithHead(path);
  return { flaw: run.flaw, notes: run.notes, files: earlier.length + 1, lines: run.lines, firstSeq: run.firstSeq, last: run.last };
}

class Run {
  readonly #key: Key;
  readonly #head: (Link & { readonly file: number }) | undefined;
  flaw: Flaw | undefined = undefined;
  readonly notes: string[] = [];
  last: Link = start;
  lines = 0;
  firstSeq = 0;
  #file = 0;
  /** The number of the oldest file that is there, and what the newest says that it should be. */
  #oldest = 0;
  #toldOldest = 0;
  #path = "";
  /** The number of the line in its file. */
  #at = 0;

  constructor(key: Key, head: (Link & { readonly file: number }) | undefined) {
    this.#key = key;
    this.#head = head;
  }

  async readFile(path: string, number: number | undefined): Promise<void> {
    this.#path = path;
    this.#at = 0;
    for await (const { text, isWhole } of linesOf(path)) {
      this.#at += 1;
      const isTornEnd = !isWhole && number === undefined;
      if (isTornEnd) this.#tear(text.length);
      else if (!isWhole) this.#fail("the file does not end with a line feed");
      else this.#readLine(text, number);
      if (this.flaw !== undefined) return;
    }
    // A process that was killed while it began a new file leaves it empty.
    if (this.#at === 0 && this.notes.length === 0 && (number !== undefined || this.lines === 0)) this.#fail("the file is empty", 1);
  }

  /** Only the end of the log may be unfinished. If that line had been written once, the head knows. */
  #tear(bytes: number): void {
    this.#at -= 1;
    this.notes.push(`The last line is unfinished (${bytes} bytes): the process was stopped while it wrote. The next process that writes the file cuts it off.`);
  }

  #readLine(text: string, number: number | undefined): void {
    const line = parseLine(text);
    if (line === undefined) return this.#fail("it does not have the form of a line of an audit log");
    const record = recordIn(line);
    if (record === undefined) return this.#fail("it is not JSON");
    const isFirst = this.lines === 0;
    if ((this.#at === 1) !== (record["type"] === "file")) return this.#fail(this.#at === 1 ? "the first lines of the file are missing" : "the first line of a file stands inside of one");
    if (this.#at === 1 && !this.#beginsFile(line, record, number)) return;
    if (!isFirst && line.seq !== this.last.seq + 1) return this.#fail(`line ${this.last.seq + 1} of the log was expected, and this is ${line.seq}: lines were removed, added or moved`);
    if (!follows(this.last.hash, line, this.#key)) return this.#fail("its hash is wrong: it, or the line before it, was changed, or the key is another one");
    this.#count(line, record, isFirst);
  }

  /** Whether a file may begin with this line. */
  #beginsFile({ seq }: Line, { file, oldest, previous }: Readonly<Record<string, unknown>>, number: number | undefined): boolean {
    const isFirst = this.lines === 0;
    if (typeof file !== "number" || typeof oldest !== "number" || typeof previous !== "string") this.#fail("it does not say which file this is");
    else if (number !== undefined && file !== number) this.#fail(`this is file ${file}, under the name of file ${number}`);
    else if (!isFirst && file !== this.#file + 1) this.#fail(`file ${this.#file + 1} is missing, or files were exchanged`);
    else if (isFirst && file === 1 && seq !== 1) this.#fail("the first lines of the log are missing");
    else {
      if (isFirst) this.last = { seq: seq - 1, hash: file === 1 ? start.hash : previous };
      if (isFirst) this.#oldest = file;
      this.#file = file;
      this.#toldOldest = oldest;
      return true;
    }
    return false;
  }

  #count(line: Line, record: Readonly<Record<string, unknown>>, isFirst: boolean): void {
    if (isFirst) this.firstSeq = line.seq;
    this.lines += 1;
    this.last = { seq: line.seq, hash: line.hash };
    if (this.#head?.seq === line.seq && this.#head.hash !== line.hash) return this.#fail("the head file names another line with this number: all lines were made anew");
    const { type, bytes, lines } = record;
    if (type === "torn") this.notes.push(`Line ${this.#at} of ${this.#path}: a process was stopped while it wrote, and ${String(bytes)} bytes of an unfinished line were cut off.`);
    if (type === "broken") this.#fail(lines === 0 ? "when the file was opened here, the line before or the head file was missing or changed, so that lines may be missing" : `when the file was opened here, it was not as it had been left: ${String(lines)} lines had been written before`);
  }

  compareWithHead(path: string): void {
    if (this.flaw !== undefined) return;
    this.#path = path;
    const next = this.#at + 1;
    if (this.#head === undefined) return this.#fail("the head file is missing, cannot be read or was not made with the key, so that lines may be missing at the end", next);
    const missing = this.#head.seq - this.last.seq;
    if (missing > 0) return this.#fail(`${missing} ${missing === 1 ? "line is" : "lines are"} missing at the end`, next);
    if (this.#oldest > this.#toldOldest) return this.#fail(`the earlier files ${this.#toldOldest} to ${this.#oldest - 1} are missing, and were not removed by jsonlAudit()`, 1);
    if (missing < 0) this.notes.push(`The head file names line ${this.#head.seq}, and ${-missing} follow it: the process was killed, or is writing.`);
    if (this.firstSeq > 1) this.notes.push(`The log begins with line ${this.firstSeq}: earlier files were removed because of \`maxFiles\`.`);
  }

  #fail(problem: string, line = this.#at): void {
    this.flaw ??= { path: this.#path, line, problem };
  }
}

/** The lines of a file as latin1. The last is not whole if it has no line feed. */
async function* linesOf(path: string): AsyncGenerator<{ readonly text: string; readonly isWhole: boolean }> {
  let rest = "";
  for await (const chunk of createReadStream(path, { encoding: "latin1" })) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop()!;
    for (const text of lines) yield { text, isWhole: true };
    // What is longer is no line of an audit log.
    if (rest.length > maxLine) break;
  }
  if (rest !== "") yield { text: rest, isWhole: rest.length > maxLine };
}
