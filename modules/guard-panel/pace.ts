/** Limits how many decisions about one connection are sent in a second. The next one says how many were left out. */
const perSecond = 30;

export class Pace {
  #second = 0;
  #sent = 0;
  #omitted = { allowed: 0, denied: 0 };

  /** Whether a decision may be sent now. If not, it counts as left out. */
  allows(kind: string, now = Date.now()): boolean {
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) [this.#second, this.#sent] = [second, 0];
    this.#sent += 1;
    if (this.#sent <= perSecond) return true;
    if (kind === "allowed" || kind === "denied") this.#omitted[kind] += 1;
    return false;
  }

  /** What was left out since the last call; undefined for nothing. */
  omitted(): { allowed: number; denied: number } | undefined {
    const omitted = this.#omitted;
    if (omitted.allowed + omitted.denied === 0) return undefined;
    this.#omitted = { allowed: 0, denied: 0 };
    return omitted;
  }
}
