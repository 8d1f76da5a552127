/** Registers counters and gauges, whose values are read when Prometheus asks. */
import type * as PromClient from "prom-client";
import { metrics, type Metric, type Snapshot } from "../metrics/catalog.js";

export function registerCounts(client: typeof PromClient, register: PromClient.Registry<PromClient.RegistryContentType>, take: () => Promise<Snapshot>): void {
  const snapshot = oncePerScrape(take);
  for (const metric of metrics) {
    const options = { name: metric.prometheus, help: metric.help, labelNames: metric.labels, registers: [register] };
    if (metric.kind === "counter") {
      new client.Counter({ ...options, async collect() {
        const readings = metric.read(await snapshot());
        this.reset();
        for (const [labels, value] of readings) this.inc(labelled(metric, labels), value);
      } });
    } else {
      new client.Gauge({ ...options, async collect() {
        const readings = metric.read(await snapshot());
        if (metric.labels.length > 0) this.reset();
        // `reset` would set it to 0.
        else this.remove();
        for (const [labels, value] of readings) this.set(labelled(metric, labels), value);
      } });
    }
  }
}

function labelled(metric: Metric, values: readonly string[]): Record<string, string> {
  return Object.fromEntries(metric.labels.map((label, position) => [label, values[position]!]));
}

/** All metrics of a register are read in the same turn. */
function oncePerScrape(take: () => Promise<Snapshot>): () => Promise<Snapshot> {
  let current: Promise<Snapshot> | undefined;
  return () => {
    if (current === undefined) queueMicrotask(() => { current = undefined; });
    return (current ??= take());
  };
}
