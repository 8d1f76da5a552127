/** Renews the session on its open connection: before it ends, and after a login or logout. */
import { refreshEvent } from "../protocol.js";
import { stopwatch } from "./alarm.js";
import { adviceOf, backoff, type DenialError } from "./denial.js";
import type { Parts } from "./connection.js";

// No session is renewed sooner than this after it began, or when less than this is left of it.
const minInterval = 1_000;

export class SessionRenewal {
  readonly #parts: Parts;
  #failures = 0;
  #attempt = 0;
  #remaining: () => number = () => Infinity;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A session began that lasts this many milliseconds; null if it has no end. It is renewed after a random 75 to 90 % of that time. */
  start(expiresIn: unknown): void {
    const { time } = this.#parts;
    this.stop();
    if (typeof expiresIn !== "number") return;
    const elapsed = stopwatch(time);
    this.#remaining = () => expiresIn - elapsed();
    this.#parts.alarm.set(Math.max(expiresIn * (0.75 + 0.15 * time.Math.random()), minInterval), () => void this.renew());
  }

  stop(): void {
    this.#attempt += 1;
    this.#failures = 0;
    this.#parts.alarm.stop();
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
      const denial = (error as Partial<DenialError> | undefined)?.denial;
      if (denial && adviceOf(denial) === "never") this.#parts.listeners.emit("denied", denial);
      else this.#scheduleRetry(denial?.retryAfter ?? 0);
    }
  }

  /** Tells the server about the last login or logout, and settles the pending logins. */
  async sync(): Promise<void> {
    const { socket, credential, logins } = this.#parts;
    const { epoch } = credential;
    // After another login or logout the next call tells the server, and after a disconnect the next CONNECT does.
    const isWanted = (): boolean => epoch === credential.epoch && socket.connected;
    try {
      await this.#refresh(isWanted);
      if (!isWanted()) return;
      credential.clear();
      logins.resolve();
    } catch (error) {
      if (!isWanted()) return;
      credential.clear();
      logins.reject(error);
      // A logout must end the user's session, even if the server accepts no guests or does not answer.
      if (credential.isGuest) socket.disconnect();
    }
  }

  /** Sends a token to the server, unless that is no longer wanted. */
  async #refresh(isWanted: (token?: string | null) => boolean): Promise<void> {
    const { credential, ask, authOf } = this.#parts;
    const fetched = await credential.fetch();
    if (!isWanted(fetched.token)) return;
    const { expiresIn } = await ask(refreshEvent, authOf(fetched.token)) as { expiresIn: unknown };
    if (!isWanted()) return;
    credential.inUse = fetched;
    this.start(expiresIn);
  }

  #scheduleRetry(retryAfter: number): void {
    const delay = retryAfter + backoff(this.#parts.time, this.#failures++);
    // If the session ends before that, the server says so.
    if (this.#remaining() - delay >= minInterval) this.#parts.alarm.set(delay, () => void this.renew());
  }
}
