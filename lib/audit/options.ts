/** The option `audit`: where the audit log goes. */
import { group, oneOf, optional, wholeNumber, type ReadBy } from "../configuration.js";
import { GuardError } from "../guard-error.js";
import type { AuditSink } from "./record.js";
import { storeOf } from "./sinks.js";

/** Where the audit log goes. */
export interface AuditOptions {
  /** A function, a logger such as pino, or a store such as `jsonlAudit({ path })`. Each gets all records. */
  readonly sinks: readonly AuditSink[];
  /** How many records may wait for each sink, 1 to 1,000,000. @default 10_000 */
  readonly buffer?: number;
  /** What happens when more records wait. "drop-and-count" leaves records out, and a later record says how many. "deny" also denies all events and refuses all handshakes as `unavailable`, until there is a place. @default "drop-and-count" */
  readonly onFull?: "drop-and-count" | "deny";
}

const table = { sinks: readSinks, buffer: wholeNumber(1, 1_000_000, 10_000), onFull: oneOf("drop-and-count", "deny") };

export type AuditConfig = ReadBy<typeof table>;

export const readAudit = optional(group(table));

function readSinks(given: unknown): readonly AuditSink[] {
  const isList = Array.isArray(given) && given.length > 0 && given.every((sink) => storeOf(sink as AuditSink, () => undefined) !== undefined);
  if (isList) return Object.freeze([...given as AuditSink[]]);
  throw new GuardError("option_invalid", "`audit.sinks` must be a list of sinks: each is a function, a logger with `info` and `warn`, or an object with `write(records)`, such as jsonlAudit({ path }).");
}
