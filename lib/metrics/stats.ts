/** What `guarded.stats()` returns. */
import type { FailureSource } from "../failure-warnings.js";
import type { GuardModes } from "../mode.js";

/** Whether this node is ready, the number of sessions now, and counts since the start. */
export interface GuardStats {
  /** Whether the keys are loaded, the store has been read within `maxStaleness`, and the guard is not closed. */
  readonly ready: boolean;
  /** Since when this node is not ready, in epoch milliseconds; left out while it is ready. */
  readonly notReadySince?: number;
  /** What is not ready: the names of authenticators whose keys are not loaded, `store` if it cannot be read, `guard` once it is closed. */
  readonly notReady: readonly string[];
  /** Whether the guard enforces its rules, or only reports. */
  readonly mode: GuardModes;
  /** Open sessions of this node. */
  readonly sessions: number;
  /** Events that were allowed, without the guard's own. */
  readonly allowed: number;
  /** Events that were denied. */
  readonly denied: number;
  /** Handshakes and HTTP requests that were refused. */
  readonly refused: number;
  /**
   * Events by what became of them: `code` is "allowed" or the code of the denial. `event` is the name that is declared; all other names of
   * clients are "undeclared". The guard's own events, such as `guard:join`, have their own names. A denial code that is not one of the guard's is "other".
   */
  readonly verdicts: readonly { readonly event: string; readonly code: string; readonly count: number }[];
  /** Handshakes by the authenticator that answered, or "none", and by `code`: "connected", or the code of the refusal. */
  readonly handshakes: readonly { readonly method: string; readonly code: string; readonly count: number }[];
  /** How often a client was over each limit. A limit that was never reached is left out. */
  readonly limitHits: Readonly<Record<string, number>>;
  /** How often your code, or a service that the guard needs, has failed: the audit events `failed` by their `source`. */
  readonly failures: Readonly<Partial<Record<FailureSource, number>>>;
  /** Handshakes that are being verified now. */
  readonly pendingHandshakes: number;
  /** Packets that wait now, because an asynchronous check of an earlier one of the same socket is at work. */
  readonly waiting: number;
  /** Memberships of rooms on this node: a client in three rooms has three. Rooms that `socket.join` joins do not count. */
  readonly memberships: number;
  /** Milliseconds since this node last knew everything that is in the store. Left out without a store. */
  readonly storeStaleness?: number;
  /** Audit records that wait for the slowest sink now, and that were dropped since the start because a buffer was full. Left out without sinks. */
  readonly audit?: { readonly waiting: number; readonly dropped: number };
}
