/** The packets of one socket take turns: while an answer is awaited for one, those behind it wait, in order and not more than the limit. */
import type { Packet } from "./internals.js";

/** What is done when a turn comes. */
export interface TurnTaker {
  readonly hasEnded: boolean;
  /** Whether the session holds now; if not, the packet is refused. */
  stillHolds(packet: Packet): boolean;
  takeTurn(packet: Packet): void;
}

export class Turns {
  readonly #taker: TurnTaker;
  readonly #limit: number;
  readonly #waiting: Packet[] = [];
  #awaited: Packet | undefined = undefined;
  #areTaken = false;

  constructor(taker: TurnTaker, limit: number) {
    this.#taker = taker;
    this.#limit = limit;
  }

  /** Whether a packet that comes now must wait. */
  get areTaken(): boolean {
    return this.#areTaken;
  }

  /** False if there is no place left. */
  add(packet: Packet): boolean {
    if (this.#waiting.length >= this.#limit) return false;
    this.#waiting.push(packet);
    return true;
  }

  /** Does `settled` with the answer, if the session still holds. What that throws must be thrown as it is in Socket.IO: outside of any promise. */
  wait<Answer>(packet: Packet, answer: Promise<Answer>, settled: (answer: Answer) => void): void {
    this.#areTaken = true;
    this.#awaited = packet;
    void answer.then((value) => process.nextTick(() => this.#take(() => {
      this.#awaited = undefined;
      if (this.#taker.stillHolds(packet)) settled(value);
    })));
  }

  /** Everything that has had no answer: nothing of it will be decided any more. */
  empty(): readonly Packet[] {
    const unanswered = this.#awaited === undefined ? [] : [this.#awaited];
    return [...unanswered, ...this.#waiting.splice(0)];
  }

  #take(turn: () => void): void {
    // What has had no answer gets one when the connection closes.
    if (this.#taker.hasEnded) return;
    try {
      turn();
    } finally {
      // Unless this one is waited for in its turn.
      if (this.#awaited === undefined) this.#advance();
    }
  }

  #advance(): void {
    if (this.#waiting.length === 0) this.#areTaken = false;
    else process.nextTick(() => this.#take(() => this.#taker.takeTurn(this.#waiting.shift()!)));
  }
}
