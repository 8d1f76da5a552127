// Which events get a span.
import * as api from "@opentelemetry/api";
import { expect } from "chai";
import { EventSpans } from "../../../lib/opentelemetry/spans.js";
import { useClock } from "../../support/clock.js";

describe("Spans for events", () => {
  const clock = useClock(Date.UTC(2026, 10, 28));
  const spansFor = (sample: number) => new EventSpans({ api, tracer: api.trace.getTracer("test"), parent: undefined, sample, slow: 100 });
  const wanted = (spans: EventSpans, code: string, count: number) => Array.from({ length: count }, () => spans.wants(code, Date.now())).filter(Boolean).length;

  it("are at most a hundred a second for denied events, however many a client sends", () => {
    const spans = spansFor(1);
    expect(wanted(spans, "forbidden", 10_000)).to.equal(100);
    clock.advance(1_000);
    expect(wanted(spans, "forbidden", 10_000)).to.equal(100);
    expect(wanted(spans, "allowed", 1_000)).to.equal(1_000);
  });

  it("are made for about the part of the allowed events that is asked for", () => {
    expect(wanted(spansFor(0), "allowed", 10_000)).to.equal(0);
    expect(wanted(spansFor(0.1), "allowed", 100_000)).to.be.within(9_000, 11_000);
  });

  it("are made for each event whose verdict took too long", () => {
    const [spans, startedAt] = [spansFor(0), Date.now()];
    clock.advance(99);
    expect(spans.wants("allowed", startedAt)).to.equal(false);
    clock.advance(1);
    expect(spans.wants("allowed", startedAt)).to.equal(true);
  });
});
