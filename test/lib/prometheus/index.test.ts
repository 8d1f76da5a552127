// The metrics of a real server, as a real parser of Prometheus' format reads them.
import { createServer } from "node:http";
import { expect } from "chai";
import { Registry } from "prom-client";
import { anyone, signedIn } from "../../../lib/index.js";
import type { LimitStore } from "../../../lib/limits/limit-store.js";
import { metrics, durations } from "../../../lib/metrics/catalog.js";
import { guardMetrics } from "../../../lib/prometheus/index.js";
import { draws } from "../../support/draws.js";
import { eventually } from "../../support/eventually.js";
import { pause } from "../../support/pause.js";
import { projectWith, resultOf } from "../../support/project.js";
import { readMetrics, valueOf, type Family } from "../../support/prometheus.js";
import { StoreInMemory } from "../../support/revocations.js";
import { closeEverything, closeLater, listen, nextTurn, refusal, serve } from "../../support/server.js";

type Guarded = Parameters<typeof guardMetrics>[0];

/** A server as a host writes it, and what Prometheus would read there. */
async function scraped(guarded: Guarded): Promise<() => Promise<Map<string, Family>>> {
  const register = guardMetrics(guarded, { register: new Registry() });
  const web = createServer((_request, response) => void register.metrics().then((text) => response.setHeader("content-type", register.contentType).end(text)));
  const address = await listen(web);
  closeLater(() => web.close());
  return async () => {
    const response = await fetch(`${address}/metrics`);
    expect(response.headers.get("content-type")).to.match(/^text\/plain; version=0\.0\.4/);
    return readMetrics(await response.text());
  };
}

/** What counts is how long a promise is waited for: not the time before the guard has it. */
async function waiting(milliseconds: number): Promise<void> {
  await nextTurn();
  await pause(milliseconds);
}

// Each address needs a connection of its own.
const addresses = draws(10_000);
const seriesOf = (families: ReadonlyMap<string, Family>): number => [...families.values()].reduce((sum, { samples }) => sum + samples.length, 0);

describe("guardMetrics(guarded)", () => {
  afterEach(closeEverything);

  it("exports what the catalog lists, with its types", async () => {
    const { guarded } = await serve({ store: { revocations: new StoreInMemory() } });
    const families = await (await scraped(guarded))();
    const counts = metrics.map((metric) => [metric.prometheus, metric.kind === "counter" ? "COUNTER" : "GAUGE"]);
    const histograms = Object.values(durations).map(({ prometheus }) => [prometheus, "HISTOGRAM"]);
    const described = [...families.values()].filter(({ help }) => help !== "");
    expect(described.map(({ name, type }) => [name, type])).to.have.deep.members([...counts, ...histograms]);
    for (const { help } of described) expect(help).to.match(/\.$/);
  });

  it("counts events, handshakes and failures", async () => {
    const { guarded, connect, member } = await serve({ events: { message: signedIn, secret: () => false, broken: () => { throw new Error("broken"); } }, rooms: { lobby: { join: signedIn } } });
    guarded.on("failed", () => undefined);
    const scrape = await scraped(guarded);
    expect(valueOf((await scrape()).get("socketio_guard_failures_total"), { source: "check" })).to.equal(0);
    await refusal(connect("/", { auth: {} }));
    const { client, socket } = await member();
    socket.on("message", (ack: () => void) => ack());
    for (const event of ["message", "message", "secret", "broken", "made up"]) await client.emitWithAck(event);
    await client.emitWithAck("guard:join", { room: "lobby" });
    const families = await scrape();
    const verdicts = families.get("socketio_guard_verdicts_total");
    expect(verdicts!.samples).to.have.length(5);
    expect(valueOf(verdicts, { event: "message", code: "allowed" })).to.equal(2);
    expect(valueOf(verdicts, { event: "secret", code: "forbidden" })).to.equal(1);
    expect(valueOf(verdicts, { event: "broken", code: "check_failed" })).to.equal(1);
    expect(valueOf(verdicts, { event: "undeclared", code: "event_unlisted" })).to.equal(1);
    expect(valueOf(verdicts, { event: "guard:join", code: "allowed" })).to.equal(1);
    expect(valueOf(families.get("socketio_guard_handshakes_total"), { method: "jwt", code: "connected" })).to.equal(1);
    expect(valueOf(families.get("socketio_guard_handshakes_total"), { method: "none", code: "token_missing" })).to.equal(1);
    expect(valueOf(families.get("socketio_guard_failures_total"), { source: "check" })).to.equal(1);
    expect(valueOf(families.get("socketio_guard_sessions"))).to.equal(1);
    expect(valueOf(families.get("socketio_guard_memberships"))).to.equal(1);
    expect(valueOf(families.get("socketio_guard_ready"))).to.equal(1);
    expect(families.get("socketio_guard_store_staleness_seconds")!.samples).to.deep.equal([]);
    await guarded.close();
    expect(valueOf((await scrape()).get("socketio_guard_ready"))).to.equal(0);
  });

  it("measures how long asynchronous checks, authenticators, findUser and the store take, in seconds", async () => {
    const { guarded, member } = await serve({
      events: { slow: async () => { await waiting(30); return true; }, message: signedIn },
      findUser: async (claims: object) => ({ ...claims }),
      store: { revocations: new StoreInMemory() },
    });
    const scrape = await scraped(guarded);
    const { client, socket } = await member();
    for (const event of ["slow", "message"]) socket.on(event, (ack: () => void) => ack());
    for (const event of ["slow", "message"]) await client.emitWithAck(event);
    await guarded.revokeAll({ issuedBefore: 0 });
    let families = await scrape();
    await eventually(async () => valueOf((families = await scrape()).get("socketio_guard_store_read_duration_seconds_count"))! > 0, "the store is read");
    const of = (what: string) => families.get(`socketio_guard_${what}`);
    expect(of("check_duration_seconds_count")!.samples).to.deep.equal([{ labels: { event: "slow" }, value: 1 }]);
    expect(valueOf(of("check_duration_seconds_sum"), { event: "slow" })).to.be.within(0.029, 5);
    expect(["0.01", "+Inf"].map((le) => valueOf(of("check_duration_seconds_bucket"), { event: "slow", le }))).to.deep.equal([0, 1]);
    expect(of("verification_duration_seconds_count")!.samples).to.deep.equal([{ labels: { method: "jwt" }, value: 1 }]);
    expect(valueOf(of("find_user_duration_seconds_count"))).to.equal(1);
    expect(valueOf(families.get("socketio_guard_store_staleness_seconds"))).to.be.within(0, 10);
  });

  it("measures how long an event waits for the store of limits, and not as a check", async () => {
    const store: LimitStore = {
      announce: async () => ({ nodes: 1, isKnown: true }),
      take: async (windows) => {
        await waiting(20);
        return { waits: windows.map(() => 0), places: windows.map(() => 0), isKnown: true };
      },
      giveBack: async () => undefined,
    };
    const { guarded, member } = await serve({ events: { message: { allow: signedIn, limit: "10/1s" } }, limits: { store } });
    const scrape = await scraped(guarded);
    const { client, socket } = await member();
    socket.on("message", (ack: () => void) => ack());
    await client.emitWithAck("message");
    const families = await scrape();
    expect(valueOf(families.get("socketio_guard_limit_store_duration_seconds_count"))).to.equal(1);
    expect(valueOf(families.get("socketio_guard_limit_store_duration_seconds_sum"))).to.be.within(0.019, 5);
    expect(families.get("socketio_guard_check_duration_seconds_count")).to.equal(undefined);
  });

  it("has no series more after 10,000 events that nobody has declared and handshakes from 10,000 addresses", async () => {
    const { guarded, rawMember, connect } = await serve({ events: { message: signedIn, hello: anyone }, undeclared: anyone, trustProxy: 1, limits: { connection: false } });
    const scrape = await scraped(guarded);
    const { raw } = await rawMember();
    const handshakeFrom = (nth: number) => refusal(connect("/", { auth: { token: `no token ${nth}` }, extraHeaders: { "x-forwarded-for": `10.0.${nth >> 8}.${nth & 255}` } }));
    raw.send('420["first"]');
    await handshakeFrom(0);
    const before = seriesOf(await scrape());
    for (let nth = 0; nth < 10_000; nth += 1) raw.send(`42["made up ${nth}",${nth}]`);
    for (let first = 1; first < addresses; first += 50) await Promise.all(Array.from({ length: Math.min(50, addresses - first) }, (_, nth) => handshakeFrom(first + nth)));
    await eventually(() => guarded.stats().allowed === 10_001, "all events have arrived");
    const after = await scrape();
    expect(seriesOf(after)).to.equal(before);
    expect(valueOf(after.get("socketio_guard_handshakes_total"), { method: "jwt", code: "token_malformed" })).to.equal(addresses);
  }).timeout(300_000);

  it("registers on prom-client's own register by default, and says what is wrong", async () => {
    const { guarded } = await serve();
    const { register } = await import("prom-client");
    try {
      expect(guardMetrics(guarded)).to.equal(register);
      expect(await register.metrics()).to.include("socketio_guard_sessions 0");
      expect(() => guardMetrics(guarded)).to.throw("socketio_guard_verdicts_total has already been registered");
    } finally {
      register.clear();
    }
    expect(() => guardMetrics({ stats: () => guarded.stats() })).to.throw("guardMetrics(guarded) takes what guard() has returned.").with.property("code", "option_invalid");
  });

  it("names the package that is missing", async () => {
    const importing = 'import { guardMetrics } from "socket.io-guard/prometheus";';
    expect(await resultOf(await projectWith(), importing, "guardMetrics({})")).to.equal("package_missing socket.io-guard/prometheus needs a package that is not installed: npm install prom-client");
    expect(await resultOf(await projectWith("prom-client"), importing, "guardMetrics({})")).to.match(/^option_invalid/);
  });

  it("tells the backlog of webhooks, and everything else if their store cannot be read", async () => {
    const { guarded } = await serve();
    let isDown = false;
    const endpoint = { name: "crm", backlog: 7, dead: 2, oldestAge: 1_500, delivered: 40, failed: 3 };
    const webhooks = { stats: async () => { if (isDown) throw new Error("The store is down."); return { endpoints: [endpoint] }; } };
    const register = guardMetrics(guarded, { register: new Registry(), webhooks });
    const read = async () => {
      const families = readMetrics(await register.metrics());
      return ["webhook_backlog", "webhook_oldest_age_seconds", "webhook_dead_letters", "webhook_deliveries_total", "webhook_failed_attempts_total"]
        .map((name) => valueOf(families.get(`socketio_guard_${name}`), { endpoint: "crm" })).concat(valueOf(families.get("socketio_guard_ready")));
    };
    expect(await read()).to.deep.equal([7, 1.5, 2, 40, 3, 1]);
    isDown = true;
    expect(await read()).to.deep.equal([undefined, undefined, undefined, undefined, undefined, 1]);
  });

  it("speaks OpenMetrics if the register does", async () => {
    const { guarded } = await serve();
    const register = new Registry<"application/openmetrics-text; version=1.0.0; charset=utf-8">();
    register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    guardMetrics(guarded, { register });
    const text = await register.metrics();
    expect(text).to.include('socketio_guard_failures_total{source="check"} 0').and.match(/# EOF\n$/);
  });
});
