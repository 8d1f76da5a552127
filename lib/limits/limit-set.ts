/** All limits of a guard: those of `limits`, and those of its rules. */
import { LimitRefusal, unlimited, type EventLimits, type Limit, type LimitHit, type LimitName } from "./limit.js";
import type { Limits } from "./options.js";
import { readRate, type ParsedRate } from "./rate.js";
import type { Sender } from "./sender.js";
import type { SharedLimits, Taken } from "./shared-limits.js";
import { SteadyClock } from "./steady-clock.js";
import { Windows } from "./windows.js";

/** By which key of a sender of events a limit counts: the arguments of `Sender.keyOf`. */
export const eventKeyIndexes = { connection: 0, address: 1, user: 2, server: 3, event: 4 } as const;
/** Those of one who publishes in a room. */
export const publishKeyIndexes = { everywhere: 0, inRoom: 1, room: 2 } as const;

const defaultKeys = 100_000;
// What Pusher allows: client events, at most ten a second.
const publishRate = readRate("10/1s", "limit");

/** Gives back the places of an event that is denied. */
export type Undo = () => void;

export class LimitSet {
  readonly #clock = new SteadyClock();
  /** What each event counts in, whatever its rule says. */
  readonly ofEveryEvent: EventLimits;
  readonly #shared: SharedLimits | undefined;
  readonly #room: Limit | undefined;
  /** By what they count and their rate: rules that are replaced go on counting. */
  readonly #ofRules = new Map<string, Limit>();

  #lastRefusal: { readonly event: string; readonly refusal: LimitRefusal } | undefined = undefined;

  /** `shared` counts with the other nodes; undefined if this node counts alone. */
  constructor(limits: Pick<Limits, "connection" | "address" | "user" | "server" | "room" | "connections">, shared: SharedLimits | undefined) {
    this.#shared = shared;
    this.#room = limits.room && limitOf("room", limits.room, publishKeyIndexes.room, "room");
    // The cheapest first: one connection that floods costs the others nothing.
    const names = ["connection", "address", "user", "server"] as const;
    this.ofEveryEvent = this.#divide(names.flatMap((name) => {
      const rate = limits[name];
      // Each connection that is open keeps its window.
      const maxKeys = name === "connection" ? Math.max(limits.connections.server, defaultKeys) : defaultKeys;
      return rate === undefined ? [] : [limitOf(name, rate, eventKeyIndexes[name], name, maxKeys)];
    }));
  }

  /** What an event counts in. `rate` is that of its rule. */
  ofEvent(event: string, rate: ParsedRate | undefined): EventLimits {
    if (rate === undefined) return this.ofEveryEvent;
    const own = this.#divide([this.#ofRule(`event ${event}`, rate, eventKeyIndexes.event)]);
    const { local, shared } = this.ofEveryEvent;
    return { local: [...local, ...own.local], shared: [...shared, ...own.shared] };
  }

  /** What an event that members publish counts in besides. Without a rate of its own, it counts with all others that have none: ten in any second. */
  ofPublish(pattern: string, event: string, rate: ParsedRate | undefined): EventLimits {
    const own = rate === undefined
      ? this.#ofRule("publish", publishRate, publishKeyIndexes.everywhere)
      : this.#ofRule(`publish ${event} ${pattern}`, rate, publishKeyIndexes.inRoom);
    return this.#divide([own, ...(this.#room === undefined ? [] : [this.#room])]);
  }

  /**
   * Takes a place in each limit. Returns undefined, or the limit that is reached. If nodes count together, returns a promise of the limit
   * that is reached, or of what gives the places back. `now` is what `Date.now()` returns.
   */
  take(sender: Sender, limits: EventLimits, now: number): undefined | LimitHit | Promise<LimitHit | Undo> {
    const hit = sender.take(limits.local, this.#clock.at(now));
    return hit !== undefined || limits.shared.length === 0 ? hit : this.#takeShared(sender, limits.shared);
  }

  /** Why an event is denied. In a flood, many are within a millisecond, for the same reason. */
  refusalOf(hit: LimitHit, event: string): LimitRefusal {
    const last = this.#lastRefusal;
    const isSame = last !== undefined && last.event === event && last.refusal.hit.limit === hit.limit && last.refusal.hit.wait === hit.wait;
    if (isSame) return last.refusal;
    const refusal = new LimitRefusal(hit, { event });
    this.#lastRefusal = { event, refusal };
    return refusal;
  }

  #takeShared(sender: Sender, limits: readonly Limit[]): undefined | LimitHit | Promise<LimitHit | Undo> {
    const applied = limits.flatMap((limit) => {
      const key = sender.keyOf(limit.keyIndex);
      return key === undefined ? [] : [{ limit, name: limit.sharedName, key, rate: limit.windows.rate }];
    });
    if (applied.length === 0) return undefined;
    const undo = sender.keep();
    const settle = ({ wait, window, giveBack }: Taken): LimitHit | Undo => {
      if (wait === 0) return () => { undo(); giveBack(); };
      undo();
      return { limit: applied.find((one) => one === window)!.limit, wait };
    };
    const taken = this.#shared!.take(applied);
    if (taken instanceof Promise) return taken.then(settle);
    const settled = settle(taken);
    return typeof settled === "function" ? Promise.resolve(settled) : settled;
  }

  #ofRule(what: string, rate: ParsedRate, keyIndex: number): Limit {
    const key = `${rate.text} ${what}`;
    let limit = this.#ofRules.get(key);
    if (limit === undefined) this.#ofRules.set(key, (limit = limitOf("event", rate, keyIndex, what)));
    return limit;
  }

  /** One connection is always on one node. */
  #divide(limits: readonly Limit[]): EventLimits {
    if (limits.length === 0) return unlimited;
    const isLocal = ({ name }: Limit): boolean => this.#shared === undefined || name === "connection";
    return { local: limits.filter(isLocal), shared: limits.filter((limit) => !isLocal(limit)) };
  }
}

function limitOf(name: LimitName, rate: ParsedRate, keyIndex: number, sharedName: string, maxKeys = defaultKeys): Limit {
  return { name, windows: new Windows(rate, maxKeys), keyIndex, sharedName };
}
