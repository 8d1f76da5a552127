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

describe("the options of guard", () => {
  const given = { authenticate: anonymous(), events: {} };
  const read = (options: unknown) => mistake(() => readOptions(options));

  it("have the defaults that are documented", () => {
    expect(readOptions(given)).to.deep.include({ onDenied: "reject", recheckUser: 30_000, checkTimeout: 2_000, authenticateTimeout: 5_000, queue: 64, undeclared: undefined, origins: undefined });
  });

  it("are frozen once they are read, and changing what was given changes nothing", () => {
    const authenticate = [anonymous()];
    const origins = ["https://chat.example"];
    const config = readOptions({ ...given, authenticate, origins });
    authenticate.pop();
    origins.push("https://evil.example");
    for (const part of [config, config.chain, config.origins]) expect(Object.isFrozen(part)).to.equal(true);
    expect([config.chain.length, config.origins]).to.deep.equal([1, ["https://chat.example"]]);
  });

  it("are an object with authenticate and events", () => {
    for (const options of [undefined, null, "options", 1]) expect(read(options)).to.match(/^option_invalid: guard\(io, options\) needs options/);
    for (const authenticate of [undefined, []]) expect(read({ ...given, authenticate })).to.match(/^authenticate_missing: /);
    for (const authenticate of [null, "jwt", [undefined], {}, { authenticate: () => undefined }, [anonymous(), anonymous]]) expect(read({ ...given, authenticate })).to.match(/^option_invalid: authenticate holds/);
    for (const events of [undefined, null, [], "hello", () => ({})]) expect(read({ ...given, events })).to.match(/^events_missing: /);
  });

  it("are known by name", () => {
    expect(read({ ...given, event: {} })).to.equal('option_unknown: guard has no option "event". Did you mean "events"?');
    for (const later of ["rooms", "rules", "login", "limits", "store", "audit"]) expect(read({ ...given, [later]: {} })).to.match(/^option_unknown/);
  });

  it("that are durations are more than 0", () => {
    for (const name of ["recheckUser", "checkTimeout", "authenticateTimeout"]) {
      for (const wrong of [0, "0s", "", "soon", -1, Infinity, []]) expect(read({ ...given, [name]: wrong }), JSON.stringify(wrong)).to.match(new RegExp(`^duration_invalid: ${name} is `));
      expect(read({ ...given, [name]: "1s" })).to.equal("accepted");
    }
  });

  it("that are time-outs stay what Node's timers can wait for: longer than 24 days would fire at once", () => {
    const config = readOptions({ ...given, checkTimeout: "60d", authenticateTimeout: "60d" });
    expect([config.checkTimeout, config.authenticateTimeout]).to.deep.equal([2_147_483_647, 2_147_483_647]);
    expect(readOptions({ ...given, authenticateTimeout: 0.5 }).authenticateTimeout).to.equal(1);
  });

  it("that are of one kind take no other", () => {
    const wrong: Record<string, readonly unknown[]> = {
      onDenied: ["kick", true, null],
      queue: [0, -1, 1.5, 65_537, "64", Infinity, Number.NaN],
      findUser: [null, {}, "users", true],
      origins: [null, "*", "https://chat.example", [""], ["chat.example"], ["https://chat.example/"], ["https://CHAT.example"], ["https://chat.example:443"], ["null"], [/chat/], [undefined]],
    };
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) expect(read({ ...given, [name]: value }), `${name}: ${String(value)}`).to.match(/^option_invalid: /);
    }
  });

  it("need origins where a cookie is read", () => {
    const authenticate = { ...anonymous(), name: "jwt", cookie: "access_token" };
    expect(read({ ...given, authenticate })).to.match(/^origins_missing: jwt reads the cookie "access_token"/);
    for (const origins of ["same-origin", ["https://chat.example"], []]) expect(read({ ...given, authenticate, origins })).to.equal("accepted");
  });
});
