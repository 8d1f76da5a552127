/** Registers histograms of durations, which are told each one. */
import type * as PromClient from "prom-client";
import { buckets, durations as known } from "../metrics/catalog.js";
import type { Durations } from "../metrics/durations.js";

export function registerDurations(client: typeof PromClient, register: PromClient.Registry<PromClient.RegistryContentType>, durations: Durations): void {
  const histograms = Object.fromEntries(Object.entries(known).map(([what, { prometheus: name, label, help }]) => [
    what,
    new client.Histogram({ name, help, buckets, labelNames: label === undefined ? [] : [label], registers: [register] }),
  ]));
  durations.listen((what, milliseconds, value) => {
    const label = known[what].label;
    histograms[what]!.observe(label === undefined || value === undefined ? {} : { [label]: value }, milliseconds / 1_000);
  });
}
