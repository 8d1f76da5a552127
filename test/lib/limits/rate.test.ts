import { expect } from "chai";
import { GuardError } from "../../../lib/guard-error.js";
import { readRate } from "../../../lib/limits/rate.js";

describe("readRate", () => {
  it("reads a number and a window", () => {
    expect(readRate("20/10s", "limit")).to.deep.equal({ text: "20/10s", count: 20, window: 10_000 });
    expect(readRate("1/1.5 s", "limit")).to.deep.equal({ text: "1/1.5 s", count: 1, window: 1_500 });
    expect(readRate("1000000000/1d", "limit")).to.deep.equal({ text: "1000000000/1d", count: 1_000_000_000, window: 86_400_000 });
    expect(readRate("5/100", "limit").window).to.equal(100);
  });

  for (const given of [undefined, null, 20, "", "20", "20/", "/10s", "0/10s", "-1/10s", "1.5/10s", "1e3/10s", "20/0s", "20/-1s", "20/25h", "20/ten seconds", "1000000001/1s", "20/10s/3", " 20/10s"]) {
    it(`refuses ${JSON.stringify(given)}`, () => {
      expect(() => readRate(given, "limits.user")).to.throw(GuardError, '`limits.user` must be a rate such as "20/10s"').with.property("code", "option_invalid");
    });
  }
});
