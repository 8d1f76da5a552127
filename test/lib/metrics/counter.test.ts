// Counts by labels, in a bounded number of series.
import { expect } from "chai";
import { Counter } from "../../../lib/metrics/counter.js";

describe("a counter", () => {
  it("counts each combination of labels", () => {
    const counter = new Counter<[string, string]>(["other", "other"]);
    for (const labels of [["jwt", "connected"], ["jwt", "token_expired"], ["jwt", "connected"]] as [string, string][]) counter.add(...labels);
    expect([...counter]).to.deep.equal([[["jwt", "connected"], 2], [["jwt", "token_expired"], 1]]);
  });

  it("counts what comes after a thousand combinations as one other", () => {
    const counter = new Counter<[string]>(["other"]);
    for (let nth = 0; nth < 10_000; nth += 1) counter.add(`name ${nth}`);
    counter.add("name 0");
    const series = [...counter];
    expect(series).to.have.length(1_001);
    expect(series.at(0)).to.deep.equal([["name 0"], 2]);
    expect(series.at(-1)).to.deep.equal([["other"], 9_000]);
  });
});
