/**
 * Tells when a file may have changed. Its folder is watched, not itself: editors and Kubernetes put another file in its
 * place. Not every file system tells of changes, so it is looked at from time to time, too.
 */
import { watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

// Who writes a file does it in several steps.
const settling = 100;

export class FileWatch {
  readonly #mayHaveChanged: (isCertain: boolean) => void;
  readonly #poll: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isCertain = false;
  #isClosed = false;

  /** `isCertain`: the file itself was named, and not just something beside it. */
  constructor(path: string, every: number, mayHaveChanged: (isCertain: boolean) => void) {
    this.#mayHaveChanged = mayHaveChanged;
    this.#poll = setInterval(() => mayHaveChanged(false), every);
    this.#poll.unref();
    try {
      this.#watcher = watch(dirname(path), { persistent: false }, (_kind, name) => this.#soon(name === null || name === basename(path)));
      // Such as a folder that is gone: the looks from time to time go on.
      this.#watcher.on("error", () => this.#watcher?.close());
    } catch {
      // A machine that has no watches left.
    }
  }

  lookAgain(): void {
    this.#soon(true);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#timer);
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #soon(isCertain: boolean): void {
    if (this.#isClosed) return;
    this.#isCertain ||= isCertain;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const certain = this.#isCertain;
      this.#isCertain = false;
      this.#mayHaveChanged(certain);
    }, settling);
    this.#timer.unref();
  }
}
