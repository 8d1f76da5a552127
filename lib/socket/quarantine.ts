/** A connection without a session may stay for a while only: whatever it tries meanwhile, and in whatever namespace. */
import { nowhere, type Deadline, type Deadlines } from "../session/deadlines.js";
import type { EngineConnection } from "./internals.js";

export class Quarantine {
  readonly #deadlines: Deadlines;
  readonly #within: number;
  readonly #expire: (conn: EngineConnection) => void;
  readonly #stays = new WeakMap<EngineConnection, Deadline>();

  /** `within` is in milliseconds; `expire` is called with each connection that has no session by then. */
  constructor(deadlines: Deadlines, within: number, expire: (conn: EngineConnection) => void) {
    this.#deadlines = deadlines;
    this.#within = within;
    this.#expire = expire;
  }

  /** From now on it has to get a session. A failed try is no beginning: one that is watched already is not given more time. */
  watch(conn: EngineConnection): void {
    if (this.#stays.has(conn) || conn.readyState === "closing" || conn.readyState === "closed") return;
    const fallDue = () => {
      this.#stays.delete(conn);
      this.#expire(conn);
    };
    const stay: Deadline = { dueAt: Date.now() + this.#within, place: nowhere, clock: Date.now, fallDue };
    this.#stays.set(conn, stay);
    this.#deadlines.add(stay);
    conn.once("close", () => this.release(conn));
  }

  /** It has a session, or is gone. */
  release(conn: EngineConnection): void {
    const stay = this.#stays.get(conn);
    if (stay === undefined) return;
    this.#stays.delete(conn);
    this.#deadlines.remove(stay);
  }
}
