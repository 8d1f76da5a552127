/** socket.io-guard/prometheus: a guard's metrics for Prometheus, with prom-client. */
import type * as PromClient from "prom-client";
import { measurementsOf } from "../metrics/measured.js";
import type { GuardStats } from "../metrics/stats.js";
import { webhookCounts, type CountedWebhooks } from "../metrics/webhook-counts.js";
import { requirePackage } from "../optional-package.js";
import { registerCounts } from "./counts.js";
import { registerDurations } from "./durations.js";

/** Options of `guardMetrics`. */
export interface GuardMetricsOptions {
  /** Where the metrics are registered. @default the `register` of prom-client */
  readonly register?: PromClient.Registry<PromClient.RegistryContentType>;
  /** What `webhooks()` returned, to export its backlog. @default no metrics of webhooks */
  readonly webhooks?: CountedWebhooks;
}

/**
 * Registers the metrics of a guard: `socketio_guard_verdicts_total{event,code}`, `socketio_guard_sessions` and others, which
 * docs/monitoring.md lists. Counts are read when Prometheus asks. No client can make a series: events have their declared names. Call it once for
 * each guard and register.
 * @returns the register: answer requests for `/metrics` with `await register.metrics()` and `register.contentType`
 * @throws GuardError `package_missing` without prom-client; `option_invalid` if `guarded` is no guard
 * @example
 * const register = guardMetrics(guarded);
 * app.get("/metrics", async (_request, response) => response.type(register.contentType).send(await register.metrics()));
 */
export function guardMetrics(guarded: { stats(): GuardStats }, { register, webhooks }: GuardMetricsOptions = {}): PromClient.Registry<PromClient.RegistryContentType> {
  const client = requirePackage<typeof PromClient>("prom-client", "socket.io-guard/prometheus");
  const { durations } = measurementsOf(guarded, "guardMetrics(guarded)");
  const used = register ?? client.register;
  registerCounts(client, used, async () => ({ webhooks: await webhookCounts(webhooks), guard: guarded.stats() }));
  registerDurations(client, used, durations);
  return used;
}
