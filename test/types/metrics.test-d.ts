// The types of guarded.stats(), guardMetrics() and guardTelemetry().
import { ROOT_CONTEXT, type Meter, type Tracer } from "@opentelemetry/api";
import { expectTypeOf } from "expect-type";
import { Registry } from "prom-client";
import { Server } from "socket.io";
import { guard, jwt, signedIn, type GuardStats } from "../../lib/index.js";
import { guardMetrics } from "../../lib/prometheus/index.js";
import { guardTelemetry } from "../../lib/opentelemetry/index.js";
import type { Webhooks } from "../../lib/webhooks/index.js";

declare const meter: Meter, tracer: Tracer, webhooks: Webhooks;

const guarded = guard(new Server(), { authenticate: jwt({ keys: "" }), events: { message: signedIn } });
expectTypeOf(guarded.stats()).toEqualTypeOf<GuardStats>();
expectTypeOf(guarded.stats().verdicts[0]!).toEqualTypeOf<{ readonly event: string; readonly code: string; readonly count: number }>();
expectTypeOf(guarded.stats().failures["store"]).toEqualTypeOf<number | undefined>();

const register = guardMetrics(guarded);
expectTypeOf(register.contentType).toExtend<string>();
expectTypeOf(register.metrics()).toEqualTypeOf<Promise<string>>();
guardMetrics(guarded, { register: new Registry(), webhooks });
const openMetrics = new Registry<"application/openmetrics-text; version=1.0.0; charset=utf-8">();
guardMetrics(guarded, { register: openMetrics });
// @ts-expect-error: it is not a guard
guardMetrics({});
// @ts-expect-error: a register is no name
guardMetrics(guarded, { register: "default" });

expectTypeOf(guardTelemetry(guarded)).toBeVoid();
guardTelemetry(guarded, {
  meter, tracer, webhooks, sample: 0.5, slow: "1s",
  parent: ({ event, args: [first] }) => {
    expectTypeOf(event).toEqualTypeOf<string>();
    expectTypeOf(first).toEqualTypeOf<unknown>();
    return event === "message" ? ROOT_CONTEXT : undefined;
  },
});
// @ts-expect-error: no duration
guardTelemetry(guarded, { slow: "1 secnd" });
// @ts-expect-error: a parent is a context
guardTelemetry(guarded, { parent: () => "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
