/** Events that a limit of the server has denied wait here and are sent again, in order. Only a client with `waitForLimits` loads this file. */
import type { Denial, PublishRequest } from "../protocol.js";
import type { Parts } from "./connection.js";
import type { DenialError } from "./denial.js";

type Args = Parameters<Parts["ask"]>;

/** An event of the page. */
interface Sent {
  readonly args: Args;
  /** Its place among all events of the client. */
  readonly place: number;
}

interface Waiting extends Sent {
  /** When it gives up. */
  readonly until: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The events of one name that wait. The first of them is sent when the server has said that it may be. */
class Line {
  readonly #parts: Parts;
  readonly #onEmpty: () => void;
  #waiting: Waiting[] = [];
  /** Why they wait. */
  #denial: Denial;
  #timer: unknown;
  #hasEnded = false;

  constructor(parts: Parts, denial: Denial, onEmpty: () => void) {
    this.#parts = parts;
    this.#denial = denial;
    this.#onEmpty = onEmpty;
  }

  /** Adds an event at its place. */
  add({ args, place }: Sent): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const later = this.#waiting.findIndex((other) => other.place > place);
      const until = this.#parts.time.performance.now() + this.#parts.waitForLimits!;
      this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, { args, place, until, resolve, reject });
    });
  }

  /** Waits for as long as the denial says, and a random tenth more, so that not all clients come at the same time. */
  wait(denial = this.#denial): void {
    const { time } = this.#parts;
    const delay = denial.retryAfter! * (1 + time.Math.random() / 10);
    const readyAt = time.performance.now() + delay;
    this.#denial = denial;
    this.#reject(({ until }) => until < readyAt);
    this.#timer = time.setTimeout(() => void this.#sendAll(), delay);
    if (this.#waiting.length === 0) this.end();
  }

  /** All that wait reject with the denial. */
  end(): void {
    this.#hasEnded = true;
    this.#parts.time.clearTimeout(this.#timer);
    this.#onEmpty();
    this.#reject(() => true);
  }

  /** Sends one after the other, until a limit denies one again. */
  async #sendAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        next.resolve(await this.#parts.ask(...next.args));
      } catch (error) {
        if (isLimited(error) && !this.#hasEnded) {
          this.#waiting.unshift(next);
          return this.wait(error.denial);
        }
        next.reject(error);
      }
    }
    if (!this.#hasEnded) this.end();
  }

  #reject(isOver: (waiting: Waiting) => boolean): void {
    const over = this.#waiting.filter(isOver);
    this.#waiting = this.#waiting.filter((waiting) => !isOver(waiting));
    for (const { reject } of over) reject(new this.#parts.DenialError(this.#denial));
  }
}

/** What a client sends: for each name, one line at most. */
class Sender {
  readonly #parts: Parts;
  readonly #lines = new Map<string, Line>();
  #places = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { listeners, closed } = parts;
    const subject = (): unknown => (listeners.state.status === "connected" ? listeners.state.session?.subject : undefined);
    let current = subject();
    // What one user has sent must not be sent for another one.
    listeners.on("state", () => {
      if (subject() === current) return;
      current = subject();
      this.#endAll();
    });
    closed.addEventListener("abort", () => this.#endAll());
  }

  async send(args: Args): Promise<unknown> {
    const sent: Sent = { args, place: (this.#places += 1) };
    const line = this.#lines.get(nameOf(args));
    if (line !== undefined) return line.add(sent);
    try {
      return await this.#parts.ask(...args);
    } catch (error) {
      if (!isLimited(error) || this.#parts.closed.aborted) throw error;
      return this.#wait(sent, error.denial);
    }
  }

  #wait(sent: Sent, denial: Denial): Promise<unknown> {
    const name = nameOf(sent.args);
    // Another one of the same name, which was sent before this denial came, may wait already.
    const line = this.#lines.get(name);
    if (line !== undefined) return line.add(sent);
    const begun = new Line(this.#parts, denial, () => this.#lines.delete(name));
    this.#lines.set(name, begun);
    const answer = begun.add(sent);
    begun.wait();
    return answer;
  }

  #endAll(): void {
    for (const line of [...this.#lines.values()]) line.end();
  }
}

/** Returns the function that sends events. If a limit denies one, or an event of the same name waits, it waits. */
export function sender(parts: Parts): Parts["ask"] {
  const sending = new Sender(parts);
  return (...args) => sending.send(args);
}

function isLimited(error: unknown): error is DenialError {
  const { code, retryAfter } = error as Partial<DenialError>;
  return code === "rate_limited" && retryAfter! > 0;
}

/** The event's name; of an event of a room, with the name of the room. */
function nameOf([event, request]: Args): string {
  if (event !== "guard:publish") return event;
  const { room, event: published } = request as PublishRequest;
  return JSON.stringify([room, published]);
}
