/** socket.io-guard/opentelemetry: a guard's metrics and traces, with @opentelemetry/api. */
import type * as Api from "@opentelemetry/api";
import { GuardError } from "../guard-error.js";
import { milliseconds, optional, readOptionsBy, type Duration, type Reader } from "../configuration.js";
import { measurementsOf } from "../metrics/measured.js";
import type { GuardStats } from "../metrics/stats.js";
import { webhookCounts, type CountedWebhooks } from "../metrics/webhook-counts.js";
import { requirePackage } from "../optional-package.js";
import { observeCounts, recordDurations } from "./metrics.js";
import { EventSpans } from "./spans.js";

/** Options of `guardTelemetry`. */
export interface GuardTelemetryOptions {
  /** Makes the instruments. @default `metrics.getMeter("socket.io-guard")` */
  readonly meter?: Api.Meter;
  /** Makes the spans. @default `trace.getTracer("socket.io-guard")` */
  readonly tracer?: Api.Tracer;
  /** The part of the allowed events that get a span, 0 to 1. Denied and slow events get one anyway. @default 0.01 */
  readonly sample?: number;
  /** An event gets a span if its verdict took at least this long. @default "100ms" */
  readonly slow?: Duration;
  /**
   * Returns the parent of an event's span, for example `({ args: [message] }) => propagation.extract(ROOT_CONTEXT, message.trace)`. Called only for
   * events that get a span. `args` are what the client sent, which it may have forged: whoever you let choose the parent can add spans to any trace. @default each span begins a trace
   */
  readonly parent?: (event: { readonly event: string; readonly args: readonly unknown[] }) => Api.Context | undefined;
  /** What `webhooks()` returned, to export its backlog. @default no metrics of webhooks */
  readonly webhooks?: CountedWebhooks;
}

const sample: Reader<number> = (given, name) => {
  if (typeof given === "number" && given >= 0 && given <= 1) return given;
  throw new GuardError("option_invalid", `\`${name}\` must be a number from 0 to 1.`);
};

/** For options that the API of OpenTelemetry or the host makes. */
const as = <Type extends object | undefined>(): Reader<Type> => (given) => given as Type;

const table = {
  meter: as<Api.Meter | undefined>(),
  tracer: as<Api.Tracer | undefined>(),
  sample: optional(sample),
  slow: optional(milliseconds),
  parent: as<GuardTelemetryOptions["parent"]>(),
  webhooks: as<CountedWebhooks | undefined>(),
};

/**
 * Reports the metrics of a guard, such as `socketio_guard.verdicts`, and makes a span for each denied, each slow and some of the other events.
 * A span covers the verdict, with its asynchronous check, and not the handler. It holds no arguments and no credential. docs/monitoring.md lists the names.
 * Call it once for each guard, after the SDK of OpenTelemetry has started.
 * @throws GuardError `package_missing` without @opentelemetry/api; `option_invalid`, `option_unknown`
 */
export function guardTelemetry(guarded: { stats(): GuardStats }, options: GuardTelemetryOptions = {}): void {
  const api = requirePackage<typeof Api>("@opentelemetry/api", "socket.io-guard/opentelemetry");
  const measurements = measurementsOf(guarded, "guardTelemetry(guarded)");
  const { meter = api.metrics.getMeter("socket.io-guard"), tracer = api.trace.getTracer("socket.io-guard"), webhooks, parent, ...when } = readOptionsBy(table, options, { where: "guardTelemetry()" });
  observeCounts(meter, async () => ({ webhooks: await webhookCounts(webhooks), guard: guarded.stats() }));
  recordDurations(meter, measurements.durations);
  measurements.observer = new EventSpans({ api, tracer, parent, sample: when.sample ?? 0.01, slow: when.slow ?? 100 });
}
