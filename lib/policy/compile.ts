/** Compiles the declared events to a policy: one lookup by name finds the rule of an event. */
import { oneOf, refuseUndefined, refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import type { EventLimits } from "../limits/limit.js";
import { readRate, type ParsedRate } from "../limits/rate.js";
import type { Tally } from "../metrics/tally.js";
import { isReserved } from "../reserved-events.js";
import { anyone } from "./checks.js";
import { CompiledRule, undeclared, undeclaredRule, type PolicyRule, type RuleParts } from "./decide.js";
import { payloadReader } from "./payload.js";
import type { Anyone, EventCheck, OnDenied } from "./rules.js";

export interface PolicyOptions {
  /** The rule for events that are not declared. Undefined denies them. */
  readonly undeclared: unknown;
  readonly onDenied: OnDenied;
  readonly checkTimeout: number;
  /** What an event counts in, whose rule has this rate. */
  readonly limitsOf: LimitsOf;
  readonly failed: RuleParts["failed"];
  /** What counts the verdicts on an event of this name. */
  readonly tallyOf: (event: string) => Tally;
}

/** `event` is the name of an event or "undeclared". */
export type LimitsOf = (event: string, rate: ParsedRate | undefined) => EventLimits;

export class Policy {
  readonly #rules = new Map<string, PolicyRule>();
  readonly #undeclared: PolicyRule;
  readonly #denyAll: PolicyRule;

  /** @throws GuardError `rule_invalid`, `event_reserved`, `option_unknown`, `option_undefined`, `option_invalid` */
  constructor(events: Readonly<Record<string, unknown>>, options: PolicyOptions) {
    for (const [event, rule] of Object.entries(events)) {
      if (isReserved(event)) throw new GuardError("event_reserved", `Clients may not send "${event}", which is a reserved name: remove it from \`events\`.`);
      this.#rules.set(event, compileRule(rule, event, options));
    }
    this.#denyAll = undeclaredRule({ onDenied: options.onDenied, tally: options.tallyOf(undeclared), limits: options.limitsOf(undeclared, undefined) });
    this.#undeclared = options.undeclared === undefined ? this.#denyAll : compileRule(options.undeclared, undefined, options);
  }

  ruleOf(event: string): PolicyRule {
    return this.#rules.get(event) ?? (isReserved(event) ? this.#denyAll : this.#undeclared);
  }

  /** Whether every client is denied this event, so that a handler of it never runs. */
  neverAllows(event: string): boolean {
    return !this.#rules.has(event) && this.#undeclared === this.#denyAll;
  }
}

interface DeclaredRule {
  readonly allow: EventCheck<unknown> | Anyone;
  readonly payload?: unknown;
  readonly limit?: unknown;
  readonly onDenied?: OnDenied;
}

const readOnDenied = oneOf<OnDenied>("reject", "disconnect");

/** `option` is where the rule was given, for errors. */
export function compileRule(rule: unknown, declared: string | undefined, options: PolicyOptions, option = declared === undefined ? undeclared : `events.${declared}`): CompiledRule {
  const event = declared ?? undeclared;
  const { allow, payload, limit, onDenied } = readRule(rule, event);
  return new CompiledRule({
    event: declared,
    tally: options.tallyOf(event),
    allow,
    payload: payload === undefined ? undefined : payloadReader(payload, event),
    limits: options.limitsOf(event, limit === undefined ? undefined : readRate(limit, `${option}.limit`)),
    onDenied: onDenied === undefined ? options.onDenied : readOnDenied(onDenied, `${option}.onDenied`),
    checkTimeout: options.checkTimeout,
    failed: options.failed,
  });
}

function readRule(rule: unknown, event: string): DeclaredRule {
  const where = `The rule of "${event}"`;
  // Some schemas are functions, which would be called as checks.
  if (typeof rule === "function" && "~standard" in rule) {
    throw new GuardError("rule_invalid", `${where} is a schema: write { allow, payload }, where \`allow\` says who may send the event.`);
  }
  if (isCheck(rule)) return { allow: rule };
  if (typeof rule !== "object" || rule === null) {
    throw new GuardError("rule_invalid", `${where} must be a check, anyone, or { allow, payload, limit, onDenied }.`);
  }
  refuseUnknownOptions(rule, ["allow", "payload", "limit", "onDenied"], where);
  refuseUndefined(rule, ["payload", "limit"], where);
  if (isCheck((rule as Partial<DeclaredRule>).allow)) return rule as DeclaredRule;
  throw new GuardError("rule_invalid", `${where} must have an \`allow\` that is a check or anyone.`);
}

export function isCheck(rule: unknown): rule is EventCheck<unknown> | Anyone {
  return typeof rule === "function" || rule === anyone;
}
