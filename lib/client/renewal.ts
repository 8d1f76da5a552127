/** Renews the session in place: before it ends, and when somebody logs in or out. */
import { refreshEvent, type RefreshAnswer } from "../protocol.js";
import { Alarm } from "./alarm.js";
import { adviceOf, backoff } from "./backoff.js";
import type { Parts } from "./connection.js";
import type { Fetched } from "./credential.js";
import { DenialError, isDenied } from "./denial-error.js";
import { stopwatch } from "./time.js";

// Nothing is renewed more often than this, nor tried when less than this is left.
const shortest = 1_000;

export class Renewal {
  readonly #parts: Parts;
  readonly alarm: Alarm;
  #failed = 0;
  #attempt = 0;
  #left: () => number = () => Infinity;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.alarm = new Alarm(parts.time);
  }

  /** A session of this many milliseconds began, or one without an end: it is renewed when 75 to 90 % of it are over. */
  schedule(expiresIn: unknown): void {
    const { time } = this.#parts;
    this.stop();
    if (typeof expiresIn !== "number") return;
    const elapsed = stopwatch(time);
    this.#left = () => expiresIn - elapsed();
    this.alarm.set(Math.max(expiresIn * (0.75 + 0.15 * time.random()), shortest), () => void this.renew());
  }

  stop(): void {
    this.#attempt += 1;
    this.#failed = 0;
    this.#left = () => Infinity;
    this.alarm.stop();
  }

  /** The connection is gone, and on the next one nothing that was to be sent here is true any more. */
  disconnected(): void {
    const { socket } = this.#parts;
    this.stop();
    socket.sendBuffer = socket.sendBuffer.filter(({ data }) => data[0] !== refreshEvent);
  }

  /** Renews what there is: without a token, the session runs out. */
  async renew(): Promise<void> {
    const { credential, listeners } = this.#parts;
    const attempt = (this.#attempt += 1);
    let retryAfter = 0;
    try {
      const fetched = await credential.fetch();
      if (attempt !== this.#attempt || fetched.token === null) return;
      const answer = await this.#send(fetched);
      if (attempt !== this.#attempt) return;
      if (!isDenied(answer)) return this.#renewed(fetched, answer.expiresIn);
      if (adviceOf(answer.error) === "never") return listeners.tell("denied", answer.error);
      retryAfter = answer.error.retryAfter ?? 0;
    } catch {
      if (attempt !== this.#attempt) return;
    }
    this.#again(retryAfter);
  }

  /** Tells the server of the last login or logout, and the logins what it says. */
  async change(): Promise<void> {
    const { socket, credential, logins } = this.#parts;
    const { turn } = credential;
    // Whatever changed meanwhile is told by the next call, or by the next connect.
    const isCurrent = (): boolean => turn === credential.turn && socket.connected;
    try {
      const fetched = await credential.fetch();
      if (!isCurrent()) return;
      const answer = await this.#send(fetched);
      if (!isCurrent()) return;
      if (isDenied(answer)) throw new DenialError(answer.error);
      this.#renewed(fetched, answer.expiresIn);
      credential.spend();
      logins.succeed();
    } catch (error) {
      if (!isCurrent()) return;
      credential.spend();
      logins.fail(error);
      // Who has left has no session, in one way or the other.
      if (credential.isGuest) socket.disconnect();
    }
  }

  #send({ token }: Fetched): Promise<RefreshAnswer> {
    const { socket, authOf, ackTimeout } = this.#parts;
    return socket.timeout(ackTimeout).emitWithAck(refreshEvent, authOf(token)) as Promise<RefreshAnswer>;
  }

  #renewed(fetched: Fetched, expiresIn: number | null): void {
    this.#parts.credential.use(fetched);
    this.schedule(expiresIn);
  }

  #again(retryAfter: number): void {
    const wait = retryAfter + backoff(this.#failed, this.#parts.time.random());
    this.#failed += 1;
    // Else the session ends, and the server says so.
    if (this.#left() - wait >= shortest) this.alarm.set(wait, () => void this.renew());
  }
}
