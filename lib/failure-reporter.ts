/** Reports failures that repeat in the background: each one to the host's `onError`, or one process warning for a run of them and one when it is over. */
import { callListener } from "./callbacks.js";

export interface FailureReporterOptions<Failure extends Error> {
  readonly onError: ((error: Failure) => void) | undefined;
  /** The code of the process warnings. */
  readonly code: string;
  /** What failures mean for the server, added to the first warning: a sentence, or nothing. */
  readonly consequence?: string;
  /** What the second warning says. */
  readonly recovered: string;
}

export class FailureReporter<Failure extends Error> {
  readonly #options: FailureReporterOptions<Failure>;
  #isFailing = false;

  constructor(options: FailureReporterOptions<Failure>) {
    this.#options = options;
  }

  failed(error: Failure): void {
    const { onError, code, consequence } = this.#options;
    if (onError !== undefined) return callListener(() => onError(error));
    if (!this.#isFailing) warn([error.message, consequence].join(" ").trim(), code);
    this.#isFailing = true;
  }

  succeeded(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    warn(this.#options.recovered, this.#options.code);
  }
}

function warn(message: string, code: string): void {
  process.emitWarning(message, { type: "GuardWarning", code });
}
