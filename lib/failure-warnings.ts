/** Process warnings about failures that have no listener: one when a run of failures begins, and one when it is over. */

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

/** Which code of the host failed. */
export type FailureSource = "authenticate" | "findUser" | "check" | "store" | "apiKeys" | "limits" | "adapter" | "recovery" | "audit";

const texts: Record<FailureSource, { readonly code: string; readonly failed: string; readonly recovered: string }> = {
  authenticate: { code: "AUTHENTICATE_FAILED", failed: "An authenticator failed, and clients were refused as `unavailable`", recovered: "Authenticators have not failed for a while." },
  findUser: { code: "FIND_USER_FAILED", failed: "`findUser` failed", recovered: "`findUser` works again." },
  check: { code: "CHECK_FAILED", failed: "A rule failed, and events were denied", recovered: "Rules have not failed for a while." },
  store: { code: "STORE_FAILED", failed: "The store of revocations cannot be used", recovered: "The store of revocations can be used again." },
  apiKeys: { code: "API_KEYS_FAILED", failed: "The store of API keys cannot be used", recovered: "The store of API keys has not failed for a while." },
  limits: { code: "LIMITS_FAILED", failed: "The store of limits cannot be used, so this node counts alone", recovered: "The store of limits can be used again." },
  adapter: { code: "ADAPTER_FAILED", failed: "The Socket.IO adapter could not notify the other nodes", recovered: "The Socket.IO adapter has not failed for a while." },
  audit: { code: "AUDIT_FAILED", failed: "A sink of the audit log failed", recovered: "The sinks of the audit log work again." },
  recovery: { code: "RECOVERY_FAILED", failed: "A connection could not be recovered", recovered: "Recoveries have not failed for a while." },
};

export const failureSources = Object.keys(texts) as readonly FailureSource[];

// These report when they work again. For the others, a run of failures ends after this many milliseconds without one.
const reportRecovery: ReadonlySet<FailureSource> = new Set(["findUser", "store", "limits", "audit"]);
const quietTime = 30_000;

/** Warns about failures in code of the host, if the audit event `failed` has no listener. */
export class UnheardFailures {
  readonly #warnings = new Map<FailureSource, FailureWarnings>();

  add(source: FailureSource, error: unknown, event: string | undefined): void {
    const { code, failed, recovered } = texts[source];
    let warnings = this.#warnings.get(source);
    if (warnings === undefined) {
      warnings = new FailureWarnings({ code, recovered, ...(!reportRecovery.has(source) && { quietTime }) });
      this.#warnings.set(source, warnings);
    }
    const where = event === undefined ? "" : ` (event ${JSON.stringify(event.slice(0, 128))})`;
    const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
    warnings.failed(`${failed}${where}: ${message.replace(/\.?$/, ".")} Further failures are not shown. Use guarded.on("failed", ...) to see each one.`, stack);
  }

  recovered(source: FailureSource): void {
    this.#warnings.get(source)?.succeeded();
  }
}
