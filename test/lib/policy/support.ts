// Verdicts without sockets: a compiled policy, a session by hand, and an event asked about.
import { Tally } from "../../../lib/metrics/tally.js";
import { unlimited } from "../../../lib/limits/limit.js";
import { Policy, type PolicyOptions } from "../../../lib/policy/compile.js";
import type { Verdict } from "../../../lib/policy/decide.js";
import type { EventCheck } from "../../../lib/policy/rules.js";
import { GuardError } from "../../../lib/guard-error.js";
import type { Denial, DenialCode } from "../../../lib/protocol.js";
import { Refusal } from "../../../lib/refusal.js";
import type { LiveSession } from "../../../lib/session/session.js";
import { registryWithEnds } from "../session/support.js";

/** A check of a test may answer anything. */
export type AnyAnswer = (context: Parameters<EventCheck<{ readonly sub: string }>>[0]) => unknown;

export interface Failure {
  readonly event: string;
  readonly error: unknown;
}

export function policyOf(events: Readonly<Record<string, unknown>>, options: Partial<PolicyOptions> = {}): { policy: Policy; failures: Failure[] } {
  const failures: Failure[] = [];
  const policy = new Policy(events, {
    limitsOf: () => unlimited,
    undeclared: undefined,
    onDenied: "reject",
    checkTimeout: 60_000,
    failed: (event, error) => failures.push({ event, error }),
    tallyOf: (event) => new Tally(event),
    ...options,
  });
  return { policy, failures };
}

/** A session of a user with these claims. */
export function sessionOf(claims: object = {}): LiveSession {
  return registryWithEnds().open({ claims: { sub: "alice", ...claims } });
}

export function guestSession(): LiveSession {
  return registryWithEnds().open({ subject: undefined, claims: {} });
}

interface Question {
  readonly args?: readonly unknown[];
  readonly session?: LiveSession;
  readonly options?: Partial<PolicyOptions>;
}

/** The verdict of one rule on an event "ask", what the handler would be given, and what failed. */
export function ask(rule: unknown, { args = [], session = sessionOf(), options = {} }: Question = {}) {
  const { policy, failures } = policyOf({ ask: rule }, options);
  const data = ["ask", ...args];
  return { verdict: policy.ruleOf("ask").decide(session, data), data, failures };
}

/** True, or what a client would get. */
export function denialOf(verdict: Verdict): true | Denial {
  return verdict instanceof Refusal ? verdict.denial : verdict;
}

/** True, or the code of the denial. */
export function codeOf(verdict: Verdict): true | DenialCode {
  const denial = denialOf(verdict);
  return denial === true ? true : denial.code;
}

/** The answer of a check, as the code that a client would get. */
export async function codeFor(rule: unknown, question?: Question): Promise<true | DenialCode> {
  return codeOf(await ask(rule, question).verdict);
}

/** The GuardError that stops the start, as `code: sentence`. */
export function mistake(start: () => unknown): string {
  try {
    start();
  } catch (error) {
    if (error instanceof GuardError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "accepted";
}
