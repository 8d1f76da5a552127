/** Validates the arguments of an event with its schemas. Their number is exact, and parsed values replace the arguments. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isPromiseLike } from "../callbacks.js";
import { GuardError } from "../guard-error.js";
import { denial } from "../protocol.js";
import { Refusal } from "../refusal.js";

/** Validates `[event, ...args]` in place. Returns undefined if the arguments are valid. Returns a promise only if a schema does. */
export type PayloadReader = (data: unknown[]) => PayloadRefusal | undefined | Promise<PayloadRefusal | undefined>;

/** The arguments are not valid. The schema's issues are for the host alone: they may quote what the client sent. */
export class PayloadRefusal extends Refusal {
  readonly issues: readonly StandardSchemaV1.Issue[];

  constructor(event: string, message: string, reason: string, issues: readonly StandardSchemaV1.Issue[] = []) {
    super(denial("payload_invalid", { event, message }), reason);
    this.issues = issues;
  }
}

/**
 * @throws GuardError `rule_invalid` if something is not a Standard Schema (https://standardschema.dev)
 */
export function payloadReader(payload: unknown, event: string): PayloadReader {
  const schemas = Array.isArray(payload) ? (payload as readonly unknown[]) : [payload];
  const validators = schemas.map((schema) => validatorOf(schema, event));
  return (data) => (data.length - 1 === validators.length ? validateFrom(0, validators, data) : wrongCount(data, validators));
}

type Validate = StandardSchemaV1.Props["validate"];
type Result = StandardSchemaV1.Result<unknown>;

function validatorOf(schema: unknown, event: string): Validate {
  const props = (schema as Partial<StandardSchemaV1> | null | undefined)?.["~standard"];
  if (typeof props?.validate !== "function") {
    throw new GuardError("rule_invalid", `The \`payload\` of "${event}" must be a Standard Schema (of zod, valibot, arktype, ...), or a list with one for each argument.`);
  }
  return (value) => props.validate(value);
}

function validateFrom(first: number, validators: readonly Validate[], data: unknown[]): PayloadRefusal | undefined | Promise<PayloadRefusal | undefined> {
  for (let position = first; position < validators.length; position += 1) {
    const result = validators[position]!(data[position + 1]);
    if (isPromiseLike(result)) {
      return Promise.resolve(result).then((settled) => applyResult(settled, position, data) ?? validateFrom(position + 1, validators, data));
    }
    const refusal = applyResult(result, position, data);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function applyResult(result: Result, position: number, data: unknown[]): PayloadRefusal | undefined {
  if (result.issues !== undefined) return notValid(result.issues, position, eventOf(data));
  data[position + 1] = result.value;
  return undefined;
}

/** The name that the client sent: the rule may be that of all undeclared events. */
function eventOf(data: unknown[]): string {
  return (data[0] as string).slice(0, 128);
}

function wrongCount(data: unknown[], validators: readonly Validate[]): PayloadRefusal {
  const event = eventOf(data);
  const reason = `"${event}" takes ${validators.length} argument(s), but was sent with ${data.length - 1}.`;
  return new PayloadRefusal(event, reason, reason);
}

/** Tells the client where the problem is, but not what it is: the value and the schema's message may hold what was sent. */
function notValid(issues: readonly StandardSchemaV1.Issue[], position: number, event: string): PayloadRefusal {
  const path = (issues[0]?.path ?? []).map((step) => String(typeof step === "object" ? step.key : step)).join(".");
  const place = path === "" ? "" : ` at ${path.slice(0, 64)}`;
  const argument = `Argument ${position + 1} of "${event}" is not valid`;
  // The path may hold a key that the client chose, and audit events hold nothing of a payload.
  return new PayloadRefusal(event, `${argument}${place}.`, `${argument}.`, issues);
}
