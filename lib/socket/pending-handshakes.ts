/** The handshakes of one connection that are not answered yet: how many there may be, and how many run at the same time. */
import type { Gate } from "./gate.js";

const maxPending = 32;
const maxRunning = 4;

export class PendingHandshakes {
  /** CONNECTs that have no socket yet. */
  #arriving = 0;
  /** One for each namespace. There are so few that searching a list is faster than creating a map. */
  readonly #gates: Gate[] = [];
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.#arriving + this.#gates.length === 0;
  }

  /** Counts a CONNECT. Returns false for one too many: that is a flood. */
  arrive(): boolean {
    if (this.#arriving + this.#gates.length >= maxPending) return false;
    this.#arriving += 1;
    return true;
  }

  /** Starts a handshake, now or when it is its turn. Returns false for a second one in the same namespace. */
  enter(gate: Gate, start: () => void): boolean {
    this.#arriving -= 1;
    if (this.#gates.some(({ socket }) => socket.nsp === gate.socket.nsp)) return false;
    this.#gates.push(gate);
    if (this.#running < maxRunning) {
      this.#running += 1;
      start();
    } else {
      this.#waiting.push(start);
    }
    return true;
  }

  /** The socket of this gate is connected, or was refused: the next handshake starts. */
  answered(gate: Gate): void {
    const index = this.#gates.indexOf(gate);
    if (index < 0) return;
    this.#gates.splice(index, 1);
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
