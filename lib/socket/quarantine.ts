/** A connection without a session may stay for a while only: whatever it tries meanwhile, and in whatever namespace. */
import { nowhere, type Deadline, type Deadlines } from "../session/deadlines.js";
import type { EngineConnection } from "./internals.js";

interface Stay extends Deadline {
  readonly leave: () => void;
}

export class Quarantine {
  readonly #deadlines: Deadlines;
  readonly #timeout: number;
  readonly #expire: (conn: EngineConnection) => void;
  readonly #stays = new WeakMap<EngineConnection, Stay>();

  /** `timeout` is in milliseconds; `expire` is called with each connection that has no session by then. */
  constructor(deadlines: Deadlines, timeout: number, expire: (conn: EngineConnection) => void) {
    this.#deadlines = deadlines;
    this.#timeout = timeout;
    this.#expire = expire;
  }

  /** From now on it has to get a session. A failed try is no beginning: one that is watched already is not given more time. */
  watch(conn: EngineConnection): void {
    if (this.#stays.has(conn) || conn.readyState === "closing" || conn.readyState === "closed") return;
    const leave = () => this.release(conn);
    const fallDue = () => {
      leave();
      this.#expire(conn);
    };
    const stay: Stay = { dueAt: Date.now() + this.#timeout, place: nowhere, fallDue, leave };
    this.#stays.set(conn, stay);
    this.#deadlines.add(stay);
    conn.once("close", leave);
  }

  /** It has a session, or is gone. */
  release(conn: EngineConnection): void {
    const stay = this.#stays.get(conn);
    if (stay === undefined) return;
    this.#stays.delete(conn);
    this.#deadlines.remove(stay);
    // A connection that stays for days needs nothing of this any more.
    conn.off("close", stay.leave);
  }
}
