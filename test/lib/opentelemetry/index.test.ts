// What the SDK of OpenTelemetry receives from a real server.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Context } from "@opentelemetry/api";
import { DataPointType, MeterProvider, MetricReader, type MetricData } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { expect } from "chai";
import { signedIn } from "../../../lib/index.js";
import { durations, metrics } from "../../../lib/metrics/catalog.js";
import { guardTelemetry, type GuardTelemetryOptions } from "../../../lib/opentelemetry/index.js";
import { pause } from "../../support/pause.js";
import { projectWith, resultOf } from "../../support/project.js";
import { StoreInMemory } from "../../support/revocations.js";
import { closeEverything, serve, type Served, type Setting } from "../../support/server.js";

class Reader extends MetricReader {
  protected onShutdown(): Promise<void> { return Promise.resolve(); }
  protected onForceFlush(): Promise<void> { return Promise.resolve(); }
}

interface Telemetry extends Served {
  readonly spans: () => readonly ReadableSpan[];
  readonly metrics: () => Promise<Map<string, MetricData>>;
}

async function traced(options: GuardTelemetryOptions = {}, setting: Setting = {}): Promise<Telemetry> {
  const exporter = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer("test");
  const reader = new Reader();
  const meter = new MeterProvider({ readers: [reader] }).getMeter("test");
  const served = await serve({ events: { message: signedIn, secret: () => false, broken: () => { throw new Error("broken"); }, slow: async () => { await pause(30); return true; } }, ...setting });
  served.guarded.on("failed", () => undefined);
  served.io.on("connection", (socket) => socket.onAny((...args: unknown[]) => { (args.at(-1) as () => void)(); }));
  guardTelemetry(served.guarded, { meter, tracer, sample: 0, ...options });
  const collect = async () => {
    const { resourceMetrics, errors } = await reader.collect();
    expect(errors).to.deep.equal([]);
    return new Map(resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics).map((data) => [data.descriptor.name, data]));
  };
  return { ...served, spans: () => exporter.getFinishedSpans(), metrics: collect };
}

const pointsOf = (data: MetricData | undefined): unknown => data!.dataPoints.map(({ attributes, value }) => [attributes, value]);

describe("guardTelemetry(guarded)", () => {
  afterEach(closeEverything);

  it("reports what the catalog lists, as the kinds and with the units that OpenTelemetry has for them", async () => {
    const { metrics: collect, member, guarded } = await traced({}, { store: { revocations: new StoreInMemory() } });
    const { client } = await member();
    for (const event of ["message", "message", "secret", "made up", "slow"]) await client.emitWithAck(event);
    const collected = await collect();
    expect(pointsOf(collected.get("socketio_guard.verdicts"))).to.have.deep.members([
      [{ "socketio_guard.event": "message" }, 2], [{ "socketio_guard.event": "slow" }, 1],
      [{ "socketio_guard.event": "secret", "error.type": "forbidden" }, 1], [{ "socketio_guard.event": "undeclared", "error.type": "event_unlisted" }, 1],
    ]);
    expect(pointsOf(collected.get("socketio_guard.handshakes"))).to.deep.equal([[{ "socketio_guard.method": "jwt" }, 1]]);
    expect(pointsOf(collected.get("socketio_guard.session.count"))).to.deep.equal([[{}, 1]]);
    const check = collected.get("socketio_guard.check.duration")!;
    expect(check.dataPointType).to.equal(DataPointType.HISTOGRAM);
    expect(check.descriptor.unit).to.equal("s");
    const known = new Map([...metrics.map(({ opentelemetry, unit }) => [opentelemetry, unit] as const), ...Object.values(durations).map(({ opentelemetry }) => [opentelemetry, "s"] as const)]);
    for (const [name, { descriptor }] of collected) expect([name, descriptor.unit]).to.deep.equal([name, known.get(name)]);
    await guarded.close();
    expect(pointsOf((await collect()).get("socketio_guard.ready"))).to.deep.equal([[{}, 0]]);
  });

  it("makes a span for each denied event, without its arguments and the token", async () => {
    const { spans, member, token } = await traced();
    const credential = token();
    const { client, socket } = await member("/", { auth: { token: credential } });
    await client.emitWithAck("message", "planted payload");
    await client.emitWithAck("secret", "planted payload");
    await client.emitWithAck("planted name");
    await client.emitWithAck("broken");
    const made = spans();
    expect(made.map(({ name, kind, status }) => [name, kind, status.code])).to.deep.equal([
      ["guard secret", SpanKind.CONSUMER, SpanStatusCode.UNSET], ["guard undeclared", SpanKind.CONSUMER, SpanStatusCode.UNSET], ["guard broken", SpanKind.CONSUMER, SpanStatusCode.ERROR],
    ]);
    expect(made[0]!.attributes).to.deep.equal({
      "messaging.system": "socket.io", "messaging.operation.name": "guard", "messaging.operation.type": "process", "messaging.destination.name": "secret",
      "messaging.client.id": socket.id, "socketio_guard.namespace": "/", "error.type": "forbidden",
    });
    const text = JSON.stringify(made.map(({ name, attributes, events, links, status }) => ({ name, attributes, events, links, status })));
    expect(text).to.not.include("planted").and.not.include(credential);
  });

  it("makes a span for each slow event, which covers its asynchronous check", async () => {
    const { spans, member } = await traced({ slow: 250 }, { events: { message: signedIn, slow: async () => { await pause(300); return true; } } });
    const { client } = await member();
    await client.emitWithAck("message");
    await client.emitWithAck("slow");
    expect(spans().map(({ name }) => name)).to.deep.equal(["guard slow"]);
    const { duration: [seconds, nanoseconds] } = spans()[0]!;
    expect(seconds * 1_000 + nanoseconds / 1e6).to.be.at.least(299);
  });

  it("makes a span for the part of the other events that `sample` names", async () => {
    const all = await traced({ sample: 1 });
    const none = await traced({ sample: 0 });
    for (const { member } of [all, none]) await (await member()).client.emitWithAck("message");
    expect(all.spans().map(({ name, attributes }) => [name, attributes["error.type"]])).to.deep.equal([["guard message", undefined]]);
    expect(none.spans()).to.deep.equal([]);
  });

  it("takes the parent from the arguments only where the host says so", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const seen: unknown[] = [];
    const parent = ({ event, args: [first] }: { readonly event: string; readonly args: readonly unknown[] }): Context | undefined => {
      seen.push(event);
      const [, traceId, spanId] = /^00-(\w{32})-(\w{16})-01$/.exec((first as { trace: string }).trace)!;
      return trace.setSpanContext(ROOT_CONTEXT, { traceId: traceId!, spanId: spanId!, traceFlags: 1 });
    };
    const chosen = await traced({ sample: 1, parent });
    const own = await traced({ sample: 1 });
    for (const { member } of [chosen, own]) {
      const { client } = await member();
      await client.emitWithAck("message", { trace: traceparent });
      // Here the function of the host throws.
      await client.emitWithAck("message", null);
    }
    expect(chosen.spans().map(({ parentSpanContext }) => parentSpanContext?.spanId)).to.deep.equal(["b7ad6b7169203331", undefined]);
    expect(own.spans().map(({ parentSpanContext }) => parentSpanContext)).to.deep.equal([undefined, undefined]);
    expect(seen).to.deep.equal(["message", "message"]);
  });

  it("says what is wrong", async () => {
    const { guarded } = await serve();
    expect(() => guardTelemetry(guarded, { sample: 2 })).to.throw("`sample` must be a number from 0 to 1.").with.property("code", "option_invalid");
    expect(() => guardTelemetry(guarded, { slow: "soon" as never })).to.throw("`slow` must be a duration");
    expect(() => guardTelemetry(guarded, { smaple: 1 } as never)).to.throw("sample").with.property("code", "option_unknown");
    expect(() => guardTelemetry({ stats: () => guarded.stats() })).to.throw("guardTelemetry(guarded) takes what guard() has returned.");
    const importing = 'import { guardTelemetry } from "socket.io-guard/opentelemetry";';
    expect(await resultOf(await projectWith(), importing, "guardTelemetry({})")).to.equal("package_missing socket.io-guard/opentelemetry needs a package that is not installed: npm install @opentelemetry/api");
  });
});
