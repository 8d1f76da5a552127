/** Counts what a guard in report mode would have stopped, and emits an audit event for each. Clients cannot make the list of counts grow without end. */
import type { AuditEvents, GuardAuditEvents } from "./audit-events.js";
import type { GuardModes } from "./mode.js";
import type { DenialCode } from "./protocol.js";

/** Something that would have happened, and how often. */
export interface ReportedCount {
  readonly code: DenialCode;
  /** Why it would have happened the last time. */
  readonly reason: string;
  readonly count: number;
}

/** Events that would have been denied. */
export interface ReportedDenials extends ReportedCount {
  /** The name of the event, or "undeclared" for all events that have no rule of their own. */
  readonly event: string;
}

/** What `guarded.report()` returns. Each list begins with what would have happened most often. */
export interface GuardReport {
  readonly mode: GuardModes;
  /** When the guard began to count, in epoch milliseconds. */
  readonly since: number;
  /** Handshakes, with those that would have been refused. 0 unless the authentication is reported. */
  readonly handshakes: number;
  /** Events, with those that would have been denied. 0 unless events are reported. */
  readonly events: number;
  readonly wouldRefuse: readonly ReportedCount[];
  readonly wouldDeny: readonly ReportedDenials[];
  readonly wouldEnd: readonly ReportedCount[];
}

export class Reporter {
  readonly #audit: AuditEvents;
  readonly #mode: GuardModes;
  readonly #since = Date.now();
  readonly #refusals = new Tally();
  readonly #denials = new Tally();
  readonly #ends = new Tally();
  #handshakes = 0;
  #events = 0;

  constructor(audit: AuditEvents, mode: GuardModes) {
    this.#audit = audit;
    this.#mode = mode;
  }

  countHandshake(): void {
    this.#handshakes += 1;
  }

  countEvent(): void {
    this.#events += 1;
  }

  wouldRefuse(what: GuardAuditEvents["wouldRefuse"]): void {
    this.#refusals.add(what);
    this.#audit.emit("wouldRefuse", () => what);
  }

  /** `declared` is the name under which the event is counted: clients choose those of undeclared events. */
  wouldDeny(declared: string, what: GuardAuditEvents["wouldDeny"]): void {
    this.#denials.add(what, declared);
    this.#audit.emit("wouldDeny", () => what);
  }

  wouldEnd(what: GuardAuditEvents["wouldEnd"]): void {
    this.#ends.add(what);
    this.#audit.emit("wouldEnd", () => what);
  }

  get report(): GuardReport {
    const withoutEvent = ({ code, reason, count }: ReportedDenials): ReportedCount => ({ code, reason, count });
    return {
      mode: this.#mode, since: this.#since, handshakes: this.#handshakes, events: this.#events,
      wouldRefuse: this.#refusals.list().map(withoutEvent), wouldDeny: this.#denials.list(), wouldEnd: this.#ends.list().map(withoutEvent),
    };
  }
}

/** Counts by event and code, of which there is a fixed number. */
class Tally {
  readonly #counts = new Map<string, ReportedDenials>();

  add({ code, reason = code }: { readonly code: DenialCode; readonly reason?: string | undefined }, event = ""): void {
    const key = `${code} ${event}`;
    this.#counts.set(key, { event, code, reason, count: (this.#counts.get(key)?.count ?? 0) + 1 });
  }

  list(): readonly ReportedDenials[] {
    return [...this.#counts.values()].sort((one, other) => other.count - one.count);
  }
}
