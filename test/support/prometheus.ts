// Reads what Prometheus would read.
import { createRequire } from "node:module";

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  /** In capital letters, such as "COUNTER". */
  readonly type: string;
  /** Those of a histogram are in the families whose names end with `_bucket`, `_sum` and `_count`. */
  readonly samples: readonly Sample[];
}

interface Parsed {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly metrics: readonly { readonly value?: string; readonly labels?: Record<string, string> }[];
}

// The package has no types.
const parse = createRequire(import.meta.url)("parse-prometheus-text-format") as (text: string) => readonly Parsed[];

/** The metrics by name. Throws if the text is not in Prometheus' format. */
export function readMetrics(text: string): Map<string, Family> {
  // The parser drops the labels of histograms. Without their types it reads each sample as it is written.
  const samples = parse(text.replace(/^# (HELP|TYPE) .*$/gm, ""));
  return new Map([...samples, ...parse(text)].map(({ name, help, type, metrics }) => [
    name, { name, help, type, samples: metrics.flatMap(({ value, labels = {} }) => (value === undefined ? [] : [{ labels, value: Number(value) }])) },
  ]));
}

/** The value of the sample with these labels. */
export function valueOf(family: Family | undefined, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const wanted = Object.entries(labels);
  return family?.samples.find((sample) => Object.keys(sample.labels).length === wanted.length && wanted.every(([name, value]) => sample.labels[name] === value))?.value;
}
