import { expect } from "chai";
import { Alarm } from "../../../lib/client/alarm.js";
import { TestTime } from "./support.js";

describe("an alarm", () => {
  it("calls onTimeout once, when it is due", () => {
    const time = new TestTime();
    const alarm = new Alarm(time);
    let calls = 0;
    alarm.set(100_000, () => { calls += 1; });
    time.advance(99_999);
    expect(calls).to.equal(0);
    time.advance(1);
    time.advance(1e9);
    alarm.check?.();
    expect([calls, time.timers.size]).to.deep.equal([1, 0]);
  });

  it("replaces what was set before", () => {
    const time = new TestTime();
    const alarm = new Alarm(time);
    const called: string[] = [];
    alarm.set(10, () => called.push("first"));
    alarm.set(20, () => called.push("second"));
    expect(time.timers.size).to.equal(1);
    time.advance(30);
    expect(called).to.deep.equal(["second"]);
  });

  it("is not delayed by a wall clock that is set back", () => {
    const time = new TestTime();
    const alarm = new Alarm(time);
    let isCalled = false;
    alarm.set(60_000, () => { isCalled = true; });
    time.wallAhead = -1e9;
    time.advance(60_000);
    expect(isCalled).to.equal(true);
  });

  it("checks the clocks every half minute, so that no timer overflows and no sleep is missed", () => {
    const time = new TestTime();
    const alarm = new Alarm(time);
    let isCalled = false;
    alarm.set(90 * 86_400_000, () => { isCalled = true; });
    for (let looks = 0; looks < 5; looks += 1) {
      expect([...time.timers.values()].map(({ wait }) => wait)).to.deep.equal([30_000]);
      time.advance(30_000);
    }
    time.sleep(90 * 86_400_000);
    expect(isCalled).to.equal(false);
    time.advance(30_000);
    expect(isCalled).to.equal(true);
  });

  it("can be set again from onTimeout", () => {
    const time = new TestTime();
    const alarm = new Alarm(time);
    let calls = 0;
    const again = (): void => {
      calls += 1;
      alarm.set(10, again);
    };
    alarm.set(10, again);
    time.advance(30);
    expect([calls, time.timers.size]).to.deep.equal([3, 1]);
    alarm.stop();
    expect(time.timers.size).to.equal(0);
  });
});
