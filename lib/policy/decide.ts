/** One compiled rule: decides whether a session may send an event with these arguments. */
import type { EventLimits } from "../limits/limit.js";
import { isTooDeep, tooDeep } from "../nesting.js";
import { denial, isDenial, type Denial, type JoinAuthorization } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { LiveSession, GuardSession } from "../session/session.js";
import { isPromiseLike } from "../callbacks.js";
import type { Tally } from "../metrics/tally.js";
import { TimeoutError, withTimeout } from "../timeout.js";
import { admitsGuests, anyone, nameOf, readsOnlyUser } from "./checks.js";
import type { PayloadReader, PayloadRefusal } from "./payload.js";
import type { RoomContext } from "./room-rules.js";
import type { Authorized, RoomRequest } from "./room-request.js";
import type { Anyone, EventCheck, CheckContext, OnDenied } from "./rules.js";

/** True allows. A denial, or a refusal that has more to tell the host, denies. */
export type Verdict = true | Denial | Refusal;

/** What the gate uses of a rule. */
export interface PolicyRule {
  /** The event that it is declared for, or "undeclared". */
  readonly event: string;
  /** Counts the verdicts on the event. */
  readonly tally: Tally;
  /** The name of its check, for the host; empty if it has none. */
  readonly check: string;
  readonly onDenied: OnDenied;
  /** What the event counts in. */
  readonly limits: EventLimits;
  /** A handler of an event with a payload always gets an ack function last. */
  readonly hasPayload: boolean;
  /** Decides on `[event, ...args]` for a session that is valid now. Returns a promise only if a schema or a check does. Rules of rooms are given the request. */
  decide(session: LiveSession, data: unknown[], request?: RoomRequest): Verdict | Promise<Verdict>;
  /** Decides again on an event that was allowed, because the user has changed since. Its arguments are parsed already. */
  recheck(session: LiveSession, data: unknown[], request?: RoomRequest): Verdict | Promise<Verdict>;
}

/** The name of the rule of undeclared events. */
export const undeclared = "undeclared";

/** The rule of events that are not declared. Guests get the same answer as everybody. */
export function undeclaredRule(parts: Pick<PolicyRule, "onDenied" | "tally" | "limits">): PolicyRule {
  const decide: PolicyRule["decide"] = (_session, data) => new Refusal(denial("event_unlisted", { event: data[0] as string }), "no rule declares it");
  return { ...parts, event: undeclared, check: "", hasPayload: false, decide, recheck: decide };
}

export interface RuleParts {
  /** The name of the event, or undefined for the rule of undeclared events. */
  readonly event: string | undefined;
  readonly tally: Tally;
  readonly allow: EventCheck<unknown> | Anyone;
  readonly payload: PayloadReader | undefined;
  readonly limits: EventLimits;
  readonly onDenied: OnDenied;
  /** Milliseconds that an asynchronous schema or check may take. */
  readonly checkTimeout: number;
  /** Called with what a schema or a check throws. */
  readonly failed: (event: string, error: unknown) => void;
}

export class CompiledRule implements PolicyRule {
  readonly event: string;
  readonly tally: Tally;
  readonly check: string;
  readonly onDenied: OnDenied;
  readonly limits: EventLimits;
  readonly hasPayload: boolean;
  readonly #check: EventCheck<unknown> | undefined;
  readonly #needsUser: boolean;
  readonly #readsOnlyUser: boolean;
  readonly #readsArguments: boolean;
  readonly #payload: PayloadReader | undefined;
  readonly #parts: RuleParts;
  /** Created once, so that a denied event does not cost more than an allowed one. */
  readonly #forbidden: Refusal | undefined;

  constructor(parts: RuleParts) {
    this.event = parts.event ?? undeclared;
    this.tally = parts.tally;
    this.check = nameOf(parts.allow);
    this.onDenied = parts.onDenied;
    this.limits = parts.limits;
    this.hasPayload = parts.payload !== undefined;
    this.#check = parts.allow === anyone ? undefined : (parts.allow as EventCheck<unknown>);
    this.#needsUser = this.#check !== undefined && !admitsGuests(this.#check);
    this.#readsOnlyUser = this.#check !== undefined && readsOnlyUser(this.#check);
    this.#readsArguments = !this.#readsOnlyUser || parts.payload !== undefined;
    this.#payload = parts.payload;
    this.#parts = parts;
    this.#forbidden = parts.event === undefined ? undefined : this.#forbid(parts.event);
  }

  decide(session: LiveSession, data: unknown[], request?: RoomRequest): Verdict | Promise<Verdict> {
    if (this.#needsUser && session.guest) return signedOut(data[0] as string);
    if (this.#readsArguments && isTooDeep(data)) return tooDeep(data[0] as string);
    try {
      if (this.#payload === undefined) return this.#callCheck(session, data, request);
      const refusal = this.#payload(data);
      if (refusal === undefined) return this.#callCheck(session, data, request);
      if (!(refusal instanceof Promise)) return refusal;
      return this.#waitForPayload(refusal, session, data, request);
    } catch (error) {
      return this.#failure(data, error);
    }
  }

  recheck(session: LiveSession, data: unknown[], request?: RoomRequest): Verdict | Promise<Verdict> {
    if (this.#needsUser && session.guest) return signedOut(data[0] as string);
    try {
      return this.#callCheck(session, data, request);
    } catch (error) {
      return this.#failure(data, error);
    }
  }

  #callCheck(session: LiveSession, data: unknown[], request: RoomRequest | undefined): Verdict | Promise<Verdict> {
    const check = this.#check;
    if (check === undefined) return true;
    if (this.#readsOnlyUser) {
      // Such a check reads only `user`, which a session has too. The hot path needs no context then.
      const answer = check(session as unknown as CheckContext<unknown>);
      if (answer !== true) return this.#verdict(data, answer);
      // Only allowed events pay for this check.
      return this.#readsArguments || !isTooDeep(data) ? true : tooDeep(data[0] as string);
    }
    const context = contextOf(session, data, request);
    const answer: unknown = check(context);
    if (answer === true) return true;
    return isPromiseLike(answer) ? this.#wait(data, () => answer, () => context.close()) : this.#verdict(data, answer);
  }

  /** Waits for an asynchronous schema, then asks the check. Both share one timeout. */
  #waitForPayload(refusal: Promise<PayloadRefusal | undefined>, session: LiveSession, data: unknown[], request: RoomRequest | undefined): Promise<Verdict> {
    let context: EventContext | undefined;
    const answer = async (signal: AbortSignal): Promise<unknown> => {
      const refused = await refusal;
      if (refused !== undefined || signal.aborted) return refused;
      // The session may have ended while the schema was at work.
      const invalid = session.invalidity(Date.now());
      if (invalid !== undefined) return invalid;
      if (this.#check === undefined) return true;
      context = contextOf(session, data, request);
      return this.#check(context);
    };
    return this.#wait(data, answer, () => context?.close());
  }

  async #wait(data: unknown[], answer: (signal: AbortSignal) => unknown, done: () => void): Promise<Verdict> {
    const event = data[0] as string;
    try {
      const message = `The rule of ${quoted(event)} took longer than \`checkTimeout\`.`;
      return this.#verdict(data, await withTimeout({ ms: this.#parts.checkTimeout, message }, answer));
    } catch (error) {
      if (!(error instanceof TimeoutError)) return this.#failure(data, error);
      this.#parts.failed(event, error);
      return denial("check_timeout", { event });
    } finally {
      done();
    }
  }

  #verdict(data: unknown[], answer: unknown): Verdict {
    if (answer === true) return true;
    const event = data[0] as string;
    if (answer === false) return this.#forbidden ?? this.#forbid(event);
    if (answer instanceof Refusal) return answer;
    if (isDenial(answer)) return { ...answer, event: answer.event ?? event.slice(0, 128) };
    return this.#failure(data, new TypeError(`The check of ${quoted(event)} must return true, false or deny(...).`));
  }

  #forbid(event: string): Refusal {
    return new Refusal(Object.freeze(denial("forbidden", { event })), `the check ${this.check || "of its rule"} returned false`);
  }

  #failure(data: unknown[], error: unknown): Denial {
    const event = data[0] as string;
    this.#parts.failed(event, error);
    return denial("check_failed", { event });
  }
}

/** For the host's log: clients choose the names of undeclared events. */
function quoted(event: string): string {
  return JSON.stringify(event.slice(0, 128));
}

function signedOut(event: string): Refusal {
  return new Refusal(denial("token_missing", { event }), "a guest sent it, and its rule is not `anyone`");
}

function contextOf(session: LiveSession, data: unknown[], request: RoomRequest | undefined): EventContext {
  return request === undefined ? new EventContext(session, data) : new RequestContext(session, data, request);
}

/** What a check is given. Its signal is created only if the check reads it. */
class EventContext implements CheckContext<unknown> {
  readonly user: unknown;
  readonly args: readonly unknown[];
  readonly event: string;
  readonly session: GuardSession;
  #controller: AbortController | undefined;
  #signal: AbortSignal | undefined;
  #isClosed = false;

  constructor(session: LiveSession, data: unknown[]) {
    this.user = session.user;
    this.args = data.slice(1);
    this.event = data[0] as string;
    this.session = session;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isClosed) this.#controller.abort();
    return (this.#signal ??= AbortSignal.any([this.#controller.signal, this.session.signal]));
  }

  /** Aborts the signal: the verdict is known, or the time is over. */
  close(): void {
    this.#isClosed = true;
    this.#controller?.abort();
  }
}

/** What a check of a room is given besides. */
export class RequestContext extends EventContext implements RoomContext<unknown> {
  readonly #request: RoomRequest;

  constructor(session: LiveSession, data: unknown[], request: RoomRequest) {
    super(session, data);
    this.#request = request;
  }

  get room(): string {
    return this.#request.room;
  }

  get params(): Readonly<Record<string, string>> {
    return this.#request.params;
  }

  get authorization(): JoinAuthorization {
    return this.#request.authorization;
  }

  // Checks take it out of the context: `({ user, expireAt }) => ...`.
  get expireAt(): (instant: number) => void {
    return (instant) => this.#request.authorized({ endsAt: instant });
  }

  /** For `signedBy`: what it has verified. */
  authorized(authorized: Authorized): void {
    this.#request.authorized(authorized);
  }
}
