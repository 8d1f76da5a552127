/** Tells the kinds of an audit event apart: by who caused it, its event or room, and its code. Their number is limited; beyond that, they fall together. */
import type { AuditEventName, Repeat } from "../audit-events.js";

export interface KindLimits {
  /** The most kinds of one audit event. */
  readonly maxKinds: number;
  /** The most kinds of one user, or of one address. */
  readonly maxKindsOfOne: number;
}

/** What tells kinds apart. */
interface Traits {
  readonly subject?: string | undefined;
  readonly address?: string;
  readonly event?: string;
  readonly room?: string;
  readonly code?: string;
  readonly source?: string;
  readonly limit?: string;
}

/** Events that are alike. */
export class Kind implements Repeat {
  readonly name: AuditEventName;
  /** What its events have in common: "all" traits, or "who" and the code, or only the "code". */
  readonly shared: "all" | "who" | "code";
  readonly #forget: () => void;
  /** How many were written one by one. */
  written = 0;
  /** How many were not, and when the first and the last of them were. */
  counted = 0;
  first = 0;
  last = 0;
  latest: object | undefined = undefined;
  /** Milliseconds of the monotonic clock. */
  endsAt = 0;
  isOpen = true;

  constructor(name: AuditEventName, shared: Kind["shared"], forget: () => void) {
    this.name = name;
    this.shared = shared;
    this.#forget = forget;
  }

  count(now: number): void {
    if (this.counted === 0) this.first = now;
    this.counted += 1;
    this.last = now;
  }

  /** The next event that is like these begins anew. */
  forget(): void {
    this.isOpen = false;
    this.#forget();
  }
}

/** The kinds of one user or address: by code, and then by event or room. */
class KindsOfOne {
  readonly byCode = new Map<string, Map<string, Kind>>();
  size = 0;
}

export class KindTable {
  readonly #name: AuditEventName;
  readonly #limits: KindLimits;
  readonly #bySubject = new Map<string, KindsOfOne>();
  readonly #byAddress = new Map<string, KindsOfOne>();
  readonly #others = new KindsOfOne();
  #size = 0;

  constructor(name: AuditEventName, limits: KindLimits) {
    this.#name = name;
    this.#limits = limits;
  }

  kindOf(event: object): Kind {
    const { subject, address = "", event: eventName = "", room, code, source, limit } = event as Traits;
    const whos = subject === undefined ? this.#byAddress : this.#bySubject;
    const who = subject ?? address;
    const why = code ?? source ?? limit ?? "";
    const what = room === undefined ? eventName : `${eventName} ${room}`;
    return whos.get(who)?.byCode.get(why)?.get(what) ?? this.#newKind(whos, who, why, what);
  }

  #newKind(whos: Map<string, KindsOfOne>, who: string, why: string, what: string): Kind {
    const { maxKinds, maxKindsOfOne } = this.#limits;
    const ofOne = whos.get(who);
    const isOneFull = ofOne !== undefined && ofOne.size >= maxKindsOfOne;
    const merged = isOneFull ? ofOne.byCode.get(why)?.get(anything) : undefined;
    if (merged !== undefined) return merged;
    if (this.#size >= maxKinds) return find(this.#others, why, anything) ?? this.#add("code", this.#others, why, anything, () => undefined);
    const kinds = ofOne ?? new KindsOfOne();
    whos.set(who, kinds);
    this.#size += 1;
    return this.#add(isOneFull ? "who" : "all", kinds, why, isOneFull ? anything : what, () => {
      this.#size -= 1;
      if (kinds.size === 0) whos.delete(who);
    });
  }

  #add(shared: Kind["shared"], kinds: KindsOfOne, why: string, what: string, forgotten: () => void): Kind {
    const kind = new Kind(this.#name, shared, () => {
      kinds.size -= 1;
      const byWhat = kinds.byCode.get(why)!;
      byWhat.delete(what);
      if (byWhat.size === 0) kinds.byCode.delete(why);
      forgotten();
    });
    const byWhat = kinds.byCode.get(why) ?? new Map<string, Kind>();
    kinds.byCode.set(why, byWhat.set(what, kind));
    kinds.size += 1;
    return kind;
  }
}

function find(kinds: KindsOfOne, why: string, what: string): Kind | undefined {
  return kinds.byCode.get(why)?.get(what);
}

// No event has this name, because names are cut to 128 characters.
const anything = "*".repeat(129);
