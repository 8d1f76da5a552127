/** The declared map -> a compiled policy: one look-up by name tells what an event requires. */
import { refuseUndefined, refuseUnknownOptions } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import { guardPrefix } from "../protocol.js";
import { anyone } from "./checks.js";
import { CompiledRule, UnlistedRule, type AnyCheck, type EventRule, type RuleParts } from "./decide.js";
import { payloadReader } from "./payload.js";
import type { Anyone, OnDenied } from "./rules.js";

export interface PolicyOptions {
  /** What applies to an event that the map does not name; undefined denies it. */
  readonly undeclared: unknown;
  readonly onDenied: OnDenied;
  readonly checkTimeout: number;
  readonly failed: RuleParts["failed"];
}

export class Policy {
  readonly #rules: ReadonlyMap<string, CompiledRule>;
  readonly #undeclared: EventRule;
  readonly #unlisted: EventRule;

  constructor(rules: ReadonlyMap<string, CompiledRule>, undeclared: EventRule, unlisted: EventRule) {
    this.#rules = rules;
    this.#undeclared = undeclared;
    this.#unlisted = unlisted;
  }

  ruleOf(event: string): EventRule {
    return this.#rules.get(event) ?? (isReserved(event) ? this.#unlisted : this.#undeclared);
  }

  /** Whether no client can ever fire a handler of this name. */
  neverAllows(event: string): boolean {
    return !this.#rules.has(event) && this.#undeclared === this.#unlisted;
  }
}

/**
 * @throws GuardError `rule_invalid`, `rule_option_unavailable`, `event_reserved`, `option_unknown`, `option_undefined`, `payload_schema_invalid`
 */
export function compilePolicy(events: Readonly<Record<string, unknown>>, options: PolicyOptions): Policy {
  const rules = new Map<string, CompiledRule>();
  for (const [event, rule] of Object.entries(events)) {
    if (isReserved(event)) throw new GuardError("event_reserved", `"${event}" is a reserved name, which clients may not send: take it out of the events.`);
    rules.set(event, compileRule(rule, event, options));
  }
  const unlisted = new UnlistedRule(options.onDenied);
  const undeclared = options.undeclared === undefined ? unlisted : compileRule(options.undeclared, undefined, options);
  return new Policy(rules, undeclared, unlisted);
}

// What Socket.IO and Node's emitter fire themselves: a client may not, whatever the map says.
const reservedEvents = new Set(["connect", "connect_error", "connection", "disconnect", "disconnecting", "error", "newListener", "removeListener"]);

function isReserved(event: string): boolean {
  return reservedEvents.has(event) || event.startsWith(guardPrefix);
}

interface ReadRule {
  readonly allow: AnyCheck | Anyone;
  readonly payload?: unknown;
  readonly onDenied?: OnDenied;
}

function compileRule(rule: unknown, declared: string | undefined, options: PolicyOptions): CompiledRule {
  const event = declared ?? "undeclared";
  const { allow, payload, onDenied } = readRule(rule, event);
  return new CompiledRule({
    event: declared,
    allow,
    payload: payload === undefined ? undefined : payloadReader(payload, event),
    onDenied: onDenied ?? options.onDenied,
    checkTimeout: options.checkTimeout,
    failed: options.failed,
  });
}

function readRule(rule: unknown, event: string): ReadRule {
  // Some schemas are functions, and would be asked as checks.
  if (typeof rule === "function" && "~standard" in rule) {
    throw new GuardError("rule_invalid", `The rule of "${event}" is a schema: write { allow, payload } and say who is allowed.`);
  }
  if (isCheck(rule)) return { allow: rule };
  if (typeof rule !== "object" || rule === null) {
    throw new GuardError("rule_invalid", `The rule of "${event}" is ${String(rule)}: give a check, anyone, or { allow, payload, onDenied }.`);
  }
  if ("limit" in rule) throw new GuardError("rule_option_unavailable", `The rule of "${event}" has a limit, which this version does not enforce: take it out.`);
  refuseUnknownOptions(rule, ["allow", "payload", "onDenied"], `The rule of "${event}"`);
  refuseUndefined(rule, ["payload"], `The rule of "${event}"`);
  const { allow, onDenied } = rule as Partial<ReadRule>;
  if (!isCheck(allow)) throw new GuardError("rule_invalid", `The rule of "${event}" allows nobody: give allow a check or anyone.`);
  checkOnDenied(onDenied, `The rule of "${event}"`);
  return rule as ReadRule;
}

function isCheck(rule: unknown): rule is AnyCheck | Anyone {
  return typeof rule === "function" || rule === anyone;
}

/** @throws GuardError `option_invalid` */
export function checkOnDenied(onDenied: unknown, where: string): void {
  if (onDenied === undefined || onDenied === "reject" || onDenied === "disconnect") return;
  throw new GuardError("option_invalid", `${where} has an onDenied that is neither "reject" nor "disconnect".`);
}
