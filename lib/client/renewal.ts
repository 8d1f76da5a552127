/** Renews the session on its open connection: before it ends, and after a login or logout. */
import { refreshEvent } from "../protocol.js";
import { Alarm, stopwatch } from "./alarm.js";
import { adviceOf, backoff, DenialError } from "./denial.js";
import type { Parts } from "./connection.js";

// No session is renewed sooner than this after it began, or when less than this is left of it.
const minInterval = 1_000;

export class SessionRenewal {
  readonly #parts: Parts;
  readonly alarm: Alarm;
  #failures = 0;
  #attempt = 0;
  #remaining: () => number = () => Infinity;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.alarm = new Alarm(parts.time);
  }

  /** A session began that lasts this many milliseconds; null if it has no end. It is renewed after a random 75 to 90 % of that time. */
  schedule(expiresIn: unknown): void {
    const { time } = this.#parts;
    this.stop();
    if (typeof expiresIn !== "number") return;
    const elapsed = stopwatch(time);
    this.#remaining = () => expiresIn - elapsed();
    this.alarm.set(Math.max(expiresIn * (0.75 + 0.15 * time.random()), minInterval), () => void this.renew());
  }

  stop(): void {
    this.#attempt += 1;
    this.#failures = 0;
    this.#remaining = () => Infinity;
    this.alarm.stop();
  }

  /** A renewal that is still in the send buffer belongs to the lost session: it must not reach the next one. */
  onDisconnect(): void {
    const { socket } = this.#parts;
    this.stop();
    socket.sendBuffer = socket.sendBuffer.filter(({ data }) => data[0] !== refreshEvent);
  }

  /** Renews the session. If there is no token, the session runs out. */
  async renew(): Promise<void> {
    const attempt = (this.#attempt += 1);
    const isWanted = (token?: string | null): boolean => attempt === this.#attempt && token !== null;
    try {
      await this.#refresh(isWanted);
    } catch (error) {
      if (!isWanted()) return;
      const denial = error instanceof DenialError ? error.denial : undefined;
      if (denial !== undefined && adviceOf(denial) === "never") this.#parts.listeners.emit("denied", denial);
      else this.#scheduleRetry(denial?.retryAfter ?? 0);
    }
  }

  /** Tells the server about the last login or logout, and settles the pending logins. */
  async syncIdentity(): Promise<void> {
    const { socket, credential, logins } = this.#parts;
    const { epoch } = credential;
    // After another login or logout the next call tells the server, and after a disconnect the next CONNECT does.
    const isWanted = (): boolean => epoch === credential.epoch && socket.connected;
    try {
      if (!(await this.#refresh(isWanted))) return;
      credential.clearGivenToken();
      logins.resolve();
    } catch (error) {
      if (!isWanted()) return;
      credential.clearGivenToken();
      logins.reject(error);
      // A logout must end the user's session, even if the server accepts no guests or does not answer.
      if (credential.isGuest) socket.disconnect();
    }
  }

  /** Sends a token to the server. Resolves with false if that is no longer wanted. */
  async #refresh(isWanted: (token?: string | null) => boolean): Promise<boolean> {
    const { credential, ask, authOf } = this.#parts;
    const fetched = await credential.fetchToken();
    if (!isWanted(fetched.token)) return false;
    const { expiresIn } = await ask(refreshEvent, authOf(fetched.token)) as { expiresIn: unknown };
    if (!isWanted()) return false;
    credential.inUse = fetched;
    this.schedule(expiresIn);
    return true;
  }

  #scheduleRetry(retryAfter: number): void {
    const delay = retryAfter + backoff(this.#failures, this.#parts.time.random());
    this.#failures += 1;
    // If the session ends before that, the server says so.
    if (this.#remaining() - delay >= minInterval) this.alarm.set(delay, () => void this.renew());
  }
}
