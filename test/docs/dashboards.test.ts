// The dashboard and the alert rules that ship in docs/ use metrics, labels and codes that are really exported.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Registry } from "prom-client";
import { parse } from "yaml";
import { failureSources } from "../../lib/failure-warnings.js";
import { durations, metrics } from "../../lib/metrics/catalog.js";
import { guardMetrics } from "../../lib/prometheus/index.js";
import { codes } from "../../lib/protocol.js";
import { closeEverything, serve } from "../support/server.js";
import { root } from "./blocks.js";

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[] }[];
  readonly templating: { readonly list: readonly { readonly query: string }[] };
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string; readonly expr: string; readonly annotations: Readonly<Record<string, string>> }[] }[];
}

const read = (file: string): string => readFileSync(join(root, "docs", file), "utf8");
const dashboard = JSON.parse(read("grafana-dashboard.json")) as Dashboard;
const rules = (parse(read("alert-rules.yml")) as Rules).groups.flatMap((group) => group.rules);

/** The labels of each name that may stand in an expression. */
const labels = new Map<string, readonly string[]>([
  ...metrics.map((metric) => [metric.prometheus, metric.labels] as const),
  ...Object.values(durations).flatMap(({ prometheus, label }) => {
    const own = label === undefined ? [] : [label];
    return [[`${prometheus}_bucket`, [...own, "le"]], [`${prometheus}_sum`, own], [`${prometheus}_count`, own]] as const;
  }),
]);
/** What Prometheus adds to each series. */
const ofPrometheus = ["instance", "job"];
const values: Readonly<Record<string, readonly string[]>> = { code: [...Object.keys(codes), "allowed", "connected"], source: failureSources };

const namesIn = (expression: string): string[] => expression.match(/socketio_guard_\w+/g) ?? [];

/** What is wrong with an expression. */
function problemsOf(expression: string): string[] {
  const names = namesIn(expression);
  const unknown = names.filter((name) => !labels.has(name)).map((name) => `there is no metric ${name}`);
  const known = new Set([...names.flatMap((name) => labels.get(name) ?? []), ...ofPrometheus]);
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(",").map((label) => label.trim()));
  const matched = [...expression.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)];
  const badLabels = [...grouped, ...matched.map(([, label]) => label!)].filter((label) => !known.has(label)).map((label) => `no metric has the label ${label}`);
  const badValues = matched.flatMap(([, label, , value]) => value!.split("|").filter((one) => values[label!]?.includes(one) === false).map((one) => `${label} is never ${one}`));
  return [...(names.length === 0 ? ["it names no metric"] : []), ...unknown, ...badLabels, ...badValues];
}

describe("The dashboard and the alert rules", () => {
  afterEach(closeEverything);

  it("name metrics, labels and codes that are exported", async () => {
    const register = guardMetrics((await serve()).guarded, { register: new Registry() });
    const exported = register.getMetricsAsArray().map(({ name }) => name);
    expect(exported).to.have.members([...metrics, ...Object.values(durations)].map(({ prometheus }) => prometheus));
    const expressions = [...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), ...rules.map(({ expr }) => expr)];
    for (const expression of expressions) expect([expression, problemsOf(expression)]).to.deep.equal([expression, []]);
  });

  it("are checked: a metric, a label or a code that does not exist is found", () => {
    expect(problemsOf("rate(socketio_guard_verdicts_totals[5m])")).to.deep.equal(["there is no metric socketio_guard_verdicts_totals"]);
    expect(problemsOf('sum by (room) (socketio_guard_verdicts_total{user="alice", code=~"allowed|forbiden"})')).to.deep.equal([
      "no metric has the label room", "no metric has the label user", "code is never forbiden",
    ]);
    expect(problemsOf('histogram_quantile(0.9, sum by (le, method) (rate(socketio_guard_check_duration_seconds_bucket[5m])))')).to.deep.equal(["no metric has the label method"]);
  });

  it("show each metric in the dashboard, with labels that its expression has", () => {
    const shown = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr))).map((name) => name.replace(/_bucket$/, ""));
    expect(new Set(shown)).to.have.all.keys([...metrics, ...Object.values(durations)].map(({ prometheus }) => prometheus));
    for (const { title, targets } of dashboard.panels) {
      for (const { expr, legendFormat } of targets) {
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect([...namesIn(expr).flatMap((name) => labels.get(name)!), ...ofPrometheus], title).to.include(label);
      }
    }
    expect(new Set(dashboard.panels.map(({ title }) => title)).size).to.equal(dashboard.panels.length);
  });

  it("have alerts that say what happens and what to look at", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).to.equal(rules.length);
    for (const { alert, annotations } of rules) expect(annotations, alert).to.have.all.keys("summary", "description");
  });

  it("are described: docs/monitoring.md lists each metric with its labels", () => {
    const rows = [...read("monitoring.md").matchAll(/^\| `(socketio_guard_\w+)` \| (.*?) ?\| /gm)].map(([, name, list]) => [name, (list!.match(/\w+/g) ?? []).join()]);
    const listed = [...metrics.map(({ prometheus, labels: own }) => [prometheus, own.join()]), ...Object.values(durations).map(({ prometheus, label = "" }) => [prometheus, label])];
    expect(rows).to.have.deep.members(listed);
  });
});
