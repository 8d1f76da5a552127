/** What a host declares: the forms of a rule, and the map of all events. Only types. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Rate } from "../limits/rate.js";
import type { Denial, IsAck } from "../protocol.js";
import type { GuardSession } from "../session/session.js";

/** What a check is given. */
export interface CheckContext<User, Args extends readonly unknown[] = readonly unknown[]> {
  /** What `findUser` returned, or the claims if there is no `findUser`. */
  readonly user: User;
  /** The arguments of the event without its ack: validated if the rule has a `payload`, otherwise unknown. */
  readonly args: Args;
  /** The name of the event. */
  readonly event: string;
  /** The session that sent it. */
  readonly session: GuardSession;
  /** Aborts when the session ends, when the verdict of an asynchronous check is known, and after `checkTimeout`. */
  readonly signal: AbortSignal;
}

/** Only `true` allows. `false` and `deny(...)` deny as `forbidden`. A check that throws or returns anything else denies as `check_failed`. */
export type CheckAnswer = boolean | Denial | Promise<boolean | Denial>;

/** Decides whether a user may send an event: `({ user, args }) => user.sub === args[0]`. */
export type EventCheck<User, Args extends readonly unknown[] = readonly unknown[]> = (context: CheckContext<User, Args>) => CheckAnswer;

declare const readsUser: unique symbol;

/** A check that `role`, `scope`, `every` or `some` returned. The brand keeps the inline function of an object rule typed by its payload. */
export interface NamedCheck<User> {
  (context: CheckContext<User>): CheckAnswer;
  /** Exists only in types. */
  readonly [readsUser]: (user: User) => void;
}

/** A check for every type of user, such as `signedIn`. It adds nothing to the type of the user beside other checks. */
export interface UserlessCheck {
  <User>(context: CheckContext<User>): CheckAnswer;
  /** Exists only in types. */
  readonly [readsUser]: (user: unknown) => void;
}

declare const everybody: unique symbol;

/** The type of `anyone`, the only rule that allows guests. */
export interface Anyone {
  readonly [everybody]: true;
}

/** What happens when an event is denied: "reject" answers with the denial, "disconnect" also closes the connection. */
export type OnDenied = "reject" | "disconnect";

/** A Standard Schema for a value of this type. */
type SchemaOf<Value> = StandardSchemaV1<unknown, Value> | StandardSchemaV1<Value, Value>;

/** The schemas of the arguments: one schema for one argument, a list for several, `[]` for none. What they return must fit the declared arguments. */
export type Payload<Args extends readonly unknown[]> = number extends Args["length"]
  // An untyped server takes any number of arguments of any type.
  ? StandardSchemaV1 | readonly StandardSchemaV1[]
  : { readonly [Position in keyof Args]: SchemaOf<Args[Position]> }
  | (Args extends readonly [infer Only] ? SchemaOf<Only> : never);

/** What a rule may say besides who is allowed. */
interface RuleOptions {
  /** How often a user may send the event, such as `"20/10s"`. A guest is counted by its socket. More is denied as `rate_limited`. @default any number */
  readonly limit?: Rate;
  readonly onDenied?: OnDenied;
}

/**
 * What an event requires: a check, `anyone`, or `{ allow, payload, limit, onDenied }`. If `allow` is a function of yours, the
 * object needs a `payload`, so that `args` is what was validated; without one, write the function alone or as `every(check)`.
 */
export type EventRule<User, Args extends readonly unknown[] = readonly unknown[]> =
  | Anyone
  | EventCheck<User>
  | RuleOptions & {
      readonly allow: Anyone | {
        /** Exists only in types. */
        readonly [readsUser]: (user: User) => void;
      };
      readonly payload?: undefined;
    }
  | RuleOptions & {
      readonly allow: Anyone | EventCheck<User, Readonly<Args>>;
      readonly payload: Payload<Args>;
    };

/** The arguments of a listener without its ack. */
export type EventArguments<Listener> = Listener extends (...args: infer Args) => unknown ? WithoutAck<Args> : never;

/** The arguments without a last one that is a function. */
type WithoutAck<Args extends readonly unknown[]> =
  Args extends readonly [...infer Before, infer Final] ? (IsAck<Final> extends true ? Before : Args)
  : Args extends readonly [...infer Before, (infer Final)?] ? (IsAck<Final> extends true ? Before : Args)
  : Args;

/**
 * One rule for each event that clients may send: `{ message: role("member") } satisfies EventRules<ClientToServerEvents, User>`.
 * With an untyped server it takes any names.
 */
// This is not a conditional type: TypeScript would resolve it too late, and functions in it would not know the type of their user.
export type EventRules<ClientToServer, User> = { readonly [Event in keyof ClientToServer]-?: EventRule<User, EventArguments<ClientToServer[Event]>> };
