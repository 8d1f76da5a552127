import { expect } from "chai";
import { FailedLogins } from "../../../lib/authenticate/failed-logins.js";

const fail = (logins: FailedLogins, address: string, now: number, times: number) => { for (let nth = 0; nth < times; nth += 1) logins.failed(address, now); };

describe("failed logins", () => {
  it("block an address after ten in a minute, each time for twice as long, and never for more than a minute", () => {
    const logins = new FailedLogins();
    let now = 1e12;
    fail(logins, "192.0.2.1", now, 9);
    expect(logins.refusal("192.0.2.1", now)).to.equal(undefined);
    const waits: unknown[] = [];
    for (let nth = 0; nth < 9; nth += 1) {
      logins.failed("192.0.2.1", now);
      const refused = logins.refusal("192.0.2.1", now)!;
      waits.push(refused.retryAfter);
      expect(refused).to.include({ code: "rate_limited", reconnect: "later" });
      now += refused.retryAfter!;
      expect(logins.refusal("192.0.2.1", now)).to.equal(undefined);
    }
    expect(waits).to.deep.equal([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(logins.refusal("192.0.2.2", now)).to.equal(undefined);
  });

  it("are forgotten after a minute without any, and after a success", () => {
    const logins = new FailedLogins();
    fail(logins, "192.0.2.1", 0, 9);
    logins.failed("192.0.2.1", 60_000);
    expect(logins.refusal("192.0.2.1", 60_000)).to.equal(undefined);
    fail(logins, "192.0.2.1", 60_000, 9);
    expect(logins.refusal("192.0.2.1", 60_001)).to.not.equal(undefined);
    logins.succeeded("192.0.2.1");
    expect([logins.refusal("192.0.2.1", 60_001), logins.size]).to.deep.equal([undefined, 0]);
  });

  it("of one IPv6 network count together, however its addresses are written, and a mapped IPv4 address is that address", () => {
    const logins = new FailedLogins();
    for (const address of ["2001:db8:0:1::1", "2001:DB8::1:0:0:0:2", "2001:0db8:0000:0001:ffff:0:0:3", "2001:db8:0:1:1::%eth0"]) fail(logins, address, 0, 3);
    expect(logins.refusal("2001:db8:0:1:9:9:9:9", 1)).to.not.equal(undefined);
    expect(logins.refusal("2001:db8:0:2::1", 1)).to.equal(undefined);
    fail(logins, "::ffff:192.0.2.1", 0, 10);
    expect(logins.refusal("192.0.2.1", 1)).to.not.equal(undefined);
    expect(logins.refusal("::ffff:192.0.2.2", 1)).to.equal(undefined);
  });

  it("are kept for ten thousand addresses, and whoever is blocked is not pushed out by strangers", () => {
    const logins = new FailedLogins();
    fail(logins, "192.0.2.1", 0, 10);
    for (let nth = 0; nth < 20_000; nth += 1) logins.failed(`10.${nth >> 16}.${(nth >> 8) & 255}.${nth & 255}`, 1);
    expect(logins.size).to.equal(10_000);
    expect(logins.refusal("192.0.2.1", 2)).to.not.equal(undefined);
  });
});
