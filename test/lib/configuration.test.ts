import { expect } from "chai";
import { milliseconds, refuseUnknownOptions, type Duration } from "../../lib/configuration.js";
import { readOptions } from "../../lib/options.js";
import { anonymous } from "../../lib/authenticate/anonymous.js";
import { mistake } from "./policy/support.js";

describe("a duration", () => {
  it("is milliseconds as a number, or a string with its unit", () => {
    const durations: readonly [Duration, number][] = [
      [0, 0], [1, 1], [0.5, 0.5], [86_400_000, 86_400_000], ["0", 0], ["250", 250], ["250ms", 250], ["30s", 30_000], ["1.5s", 1_500], ["10m", 600_000],
      ["2h", 7_200_000], ["90d", 7_776_000_000], ["1 minute", 60_000], ["1w", 604_800_000], ["2 Days", 172_800_000],
    ];
    for (const [duration, expected] of durations) expect(milliseconds(duration, "it"), String(duration)).to.equal(expected);
  });

  it("is nothing else: the start stops, and the sentence names the option", () => {
    const wrong: unknown[] = [
      "", " ", "abc", "30 parsecs", "s", "-1s", "1h30m", "1,5s", "Infinity", "NaN", "0x10", "9".repeat(400), "9".repeat(1_000_000), `${" ".repeat(99)}1s`,
      -1, Number.NaN, Infinity, -Infinity, undefined, null, true, {}, [], [30], ["30s"], 30n, new Date(), () => 30, Symbol("30s"),
    ];
    for (const duration of wrong) {
      expect(mistake(() => milliseconds(duration as Duration, "checkTimeout")), String(duration).slice(0, 40))
        .to.equal('duration_invalid: checkTimeout is not a duration: give milliseconds as a number, or a string such as "30s".');
    }
  });
});

describe("an unknown option", () => {
  it("is refused with the nearest name that there is, whatever its case", () => {
    const known = ["authenticate", "events", "onDenied", "checkTimeout"];
    for (const [wrong, right] of [["autenticate", "authenticate"], ["event", "events"], ["ONDENIED", "onDenied"], ["on_denied", "onDenied"], ["timeout", "checkTimeout"]] as const) {
      expect(mistake(() => refuseUnknownOptions({ events: {}, [wrong]: 1 }, known, "guard"))).to.equal(`option_unknown: guard has no option "${wrong}". Did you mean "${right}"?`);
    }
  });

  it("is also one that is undefined, and one that every object inherits when it is given", () => {
    expect(mistake(() => refuseUnknownOptions({ event: undefined }, ["events"], "guard"))).to.match(/^option_unknown/);
    expect(mistake(() => refuseUnknownOptions({ toString: 1 }, ["events"], "guard"))).to.match(/^option_unknown/);
    expect(mistake(() => refuseUnknownOptions(Object.fromEntries([["__proto__", 1]]), ["events"], "guard"))).to.match(/^option_unknown/);
  });

  it("is not one that only the prototype has", () => {
    expect(mistake(() => refuseUnknownOptions(Object.create({ other: 1 }) as object, ["events"], "guard"))).to.equal("accepted");
  });
});

describe("the time-outs of guard", () => {
  it("stay what Node's timers can wait for: longer than 24 days would fire at once", () => {
    const config = readOptions({ authenticate: anonymous(), events: {}, checkTimeout: "60d", authenticateTimeout: "60d" });
    expect([config.checkTimeout, config.authenticateTimeout]).to.deep.equal([2_147_483_647, 2_147_483_647]);
  });

  it("are whole milliseconds, as AbortSignal.timeout takes them", () => {
    expect(readOptions({ authenticate: anonymous(), events: {}, authenticateTimeout: 0.5 }).authenticateTimeout).to.equal(1);
  });
});
