/** socket.io-guard/audit: an audit log in files, whose lines cannot be changed unnoticed. */
export { jsonlAudit, type JsonlAuditOptions } from "./jsonl/jsonl-audit.js";
export type { AuditLogger, AuditRecord, AuditSink, AuditStore } from "./record.js";
