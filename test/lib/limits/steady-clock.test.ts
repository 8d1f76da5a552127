import { expect } from "chai";
import { SteadyClock } from "../../../lib/limits/steady-clock.js";

describe("SteadyClock", () => {
  it("follows the clock, and a step back or forward does not move it", () => {
    let monotonic = 100;
    const clock = new SteadyClock(() => monotonic);
    expect(clock.at(1_000_000)).to.equal(100);
    expect(clock.at(1_000_400)).to.equal(500);
    monotonic = 510;
    expect(clock.at(0)).to.equal(510);
    expect(clock.at(90)).to.equal(600);
    monotonic = 610;
    expect(clock.at(9_999_999)).to.equal(610);
  });

  it("never steps back, also if it has run ahead of the monotonic clock", () => {
    let monotonic = 0;
    const clock = new SteadyClock(() => monotonic);
    clock.at(1_000);
    expect(clock.at(1_900)).to.equal(900);
    monotonic = 100;
    expect(clock.at(50)).to.equal(900);
  });
});
