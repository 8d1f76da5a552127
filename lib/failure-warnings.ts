/** Process warnings about failures in the background: one when a run of failures begins, and one when it is over. */

export interface FailureWarningsOptions {
  /** The code of the warnings. */
  readonly code: string;
  /** What the warning says when the run is over. */
  readonly recovered: string;
  /** Milliseconds without a failure after which the run is over. @default it is over when `succeeded` is called */
  readonly quietTime?: number;
}

export class FailureWarnings {
  readonly #options: FailureWarningsOptions;
  #isFailing = false;
  #quietTimer: NodeJS.Timeout | undefined = undefined;

  constructor(options: FailureWarningsOptions) {
    this.#options = options;
  }

  /** `detail` is printed below the warning, for example a stack. */
  failed(message: string, detail = ""): void {
    const { code, quietTime } = this.#options;
    if (!this.#isFailing) process.emitWarning(message, { type: "GuardWarning", code, detail });
    this.#isFailing = true;
    if (quietTime === undefined) return;
    clearTimeout(this.#quietTimer);
    this.#quietTimer = setTimeout(() => this.succeeded(), quietTime).unref();
  }

  succeeded(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    process.emitWarning(this.#options.recovered, { type: "GuardWarning", code: this.#options.code });
  }
}
