/** The guard's own checks, and how checks are combined. */
import { GuardError } from "../guard-error.js";
import { denial, isDenial, type Denial } from "../protocol.js";
import { isPromiseLike } from "../callbacks.js";
import type { Anyone, Check, CheckAnswer, CheckContext, NamedCheck, UserlessCheck } from "./rules.js";

/** The rule that everybody passes, guests too. It cannot be combined. */
export const anyone = Object.freeze({ anyone: true }) as unknown as Anyone;

// Checks that look at the user alone: the gate gives them the session itself, and makes no context.
const userChecks = new WeakSet<object>();

/** Whether a check looks at nothing but the user. */
export function looksAtUserOnly(check: object): boolean {
  return userChecks.has(check);
}

/** Allows whoever is signed in. */
export const signedIn: UserlessCheck = userCheck(() => true);

type RoleOf<User> = User extends { readonly role: infer Role extends string } ? Role
  : User extends { readonly roles: readonly (infer Role extends string)[] } ? Role
  // Claims without a schema say nothing of roles.
  : string extends keyof User ? string
  : unknown extends User ? string
  : never;

/** Allows a user with any of these roles. Reads `user.role` or `user.roles`. */
export function role<User>(...names: RoleOf<NoInfer<User>>[]): NamedCheck<User> {
  const wanted: readonly unknown[] = readNames("role", names);
  return userCheck((user) => {
    const held = user as { readonly role?: unknown; readonly roles?: unknown };
    if (wanted.includes(held.role)) return true;
    return Array.isArray(held.roles) && held.roles.some((name) => wanted.includes(name));
  });
}

/** Allows a user with all of these scopes. Reads `user.scope` (space-separated, RFC 8693 section 4.2), `user.scp` or `user.scopes`. */
export function scope<User>(...names: string[]): NamedCheck<User> {
  const wanted = readNames("scope", names);
  if (wanted.some((name) => name.includes(" "))) throw new GuardError("rule_invalid", "scope(...) takes each scope as a name of its own: write scope(\"read\", \"write\").");
  return userCheck((user) => {
    const held = user as { readonly scope?: unknown; readonly scp?: unknown; readonly scopes?: unknown };
    const scopes = scopeList(held.scope) ?? scopeList(held.scp) ?? scopeList(held.scopes) ?? [];
    return wanted.every((name) => scopes.includes(name));
  });
}

/** Allows what all of these checks allow; they are asked in order, and the first refusal is the answer. */
export function every<User>(...checks: Check<User>[]): NamedCheck<User> {
  return combine("every", checks, (answer) => answer === true);
}

/** Allows what one of these checks allows; they are asked in order. A check that fails denies it all. */
export function some<User>(...checks: Check<User>[]): NamedCheck<User> {
  return combine("some", checks, (answer) => answer === false || isDenial(answer));
}

/** A refusal with a sentence for the client, and optionally when to try again (milliseconds). */
export function deny(message: string, details: { readonly retryAfter?: number } = {}): Denial {
  return denial("forbidden", { message, ...details });
}

function userCheck<User>(allows: (user: unknown) => boolean): NamedCheck<User> {
  const check = (context: CheckContext<User>) => allows(context.user);
  userChecks.add(check);
  return check as NamedCheck<User>;
}

function scopeList(value: unknown): readonly unknown[] | undefined {
  if (typeof value === "string") return value.split(" ");
  return Array.isArray(value) ? value : undefined;
}

function readNames(check: string, names: readonly unknown[]): readonly string[] {
  if (names.length === 0 || !names.every((name) => typeof name === "string" && name !== "")) {
    throw new GuardError("rule_invalid", `${check}(...) takes the names that it allows: give at least one.`);
  }
  return names as readonly string[];
}

/** Asks one check after the other for as long as `goOn` says so of the answer; what ends it, or the last answer, is the answer. */
function combine<User>(name: string, checks: readonly Check<User>[], goOn: (answer: unknown) => boolean): NamedCheck<User> {
  if (checks.length === 0 || !checks.every((check) => typeof check === "function")) {
    throw new GuardError("rule_invalid", `${name}(...) takes checks, which are functions: anyone cannot be combined.`);
  }
  const askFrom = (position: number, context: CheckContext<User>): CheckAnswer => {
    const answer: boolean | Denial | PromiseLike<boolean | Denial> = checks[position]!(context);
    if (isPromiseLike(answer)) return Promise.resolve(answer).then((settled) => follow(position, settled, context));
    return follow(position, answer, context);
  };
  const follow = (position: number, answer: boolean | Denial, context: CheckContext<User>): CheckAnswer =>
    goOn(answer) && position + 1 < checks.length ? askFrom(position + 1, context) : answer;
  const combined = (context: CheckContext<User>) => askFrom(0, context);
  if (checks.every(looksAtUserOnly)) userChecks.add(combined);
  return combined as NamedCheck<User>;
}
