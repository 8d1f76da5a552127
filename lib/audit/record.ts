/** What the audit log writes: one flat record for each audit event, or for many that are alike. */
import type { AuditEventName } from "../audit-events.js";

/**
 * One line of the audit log. It holds no token, key, cookie or payload. Times are epoch milliseconds.
 * Its fields are those of the audit event of the same name.
 */
export interface AuditRecord {
  readonly time: number;
  /** The name of the audit event; `"dropped"` says that records are missing, because the buffer was full. */
  readonly type: AuditEventName | "dropped";
  readonly subject?: string;
  /** The id of the socket, which is the id of its session, too. */
  readonly socket?: string;
  readonly method?: string;
  readonly address?: string;
  readonly namespace?: string;
  readonly event?: string;
  readonly room?: string;
  /** A denial code, `"left"` or `"disconnected"`. */
  readonly code?: string;
  readonly reason?: string;
  /** Who did it. */
  readonly actor?: string;
  /** How many audit events the record stands for, if there were more than one, and when the first and the last of them were. */
  readonly count?: number;
  readonly first?: number;
  readonly last?: number;
  /** The subject before a refresh. */
  readonly before?: string;
  readonly origin?: string;
  readonly host?: string;
  /** In report mode: the check that would have denied. */
  readonly rule?: string;
  /** How many issues the schema found. What it found may quote the payload, so it is not recorded. */
  readonly issues?: number;
  readonly limit?: string;
  readonly rate?: string;
  /** Milliseconds. */
  readonly retryAfter?: number;
  readonly target?: "token" | "subject" | "session" | "all";
  readonly tokenId?: string;
  readonly session?: string;
  readonly issuedBefore?: number;
  readonly kind?: "apiKey" | "signingKey";
  readonly keyId?: string;
  /** The name of an API key. */
  readonly name?: string;
  /** The maps of rules that were replaced, such as `"events rooms"`. */
  readonly maps?: string;
  readonly action?: string;
  readonly detail?: string;
  readonly source?: string;
  /** The name and the code of an error, such as `"Error ECONNREFUSED"`. Its message may quote anything, so it is not recorded. */
  readonly error?: string;
}

/** Keeps audit records. */
export interface AuditStore {
  /** Settles when the records are kept. If it rejects, it is called again later with the same records. Called with 1,000 at most, and not before the previous call has settled. */
  write(records: readonly AuditRecord[]): Promise<void>;
  /** Called by `guarded.close()`, after the last write. */
  close?(): Promise<void>;
}

/** A logger such as pino. Records are given as `{ audit: record }`. What was denied or failed is a warning. */
export interface AuditLogger {
  /** Logs what is as it should be. */
  info(object: { readonly audit: AuditRecord }, message: string): void;
  /** Logs what was denied, refused, limited or dropped, or has failed. */
  warn(object: { readonly audit: AuditRecord }, message: string): void;
}

/** Where audit records go. */
export type AuditSink = ((record: AuditRecord) => void) | AuditLogger | AuditStore;
