/** The arguments of an event, held against their schemas: the count is exact, and parsed values take their places. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { GuardError } from "../guard-error.js";
import { denial, type Denial } from "../protocol.js";
import { isPromiseLike } from "../callbacks.js";

/** Reads `[event, ...args]` in place: undefined if they fit, else the denial. A schema that answers later makes it a promise. */
export type PayloadReader = (data: unknown[]) => Denial | undefined | Promise<Denial | undefined>;

/**
 * @throws GuardError `payload_schema_invalid` for what is no Standard Schema (https://standardschema.dev)
 */
export function payloadReader(payload: unknown, event: string): PayloadReader {
  const schemas = Array.isArray(payload) ? (payload as readonly unknown[]) : [payload];
  const validators = schemas.map((schema) => validatorOf(schema, event));
  return (data) => (data.length - 1 === validators.length ? readFrom(0, validators, data) : wrongCount(data, validators));
}

type Validate = StandardSchemaV1.Props["validate"];
type Result = StandardSchemaV1.Result<unknown>;

function validatorOf(schema: unknown, event: string): Validate {
  const props = schema !== null && (typeof schema === "object" || typeof schema === "function") && "~standard" in schema
    ? (schema as StandardSchemaV1)["~standard"] : undefined;
  if (typeof props?.validate !== "function") {
    throw new GuardError("payload_schema_invalid", `The payload of "${event}" is no Standard Schema: give one (of zod, valibot, arktype, ...), or a list with one for each argument.`);
  }
  return (value) => props.validate(value);
}

function readFrom(first: number, validators: readonly Validate[], data: unknown[]): Denial | undefined | Promise<Denial | undefined> {
  for (let position = first; position < validators.length; position += 1) {
    const result = validators[position]!(data[position + 1]);
    if (isPromiseLike(result)) {
      return Promise.resolve(result).then((settled) => take(settled, position, data) ?? readFrom(position + 1, validators, data));
    }
    const problem = take(result, position, data);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function take(result: Result, position: number, data: unknown[]): Denial | undefined {
  if (result.issues !== undefined) return misfit(result.issues, position, eventOf(data));
  data[position + 1] = result.value;
  return undefined;
}

/** The name that came: the rule may be the one of all undeclared events. */
function eventOf(data: unknown[]): string {
  return (data[0] as string).slice(0, 128);
}

function wrongCount(data: unknown[], validators: readonly Validate[]): Denial {
  const event = eventOf(data);
  return denial("payload_invalid", { event, message: `"${event}" takes ${validators.length} argument(s), and was given ${data.length - 1}.` });
}

/** Says where, never what: the value and the schema's own words may hold what the client sent. */
function misfit(issues: readonly StandardSchemaV1.Issue[], position: number, event: string): Denial {
  const path = (issues[0]?.path ?? []).map((step) => String(typeof step === "object" ? step.key : step)).join(".");
  const place = path === "" ? "" : ` at ${path.slice(0, 64)}`;
  return denial("payload_invalid", { event, message: `Argument ${position + 1} of "${event}" is not valid${place}.` });
}
