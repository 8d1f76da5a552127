import { expect } from "chai";
import { describe, it } from "mocha";
import { Throttle } from "../../../../lib/limits/login/throttle.js";

const options = { failures: 10, forgetAfter: 10_000, maxWait: 60_000 };
const fail = (throttle: Throttle, key: string, now: number, times: number) => { for (let nth = 0; nth < times; nth += 1) throttle.failed(key, now); };

describe("a throttle", () => {
  it("lets ten failures pass, and doubles the wait with each further one, up to a limit", () => {
    const throttle = new Throttle(options);
    fail(throttle, "a", 0, 9);
    expect(throttle.wait("a", 0)).to.equal(0);
    const waits = Array.from({ length: 9 }, () => {
      throttle.failed("a", 0);
      return throttle.wait("a", 0);
    });
    expect(waits).to.deep.equal([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect([throttle.wait("a", 59_999), throttle.wait("a", 60_000), throttle.wait("b", 0)]).to.deep.equal([1, 0, 0]);
  });

  it("lets as many failures pass as it is told, and doubles the wait all the same", () => {
    const throttle = new Throttle({ ...options, failures: 1, maxWait: 3_600_000 });
    const waits = Array.from({ length: 3 }, () => {
      throttle.failed("a", 0);
      return throttle.wait("a", 0);
    });
    expect(waits).to.deep.equal([1_000, 2_000, 4_000]);
    expect(new Throttle({ ...options, failures: 2 }).wait("a", 0)).to.equal(0);
  });

  it("forgets one failure after another as time passes", () => {
    const throttle = new Throttle(options);
    for (let nth = 0; nth < 1_000; nth += 1) throttle.failed("a", nth * options.forgetAfter);
    expect(throttle.wait("a", 999 * options.forgetAfter)).to.equal(0);
    const later = 1_000 * options.forgetAfter;
    fail(throttle, "a", later, 9);
    throttle.failed("a", later + options.forgetAfter);
    expect(throttle.wait("a", later + options.forgetAfter)).to.equal(0);
    throttle.failed("a", later + options.forgetAfter);
    expect(throttle.wait("a", later + options.forgetAfter)).to.equal(1_000);
  });

  it("forgets everything in less than half an hour, however long the failures went on", () => {
    const throttle = new Throttle({ failures: 10, forgetAfter: 60_000, maxWait: 30_000 });
    fail(throttle, "a", 0, 10_000);
    fail(throttle, "a", 20 * 60_000, 9);
    expect(throttle.wait("a", 20 * 60_000)).to.equal(0);
  });

  it("lets one try begin at a time after ten failures, so that a burst is not answered as one", () => {
    const throttle = new Throttle(options);
    fail(throttle, "a", 0, 10);
    expect(throttle.begin("a", 1_000)).to.equal(0);
    expect(Array.from({ length: 3 }, () => throttle.begin("a", 1_000))).to.deep.equal([1_000, 1_000, 1_000]);
    for (let nth = 0; nth < 100; nth += 1) expect(throttle.begin("b", 0)).to.equal(0);
  });

  it("keeps ten thousand keys, and strangers cannot push out one that has to wait", () => {
    const throttle = new Throttle(options);
    fail(throttle, "a", 0, 10);
    fail(throttle, "pushed out", 0, 9);
    for (let nth = 0; nth < 20_000; nth += 1) throttle.failed(String(nth), 1);
    expect(throttle.wait("a", 2)).to.be.greaterThan(0);
    throttle.failed("pushed out", 2);
    expect(throttle.wait("pushed out", 2)).to.equal(0);
  });
});
