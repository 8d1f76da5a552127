/** The checks that come with the guard, and those that combine checks. */
import { GuardError } from "../guard-error.js";
import { denial, isDenial, type Denial } from "../protocol.js";
import { isPromiseLike } from "../callbacks.js";
import type { Anyone, EventCheck, CheckAnswer, CheckContext, NamedCheck, UserlessCheck } from "./rules.js";

/** The rule that allows every client that is connected, guests too. It cannot be combined with checks. */
export const anyone = Object.freeze({ anyone: true }) as unknown as Anyone;

// The gate calls these with the session itself, so that they cost no context.
const userChecks = new WeakSet<object>();

/** Whether a check reads nothing but `user`. */
export function readsOnlyUser(check: object): boolean {
  return userChecks.has(check);
}

// Checks that need no user, because they verify something else.
const guestChecks = new WeakSet<object>();

/** Whether a check decides about guests, too. All others are only called for users. */
export function admitsGuests(check: object): boolean {
  return guestChecks.has(check);
}

/** Marks a check that decides about guests, too. Combined with others, it is only called for users. */
export function guestCheck<Check extends object>(check: Check): Check {
  guestChecks.add(check);
  return check;
}

/** Allows every user who is signed in. Guests are denied as `token_missing`. */
export const signedIn: UserlessCheck = userCheck("signedIn", () => true);

/** The names that `role` takes: those in the type of `user.role` or `user.roles`. */
type RoleOf<User> = User extends { readonly role: infer Role extends string } ? Role
  : User extends { readonly roles: readonly (infer Role extends string)[] } ? Role
  // Claims without a schema may have any role.
  : string extends keyof User ? string
  : unknown extends User ? string
  : never;

/**
 * Allows a user who has at least one of these roles. Reads `user.role`, a string, or `user.roles`, a list.
 * @throws GuardError `rule_invalid` without a role
 */
export function role<User>(...names: RoleOf<NoInfer<User>>[]): NamedCheck<User> {
  const wanted: readonly unknown[] = readNames("role", names);
  return userCheck(callOf("role", names), (user) => {
    const { role, roles } = user as { readonly role?: unknown; readonly roles?: unknown };
    if (wanted.includes(role)) return true;
    return Array.isArray(roles) && roles.some((name) => wanted.includes(name));
  });
}

/**
 * Allows a user who has all of these scopes. Reads the first of `user.scopes`, `user.scope` and `user.scp` that is a list, or a string with
 * spaces between the scopes (RFC 8693, section 4.2).
 * @throws GuardError `rule_invalid` without a scope, or if one contains a space
 */
export function scope<User>(...names: string[]): NamedCheck<User> {
  const wanted = readNames("scope", names);
  if (wanted.some((name) => name.includes(" "))) throw new GuardError("rule_invalid", "scope(...) takes each scope as an argument of its own: write scope(\"read\", \"write\").");
  return userCheck(callOf("scope", names), (user) => {
    const { scope, scp, scopes } = user as { readonly scope?: unknown; readonly scp?: unknown; readonly scopes?: unknown };
    const held = scopeList(scopes) ?? scopeList(scope) ?? scopeList(scp) ?? [];
    return wanted.every((name) => held.includes(name));
  });
}

/**
 * Allows what all of these checks allow. They are called in order; the first one that does not allow decides.
 * @throws GuardError `rule_invalid` if something is not a check
 */
export function every<User>(...checks: EventCheck<User>[]): NamedCheck<User> {
  return combine("every", checks, (answer) => answer === true);
}

/**
 * Allows what at least one of these checks allows. They are called in order. If one throws or times out, the event is denied as `check_failed` or `check_timeout`.
 * @throws GuardError `rule_invalid` if something is not a check
 */
export function some<User>(...checks: EventCheck<User>[]): NamedCheck<User> {
  return combine("some", checks, (answer) => answer === false || isDenial(answer));
}

/** How audit events call a check. Empty for a function without a name. */
export function nameOf(check: EventCheck<never> | Anyone): string {
  return check === anyone ? "anyone" : (check as EventCheck<never>).name;
}

/** What a check returns to deny an event with a message for the client. `retryAfter` is in milliseconds. */
export function deny(message: string, details: { readonly retryAfter?: number } = {}): Denial {
  return denial("forbidden", { message, ...details });
}

function userCheck<User>(name: string, allows: (user: unknown) => boolean): NamedCheck<User> {
  const check = named(name, (context: CheckContext<User>) => allows(context.user));
  userChecks.add(check);
  return check as NamedCheck<User>;
}

/** Audit events say by this name which check has denied an event. */
function named<Check extends object>(name: string, check: Check): Check {
  return Object.defineProperty(check, "name", { value: name });
}

function callOf(check: string, names: readonly string[]): string {
  return `${check}(${names.map((name) => JSON.stringify(name)).join(", ")})`;
}

function scopeList(value: unknown): readonly unknown[] | undefined {
  if (typeof value === "string") return value.split(" ");
  return Array.isArray(value) ? value : undefined;
}

function readNames(check: string, names: readonly unknown[]): readonly string[] {
  if (names.length === 0 || !names.every((name) => typeof name === "string" && name !== "")) {
    throw new GuardError("rule_invalid", `${check}(...) takes one or more names: write ${check}("name").`);
  }
  return names as readonly string[];
}

/** Calls one check after the other while `continues` is true of the answer. The last answer is that of all. */
function combine<User>(name: string, checks: readonly EventCheck<User>[], continues: (answer: unknown) => boolean): NamedCheck<User> {
  if (checks.length === 0 || !checks.every((check) => typeof check === "function")) {
    throw new GuardError("rule_invalid", `${name}(...) takes one or more checks, which are functions; anyone is not a check.`);
  }
  const callFrom = (position: number, context: CheckContext<User>): CheckAnswer => {
    const answer: boolean | Denial | PromiseLike<boolean | Denial> = checks[position]!(context);
    if (isPromiseLike(answer)) return Promise.resolve(answer).then((settled) => next(position, settled, context));
    return next(position, answer, context);
  };
  const next = (position: number, answer: boolean | Denial, context: CheckContext<User>): CheckAnswer =>
    continues(answer) && position + 1 < checks.length ? callFrom(position + 1, context) : answer;
  const combined = named(`${name}(${checks.map(nameOf).join(", ")})`, (context: CheckContext<User>) => callFrom(0, context));
  if (checks.every(readsOnlyUser)) userChecks.add(combined);
  return combined as NamedCheck<User>;
}
