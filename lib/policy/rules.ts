/** What a host may declare: the forms of a rule, and the map of all events. Types alone. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Denial, IsAck } from "../protocol.js";
import type { Session } from "../session/session.js";

/** What a check gets. `args` are the event's arguments without its ack: validated if the rule has a `payload`, else unknown. */
export interface CheckContext<User, Args extends readonly unknown[] = readonly unknown[]> {
  readonly user: User;
  readonly args: Args;
  readonly event: string;
  readonly session: Session;
  /** Aborts when the session ends, and once a check that answers later has its verdict: after `checkTimeout` at the latest. */
  readonly signal: AbortSignal;
}

/** Only the literal `true` allows; `false` and `deny(...)` forbid; everything else, and what is thrown, denies as `check_failed`. */
export type CheckAnswer = boolean | Denial | Promise<boolean | Denial>;

/** One predicate inside a rule. */
export type Check<User, Args extends readonly unknown[] = readonly unknown[]> = (context: CheckContext<User, Args>) => CheckAnswer;

declare const readsUser: unique symbol;

/** Made by the guard's own checks and combinators. The brand keeps an object rule's inline function typed by its payload. */
export interface NamedCheck<User> {
  (context: CheckContext<User>): CheckAnswer;
  readonly [readsUser]: (user: User) => void;
}

/** A check of whatever user: it says nothing of the user's type to the checks beside it. */
export interface UserlessCheck {
  <User>(context: CheckContext<User>): CheckAnswer;
  readonly [readsUser]: (user: unknown) => void;
}

declare const everybody: unique symbol;

/** The one rule that guests pass too. */
export interface Anyone {
  readonly [everybody]: true;
}

export type OnDenied = "reject" | "disconnect";

type SchemaOf<Value> = StandardSchemaV1<unknown, Value> | StandardSchemaV1<Value, Value>;

/** One schema for a single argument, a list for several, `[]` for none; their outputs must fit the declared arguments. */
export type Payload<Args extends readonly unknown[]> = number extends Args["length"]
  // An untyped server: any number of arguments of any type.
  ? StandardSchemaV1 | readonly StandardSchemaV1[]
  : { readonly [Position in keyof Args]: SchemaOf<Args[Position]> }
  | (Args extends readonly [infer Only] ? SchemaOf<Only> : never);

/**
 * What one event requires: a check, `anyone`, or an object. An object whose check is a function of yours declares a
 * `payload`, so that `args` is what was validated; without one, write the function bare or as `every(check)`.
 */
export type Rule<User, Args extends readonly unknown[] = readonly unknown[]> =
  | Anyone
  | Check<User>
  | {
      readonly allow: Anyone | { readonly [readsUser]: (user: User) => void };
      readonly payload?: undefined;
      readonly onDenied?: OnDenied;
    }
  | {
      readonly allow: Anyone | Check<User, Readonly<Args>>;
      readonly payload: Payload<Args>;
      readonly onDenied?: OnDenied;
    };

/** A listener's arguments without its ack. */
export type EventArguments<Listener> = Listener extends (...args: infer Args) => unknown ? WithoutAck<Args> : never;

type WithoutAck<Args extends readonly unknown[]> =
  Args extends readonly [...infer Before, infer Final] ? (IsAck<Final> extends true ? Before : Args)
  : Args extends readonly [...infer Before, (infer Final)?] ? (IsAck<Final> extends true ? Before : Args)
  : Args;

/**
 * One rule for every event that clients may send. An untyped server takes any names. No conditional type: TypeScript
 * would put off looking into it, and functions in it would not know their user.
 */
export type EventRules<ClientToServer, User> = { readonly [Event in keyof ClientToServer]-?: Rule<User, EventArguments<ClientToServer[Event]>> };
