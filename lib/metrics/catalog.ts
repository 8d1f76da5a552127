/** All metrics that are exported: their names for Prometheus and for OpenTelemetry, their labels, and where their values come from. */
import { failureSources } from "../failure-warnings.js";
import type { Measured } from "./durations.js";
import type { GuardStats } from "./stats.js";
import type { EndpointCounts } from "./webhook-counts.js";

/** What the values are read from. */
export interface Snapshot {
  readonly guard: GuardStats;
  /** By endpoint. Empty if the host sends no webhooks, or if their store cannot be read. */
  readonly webhooks: readonly EndpointCounts[];
}

/** The values of the labels, in the order of the metric's `labels`, and the number. */
export type Reading = readonly [labels: readonly string[], value: number];

export interface Metric {
  readonly prometheus: string;
  /** The names follow the guidelines of OpenTelemetry: no unit, and no plural unless it is a counter. */
  readonly opentelemetry: string;
  /** A counter only grows. The values of a sum can be added over all nodes, and those of a gauge cannot. */
  readonly kind: "counter" | "sum" | "gauge";
  /** For OpenTelemetry: "s" for seconds, else what is counted. */
  readonly unit: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: (snapshot: Snapshot) => readonly Reading[];
}

const counter = { kind: "counter" } as const;
const sum = { kind: "sum", labels: [] } as const;
const one = (value: number): readonly Reading[] => [[[], value]];
const byEndpoint = (value: (counts: EndpointCounts) => number): Metric["read"] => ({ webhooks }) => webhooks.map((counts) => [[counts.name], value(counts)]);

export const metrics: readonly Metric[] = [
  {
    ...counter, prometheus: "socketio_guard_verdicts_total", opentelemetry: "socketio_guard.verdicts", unit: "{event}", labels: ["event", "code"],
    help: "Events by declared name, and by what became of them: allowed, or the code of the denial.",
    read: ({ guard: { verdicts } }) => verdicts.map(({ event, code, count }) => [[event, code], count]),
  },
  {
    ...counter, prometheus: "socketio_guard_handshakes_total", opentelemetry: "socketio_guard.handshakes", unit: "{handshake}", labels: ["method", "code"],
    help: "Handshakes by the authenticator that answered, and by what became of them: connected, or the code of the refusal.",
    read: ({ guard: { handshakes } }) => handshakes.map(({ method, code, count }) => [[method, code], count]),
  },
  {
    ...counter, prometheus: "socketio_guard_limit_hits_total", opentelemetry: "socketio_guard.limit.hits", unit: "{hit}", labels: ["limit"],
    help: "How often a client was over a limit.",
    read: ({ guard: { limitHits } }) => Object.entries(limitHits).map(([limit, count]) => [[limit], count]),
  },
  {
    ...counter, prometheus: "socketio_guard_failures_total", opentelemetry: "socketio_guard.failures", unit: "{failure}", labels: ["source"],
    help: "How often code of the host, or a service that the guard needs, has failed.",
    // The zeros are told, too: otherwise the first failure would not show as an increase.
    read: ({ guard: { failures } }) => failureSources.map((source) => [[source], failures[source] ?? 0]),
  },
  {
    ...sum, prometheus: "socketio_guard_sessions", opentelemetry: "socketio_guard.session.count", unit: "{session}",
    help: "Open sessions.", read: ({ guard: { sessions } }) => one(sessions),
  },
  {
    ...sum, prometheus: "socketio_guard_memberships", opentelemetry: "socketio_guard.membership.count", unit: "{membership}",
    help: "Memberships of rooms that clients have joined.", read: ({ guard: { memberships } }) => one(memberships),
  },
  {
    ...sum, prometheus: "socketio_guard_pending_handshakes", opentelemetry: "socketio_guard.handshake.pending.count", unit: "{handshake}",
    help: "Handshakes that are being verified.", read: ({ guard: { pendingHandshakes } }) => one(pendingHandshakes),
  },
  {
    ...sum, prometheus: "socketio_guard_waiting_packets", opentelemetry: "socketio_guard.packet.waiting.count", unit: "{packet}",
    help: "Packets that wait behind an asynchronous check.", read: ({ guard: { waiting } }) => one(waiting),
  },
  {
    prometheus: "socketio_guard_ready", opentelemetry: "socketio_guard.ready", kind: "gauge", unit: "1", labels: [],
    help: "1 if this node is ready, 0 if it is not.", read: ({ guard: { ready } }) => one(ready ? 1 : 0),
  },
  {
    prometheus: "socketio_guard_store_staleness_seconds", opentelemetry: "socketio_guard.store.staleness", kind: "gauge", unit: "s", labels: [],
    help: "Time since this node last knew everything that is in the store.",
    read: ({ guard: { storeStaleness } }) => (storeStaleness === undefined ? [] : one(storeStaleness / 1_000)),
  },
  {
    ...sum, prometheus: "socketio_guard_audit_waiting_records", opentelemetry: "socketio_guard.audit.record.waiting.count", unit: "{record}",
    help: "Audit records that wait for the slowest sink.", read: ({ guard: { audit } }) => (audit === undefined ? [] : one(audit.waiting)),
  },
  {
    ...counter, prometheus: "socketio_guard_audit_dropped_records_total", opentelemetry: "socketio_guard.audit.record.dropped", unit: "{record}", labels: [],
    help: "Audit records that were dropped because a buffer was full.", read: ({ guard: { audit } }) => (audit === undefined ? [] : one(audit.dropped)),
  },
  {
    prometheus: "socketio_guard_webhook_backlog", opentelemetry: "socketio_guard.webhook.backlog", kind: "gauge", unit: "{delivery}", labels: ["endpoint"],
    help: "Webhooks that wait to be delivered, of all nodes that share the store.", read: byEndpoint(({ backlog }) => backlog),
  },
  {
    prometheus: "socketio_guard_webhook_oldest_age_seconds", opentelemetry: "socketio_guard.webhook.oldest_age", kind: "gauge", unit: "s", labels: ["endpoint"],
    help: "The age of the oldest webhook that waits.", read: byEndpoint(({ oldestAge }) => oldestAge / 1_000),
  },
  {
    prometheus: "socketio_guard_webhook_dead_letters", opentelemetry: "socketio_guard.webhook.dead_letters", kind: "gauge", unit: "{delivery}", labels: ["endpoint"],
    help: "Webhooks that could not be delivered in time.", read: byEndpoint(({ dead }) => dead),
  },
  {
    ...counter, prometheus: "socketio_guard_webhook_deliveries_total", opentelemetry: "socketio_guard.webhook.deliveries", unit: "{delivery}", labels: ["endpoint"],
    help: "Webhooks that this node has delivered.", read: byEndpoint(({ delivered }) => delivered),
  },
  {
    ...counter, prometheus: "socketio_guard_webhook_failed_attempts_total", opentelemetry: "socketio_guard.webhook.failed_attempts", unit: "{attempt}", labels: ["endpoint"],
    help: "Attempts of this node to deliver a webhook that have failed.", read: byEndpoint(({ failed }) => failed),
  },
];

export interface DurationMetric {
  readonly prometheus: string;
  readonly opentelemetry: string;
  readonly help: string;
  /** The name of the label, if there is one. */
  readonly label: string | undefined;
}

export const durations: Readonly<Record<Measured, DurationMetric>> = {
  verification: {
    prometheus: "socketio_guard_verification_duration_seconds", opentelemetry: "socketio_guard.verification.duration", label: "method",
    help: "How long the authenticators took at a handshake or a refresh, by the one that answered.",
  },
  check: {
    prometheus: "socketio_guard_check_duration_seconds", opentelemetry: "socketio_guard.check.duration", label: "event",
    help: "How long an event waited for an asynchronous check or schema, by the declared event.",
  },
  findUser: { prometheus: "socketio_guard_find_user_duration_seconds", opentelemetry: "socketio_guard.find_user.duration", label: undefined, help: "How long findUser took." },
  storeRead: {
    prometheus: "socketio_guard_store_read_duration_seconds", opentelemetry: "socketio_guard.store_read.duration", label: undefined,
    help: "How long it took to read new revocations from the store.",
  },
  limitStore: {
    prometheus: "socketio_guard_limit_store_duration_seconds", opentelemetry: "socketio_guard.limit_store.duration", label: undefined,
    help: "How long an event waited for the store of limits.",
  },
};

/** The bounds of the buckets of durations, in seconds. */
export const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
