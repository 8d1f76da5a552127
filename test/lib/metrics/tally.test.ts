// The counts of verdicts on one event.
import { expect } from "chai";
import { Tallies, Tally } from "../../../lib/metrics/tally.js";

describe("a tally", () => {
  it("counts what was allowed, and what was denied by code", () => {
    const tally = new Tally("message");
    tally.allowed += 2;
    for (const code of ["forbidden", "rate_limited", "forbidden"]) tally.denied(code);
    expect([...tally.counts()]).to.deep.equal([["allowed", 2], ["forbidden", 2], ["rate_limited", 1]]);
    expect(tally.allDenied).to.equal(3);
  });

  it("counts all codes that are not the guard's as one", () => {
    const tally = new Tally("message");
    for (let nth = 0; nth < 1_000; nth += 1) tally.denied(`code ${nth}`);
    for (const inherited of ["toString", "__proto__", "other"]) tally.denied(inherited);
    expect([...tally.counts()]).to.deep.equal([["other", 1_003]]);
  });

  it("is the same one for each rule of an event, also for one that replaces another", () => {
    const tallies = new Tallies();
    tallies.of("message").allowed += 1;
    expect(tallies.of("message").allowed).to.equal(1);
    tallies.of("constructor").denied("forbidden");
    expect([...tallies].map(({ event }) => event)).to.deep.equal(["message", "constructor"]);
  });
});
