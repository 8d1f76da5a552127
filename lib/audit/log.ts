/** The audit log of a guard: makes records of its audit events, and gives them to the sinks. */
import type { AuditEventName, AuditRecorder, GuardAuditEvents, Repeat } from "../audit-events.js";
import type { AuditConfig } from "./options.js";
import type { AuditRecord } from "./record.js";
import { RepeatedEvents } from "./repeats.js";
import { storeOf } from "./sinks.js";
import { SinkQueue } from "./sink-queue.js";

export interface AuditLogContext {
  readonly onError: (error: unknown) => void;
  readonly onRecovered: () => void;
}

// Milliseconds that `close` may take.
const closeTimeout = 2_000;

export class AuditLog implements AuditRecorder {
  readonly #queues: readonly SinkQueue[];
  readonly #deniesWhenFull: boolean;
  #isClosed = false;
  readonly #repeated = new RepeatedEvents((record) => this.#write(record));

  constructor({ sinks, buffer, onFull }: AuditConfig, { onError, onRecovered }: AuditLogContext) {
    this.#deniesWhenFull = onFull === "deny";
    this.#queues = sinks.map((sink) => new SinkQueue({ store: storeOf(sink, onError)!, capacity: buffer, onError, onRecovered }));
  }

  get isFull(): boolean {
    return this.#deniesWhenFull && this.#queues.some((queue) => queue.isFull);
  }

  /** Records that wait for the slowest sink. */
  get waiting(): number {
    return Math.max(...this.#queues.map((queue) => queue.waiting));
  }

  /** Records that were not given to a sink, because its buffer was full. */
  get dropped(): number {
    return this.#queues.reduce((sum, { allDropped }) => sum + allDropped, 0);
  }

  record<Name extends AuditEventName>(name: Name, event: GuardAuditEvents[Name]): Repeat | undefined {
    return this.#isClosed ? undefined : this.#repeated.add(name, event);
  }

  /** Settles when all is written, after two seconds at most. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#repeated.flush();
    await Promise.all(this.#queues.map((queue) => queue.close(closeTimeout)));
  }

  #write(record: AuditRecord): void {
    for (const queue of this.#queues) queue.add(record);
  }
}
