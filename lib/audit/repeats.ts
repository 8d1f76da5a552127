/** Counts audit events that repeat, so that a flood of them becomes a few records: the first is written at once, the others as one record with their count. */
import type { AuditEventName, GuardAuditEvents } from "../audit-events.js";
import type { AuditRecord } from "./record.js";
import { recordOf } from "./record-of.js";
import { KindTable, type Kind, type KindLimits } from "./kinds.js";

/** How often one kind of an event is written before the others are counted, and how many kinds are told apart. */
interface Repeats extends KindLimits {
  readonly written: number;
}

// Anybody can cause these. One user or address can make at most 20 kinds, and all together 2,000.
const denial: Repeats = { written: 1, maxKinds: 2_000, maxKindsOfOne: 20 };
// These need a session.
const session: Repeats = { written: 10, maxKinds: 10_000, maxKindsOfOne: 20 };

/** What is not named here is rare, and always written: administrative events. */
const repeats: Partial<Record<AuditEventName, Repeats>> = {
  refused: denial, denied: denial, limitHit: denial, failed: denial, wouldRefuse: denial, wouldDeny: denial, wouldEnd: denial,
  connected: session, refreshed: session, ended: session, roomJoined: session, roomLeft: session,
};

/** Milliseconds from the first event of a kind until those after it are written. */
const defaultWindow = 10_000;
/** For so many milliseconds, kinds are ended in one go. */
const sliceTime = 5;

export class RepeatedEvents {
  readonly #write: (record: AuditRecord) => void;
  readonly #window: number;
  readonly #tables = new Map<AuditEventName, { readonly table: KindTable; readonly written: number }>();
  /** In the order in which they began, which is the order in which they end. */
  readonly #open = new Set<Kind>();
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(write: (record: AuditRecord) => void, window = defaultWindow) {
    this.#write = write;
    this.#window = window;
    for (const [name, { written, ...limits }] of Object.entries(repeats) as [AuditEventName, Repeats][]) this.#tables.set(name, { table: new KindTable(name, limits), written });
  }

  /** Returns the kind of the event, if the next ones like it are counted. */
  add<Name extends AuditEventName>(name: Name, event: GuardAuditEvents[Name]): Kind | undefined {
    const now = Date.now();
    const known = this.#tables.get(name);
    if (known === undefined) {
      this.#write(recordOf(name, event, now));
      return undefined;
    }
    const kind = known.table.kindOf(event);
    kind.latest = withoutIssues(event);
    if (kind.written === known.written) kind.count(now);
    else {
      if (kind.written === 0) this.#begin(kind);
      kind.written += 1;
      this.#write(recordOf(name, event, now));
    }
    return kind.written === known.written ? kind : undefined;
  }

  /** Writes what is counted so far. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const kind of this.#open) this.#end(kind);
  }

  #begin(kind: Kind): void {
    kind.endsAt = performance.now() + this.#window;
    this.#open.add(kind);
    this.#timer ??= setTimeout(() => this.#endDue(), this.#window).unref();
  }

  #endDue(): void {
    this.#timer = undefined;
    // A timer may fire a fraction of a millisecond early.
    const now = performance.now() + 1;
    for (const kind of this.#open) {
      // Thousands may end together: events go on between the slices.
      if (kind.endsAt > now || performance.now() > now + sliceTime) {
        this.#timer = setTimeout(() => this.#endDue(), Math.max(1, kind.endsAt - now)).unref();
        return;
      }
      this.#end(kind);
    }
  }

  #end(kind: Kind): void {
    this.#open.delete(kind);
    kind.forget();
    if (kind.counted === 1) this.#write(recordOf(kind.name, kind.latest as never, kind.last));
    else if (kind.counted > 1) this.#write(summaryOf(kind));
  }
}

/** What a schema finds in a large payload can be larger than that. It is not kept until the kind ends, only its number. */
function withoutIssues(event: object & { readonly issues?: readonly unknown[] }): object {
  return event.issues === undefined ? event : { ...event, issues: event.issues.length };
}

/** Its fields are those of the last event, as far as all have them in common. */
function summaryOf({ name, shared, latest, counted, first, last }: Kind): AuditRecord {
  const { event, room, subject, address, code, source, limit, ...others } = recordOf(name, latest as never, last);
  const who = subject === undefined ? { address } : { subject };
  const common = {
    all: { ...others, subject, address, event, room },
    who,
    code: {},
  }[shared];
  return withoutUndefined({ ...common, time: last, type: name, code, source, limit, count: counted, first, last });
}

function withoutUndefined(record: { readonly [Name in keyof AuditRecord]: AuditRecord[Name] | undefined }): AuditRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as unknown as AuditRecord;
}
