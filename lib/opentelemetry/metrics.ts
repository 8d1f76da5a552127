/** The instruments of OpenTelemetry. Counts are observed when they are collected, and each duration is recorded. */
import type { Attributes, BatchObservableResult, Meter, MetricOptions, Observable } from "@opentelemetry/api";
import { buckets, durations as known, metrics, type Metric, type Snapshot } from "../metrics/catalog.js";
import type { Durations } from "../metrics/durations.js";

export function observeCounts(meter: Meter, take: () => Promise<Snapshot>): void {
  const instruments = new Map(metrics.map((metric) => [metric, instrumentOf(meter, metric)]));
  meter.addBatchObservableCallback(async (result) => {
    const snapshot = await take();
    for (const [metric, instrument] of instruments) observe(result, instrument, metric, snapshot);
  }, [...instruments.values()]);
}

export function recordDurations(meter: Meter, durations: Durations): void {
  const histograms = Object.fromEntries(Object.entries(known).map(([what, { opentelemetry, help }]) => [
    what, meter.createHistogram(opentelemetry, { description: help, unit: "s", advice: { explicitBucketBoundaries: buckets } }),
  ]));
  durations.listen((what, milliseconds, value) => {
    const { label } = known[what];
    histograms[what]!.record(milliseconds / 1_000, label === undefined || value === undefined ? {} : attributesOf([label], [value]));
  });
}

/**
 * The code of a denial is the `error.type` of OpenTelemetry, which what was allowed does not have. The other labels are the guard's own.
 */
export function attributesOf(labels: readonly string[], values: readonly string[]): Attributes {
  const attributes: Attributes = {};
  labels.forEach((label, position) => {
    const value = values[position]!;
    if (label !== "code") attributes[`socketio_guard.${label}`] = value;
    else if (!isSuccess(value)) attributes["error.type"] = value;
  });
  return attributes;
}

function isSuccess(code: string): boolean {
  return code === "allowed" || code === "connected";
}

function instrumentOf(meter: Meter, { opentelemetry, kind, help, unit }: Metric): Observable {
  const options: MetricOptions = { description: help, unit };
  switch (kind) {
    case "counter": return meter.createObservableCounter(opentelemetry, options);
    case "sum": return meter.createObservableUpDownCounter(opentelemetry, options);
    case "gauge": return meter.createObservableGauge(opentelemetry, options);
  }
}

function observe(result: BatchObservableResult, instrument: Observable, { labels, read }: Metric, snapshot: Snapshot): void {
  for (const [values, value] of read(snapshot)) result.observe(instrument, value, attributesOf(labels, values));
}
