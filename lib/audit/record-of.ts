/** Makes the record of an audit event. Only fields that are named here are copied, so that a record never holds what nobody thought of. */
import type { AuditEventName, GuardAuditEvents } from "../audit-events.js";
import type { AuditRecord } from "./record.js";
import { redacted } from "./redact.js";

const texts = [
  "subject", "method", "address", "namespace", "event", "room", "code", "reason", "actor", "before", "origin", "host", "rule",
  "limit", "rate", "target", "tokenId", "session", "kind", "keyId", "name", "action", "detail", "source",
] as const;
const numbers = ["retryAfter", "issuedBefore", "issues"] as const;

/** `time` is epoch milliseconds. */
export function recordOf<Name extends AuditEventName>(type: Name, event: GuardAuditEvents[Name], time: number): AuditRecord {
  const fields = event as Readonly<Record<string, unknown>>;
  const record: Partial<Record<keyof AuditRecord, unknown>> = { time, type };
  for (const name of texts) {
    const value = fields[name];
    if (typeof value === "string" && value !== "") record[name] = redacted(value);
  }
  for (const name of numbers) {
    const value = fields[name];
    if (typeof value === "number") record[name] = value;
  }
  const { id, issues, maps, error } = fields;
  if (typeof id === "string") record.socket = id;
  if (Array.isArray(issues)) record.issues = issues.length;
  if (Array.isArray(maps)) record.maps = maps.join(" ");
  if (type === "failed") record.error = nameOf(error);
  return record as AuditRecord;
}

const isName = /^[\w.-]{1,64}$/;

/** The name and the code of an error. Its message may quote a query, a payload or a secret. */
function nameOf(error: unknown): string {
  const { name, code } = (typeof error === "object" && error !== null ? error : {}) as { name?: unknown; code?: unknown };
  const parts = [error instanceof Error ? name : typeof error, code].filter((part): part is string => typeof part === "string" && isName.test(part));
  return parts.join(" ") || "unknown";
}
