/** One compiled rule: what an event's arguments and its session are held against, and the verdict. */
import { denial, isDenial, type Denial } from "../protocol.js";
import type { LiveSession, Session } from "../session/session.js";
import { isPromiseLike } from "../callbacks.js";
import { anyone, looksAtUserOnly } from "./checks.js";
import type { PayloadReader } from "./payload.js";
import type { Anyone, Check, CheckContext, OnDenied } from "./rules.js";

/** True allows; a denial says why not. */
export type Verdict = true | Denial;

export type AnyCheck = Check<unknown>;

/** What a rule is made of, once it has been read. */
export interface RuleParts {
  /** The event's name; undefined where the rule is for all that have none. */
  readonly event: string | undefined;
  readonly allow: AnyCheck | Anyone;
  readonly payload: PayloadReader | undefined;
  readonly onDenied: OnDenied;
  /** Milliseconds that an asynchronous check may take. */
  readonly checkTimeout: number;
  /** Hears what a check threw. */
  readonly failed: (event: string, error: unknown) => void;
}

/** What the gate asks about an event. */
export interface EventRule {
  readonly onDenied: OnDenied;
  /** With a payload, the handler is always given a function last. */
  readonly hasPayload: boolean;
  /** Decides `[event, ...args]` for a session that holds now. A promise only if a check or a schema answered with one. */
  decide(session: LiveSession, data: unknown[]): Verdict | Promise<Verdict>;
  /** Decides once more what was allowed, for a user that has changed since: the arguments are parsed already. */
  ask(session: LiveSession, data: unknown[]): Verdict | Promise<Verdict>;
}

/** The rule of all events that have none: a guest, too, is told just that. */
export class UnlistedRule implements EventRule {
  readonly onDenied: OnDenied;
  readonly hasPayload = false;

  constructor(onDenied: OnDenied) {
    this.onDenied = onDenied;
  }

  decide(_session: LiveSession, data: unknown[]): Verdict {
    return denial("event_unlisted", { event: data[0] as string });
  }

  ask(session: LiveSession, data: unknown[]): Verdict {
    return this.decide(session, data);
  }
}

export class CompiledRule implements EventRule {
  readonly onDenied: OnDenied;
  readonly hasPayload: boolean;
  readonly #check: AnyCheck | undefined;
  readonly #looksAtUserOnly: boolean;
  readonly #payload: PayloadReader | undefined;
  readonly #parts: RuleParts;
  /** Made once: a denied event is not to cost more than an allowed one. */
  readonly #forbidden: Denial | undefined;

  constructor(parts: RuleParts) {
    this.onDenied = parts.onDenied;
    this.hasPayload = parts.payload !== undefined;
    this.#check = parts.allow === anyone ? undefined : (parts.allow as AnyCheck);
    this.#looksAtUserOnly = this.#check !== undefined && looksAtUserOnly(this.#check);
    this.#payload = parts.payload;
    this.#parts = parts;
    this.#forbidden = parts.event === undefined ? undefined : Object.freeze(denial("forbidden", { event: parts.event }));
  }

  decide(session: LiveSession, data: unknown[]): Verdict | Promise<Verdict> {
    if (this.#check !== undefined && session.guest) return denial("token_missing", { event: data[0] as string });
    try {
      if (this.#payload === undefined) return this.#ask(session, data);
      const problem = this.#payload(data);
      if (problem === undefined) return this.#ask(session, data);
      if (!(problem instanceof Promise)) return problem;
      const turn: Turn = { isOver: false, context: undefined };
      return this.#inTime(data, turn, this.#askAfter(problem, session, data, turn));
    } catch (error) {
      return this.#failure(data, error);
    }
  }

  ask(session: LiveSession, data: unknown[]): Verdict | Promise<Verdict> {
    if (this.#check !== undefined && session.guest) return denial("token_missing", { event: data[0] as string });
    try {
      return this.#ask(session, data);
    } catch (error) {
      return this.#failure(data, error);
    }
  }

  #ask(session: LiveSession, data: unknown[]): Verdict | Promise<Verdict> {
    const check = this.#check;
    if (check === undefined) return true;
    if (this.#looksAtUserOnly) {
      // Such a check reads `user`, which a session has too: no context is made on the hot path.
      const answer = check(session as unknown as CheckContext<unknown>);
      return answer === true ? true : this.#verdict(data, answer);
    }
    const context = new EventContext(session, data);
    const answer: unknown = check(context);
    if (answer === true) return true;
    return isPromiseLike(answer) ? this.#inTime(data, { isOver: false, context }, Promise.resolve(answer)) : this.#verdict(data, answer);
  }

  async #askAfter(problem: Promise<Denial | undefined>, session: LiveSession, data: unknown[], turn: Turn): Promise<unknown> {
    const found = await problem;
    if (found !== undefined || turn.isOver) return found;
    const invalid = session.invalidity(Date.now());
    if (invalid !== undefined) return invalid.denial;
    if (this.#check === undefined) return true;
    turn.context = new EventContext(session, data);
    return this.#check(turn.context);
  }

  /** The verdict of what answers later: the time is bounded, and a check that is too late is told through its signal. */
  async #inTime(data: unknown[], turn: Turn, answer: Promise<unknown>): Promise<Verdict> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<Denial>((resolve) => {
      timer = setTimeout(() => resolve(this.#timedOut(data)), this.#parts.checkTimeout);
    });
    try {
      return this.#verdict(data, await Promise.race([answer, tooLate]));
    } catch (error) {
      return this.#failure(data, error);
    } finally {
      clearTimeout(timer);
      turn.isOver = true;
      turn.context?.over();
    }
  }

  #verdict(data: unknown[], answer: unknown): Verdict {
    if (answer === true) return true;
    const event = data[0] as string;
    if (answer === false) return this.#forbidden ?? denial("forbidden", { event });
    if (isDenial(answer)) return { ...answer, event: answer.event ?? event.slice(0, 128) };
    return this.#failure(data, new TypeError(`The check of "${event}" answered neither true, false nor deny(...).`));
  }

  #timedOut(data: unknown[]): Denial {
    const event = data[0] as string;
    this.#parts.failed(event, new Error(`The rule of "${event}" took longer than checkTimeout.`));
    return denial("check_timeout", { event });
  }

  #failure(data: unknown[], error: unknown): Denial {
    this.#parts.failed(data[0] as string, error);
    return denial("check_failed", { event: data[0] as string });
  }
}

/** One event's wait for its verdict. */
interface Turn {
  isOver: boolean;
  context: EventContext | undefined;
}

/** What a check gets. Its signal is made only for a check that asks for it. */
class EventContext implements CheckContext<unknown> {
  readonly user: unknown;
  readonly args: readonly unknown[];
  readonly event: string;
  readonly session: Session;
  #controller: AbortController | undefined;
  #signal: AbortSignal | undefined;
  #isOver = false;

  constructor(session: LiveSession, data: unknown[]) {
    this.user = session.user;
    this.args = data.slice(1);
    this.event = data[0] as string;
    this.session = session;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isOver) this.#controller.abort();
    return (this.#signal ??= AbortSignal.any([this.#controller.signal, this.session.signal]));
  }

  over(): void {
    this.#isOver = true;
    this.#controller?.abort();
  }
}
