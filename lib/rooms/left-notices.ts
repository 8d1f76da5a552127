/** Tells the clients that were removed from rooms at once, in slices: thousands may have lost a right by one change of the rules. */
import { sendLeft } from "../socket/notify.js";
import type { Refusal } from "../refusal.js";
import { membershipsOf, type Membership } from "./membership.js";

// Milliseconds. A notice costs some 20 us.
const sliceTime = 5;

interface Left {
  readonly membership: Membership;
  readonly refusal: Refusal;
}

export class LeftNotices {
  readonly #waiting: Left[] = [];
  #isScheduled = false;

  add(membership: Membership, refusal: Refusal): void {
    this.#waiting.push({ membership, refusal });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#tellSome());
  }

  #tellSome(): void {
    this.#isScheduled = false;
    const sliceEnd = performance.now() + sliceTime;
    let told = 0;
    for (; told < this.#waiting.length && performance.now() < sliceEnd; told += 1) tell(this.#waiting[told]!);
    this.#waiting.splice(0, told);
    if (this.#waiting.length > 0) this.#schedule();
  }
}

/** Unless it has joined again meanwhile, or is gone: its client may have another socket on the same connection. */
function tell({ membership: { gate, room }, refusal }: Left): void {
  if (gate.socket.connected && !membershipsOf(gate).has(room)) sendLeft(gate.socket, refusal.denial);
}
