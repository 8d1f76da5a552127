import { expect } from "chai";
import { milliseconds, refuseUnknownOptions, type Duration } from "../../lib/configuration.js";
import { mistake } from "./policy/support.js";

describe("A duration", () => {
  it("is a number of milliseconds, or a string with a unit", () => {
    const durations: readonly [Duration, number][] = [
      [0, 0], [1, 1], [0.5, 0.5], [86_400_000, 86_400_000], ["0", 0], ["250", 250], ["250ms", 250], ["30s", 30_000], ["1.5s", 1_500], ["10m", 600_000],
      ["2h", 7_200_000], ["90d", 7_776_000_000], ["1 minute", 60_000], ["1w", 604_800_000], ["2 Days", 172_800_000],
    ];
    for (const [duration, expected] of durations) expect(milliseconds(duration, "it"), String(duration)).to.equal(expected);
  });

  it("cannot be anything else, and the error names the option", () => {
    const wrong: unknown[] = [
      "", " ", "abc", "30 parsecs", "s", "-1s", "1h30m", "1,5s", "Infinity", "NaN", "0x10", "9".repeat(400), "9".repeat(1_000_000), `${" ".repeat(99)}1s`,
      -1, Number.NaN, Infinity, -Infinity, undefined, null, true, {}, [], [30], ["30s"], 30n, new Date(), () => 30, Symbol("30s"),
    ];
    for (const duration of wrong) {
      expect(mistake(() => milliseconds(duration, "checkTimeout")), String(duration).slice(0, 40))
        .to.equal('option_invalid: `checkTimeout` must be a duration: a number of milliseconds, or a string such as "30s".');
    }
  });
});

describe("An unknown option", () => {
  it("is refused with the nearest name that exists, in upper or lower case", () => {
    const known = ["authenticate", "events", "onDenied", "checkTimeout"];
    for (const [wrong, right] of [["autenticate", "authenticate"], ["event", "events"], ["ONDENIED", "onDenied"], ["on_denied", "onDenied"], ["timeout", "checkTimeout"]] as const) {
      expect(mistake(() => refuseUnknownOptions({ events: {}, [wrong]: 1 }, known, "guard()"))).to.equal(`option_unknown: guard() has no option \`${wrong}\`. Did you mean \`${right}\`?`);
    }
  });

  it("is refused if it is undefined, and if it has a name that every object inherits", () => {
    expect(mistake(() => refuseUnknownOptions({ event: undefined }, ["events"], "guard"))).to.match(/^option_unknown/);
    expect(mistake(() => refuseUnknownOptions({ toString: 1 }, ["events"], "guard"))).to.match(/^option_unknown/);
    expect(mistake(() => refuseUnknownOptions(Object.fromEntries([["__proto__", 1]]), ["events"], "guard"))).to.match(/^option_unknown/);
  });

  it("is not refused if only the prototype has it", () => {
    expect(mistake(() => refuseUnknownOptions(Object.create({ other: 1 }) as object, ["events"], "guard"))).to.equal("accepted");
  });
});
