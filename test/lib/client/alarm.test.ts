import { expect } from "chai";
import { Alarm } from "../../../lib/client/alarm.js";
import { TestTime } from "./support.js";

describe("an alarm", () => {
  it("rings once, when it is due", () => {
    const time = new TestTime();
    const alarm = new Alarm(time);
    let rung = 0;
    alarm.set(100_000, () => { rung += 1; });
    time.advance(99_999);
    expect(rung).to.equal(0);
    time.advance(1);
    time.advance(1e9);
    alarm.look();
    expect([rung, time.timers.size]).to.deep.equal([1, 0]);
  });

  it("set again forgets what it was set to before", () => {
    const time = new TestTime();
    const alarm = new Alarm(time);
    const rung: string[] = [];
    alarm.set(10, () => rung.push("first"));
    alarm.set(20, () => rung.push("second"));
    expect(time.timers.size).to.equal(1);
    time.advance(30);
    expect(rung).to.deep.equal(["second"]);
  });

  it("is not stopped by a wall clock that is set back", () => {
    const time = new TestTime();
    const alarm = new Alarm(time);
    let rung = false;
    alarm.set(60_000, () => { rung = true; });
    time.wallAhead = -1e9;
    time.advance(60_000);
    expect(rung).to.equal(true);
  });

  it("looks at the clocks every half minute, however long it has waited already: no timer overflows, and no sleep is missed", () => {
    const time = new TestTime();
    const alarm = new Alarm(time);
    let rung = false;
    alarm.set(90 * 86_400_000, () => { rung = true; });
    for (let looks = 0; looks < 5; looks += 1) {
      expect([...time.timers.values()].map(({ wait }) => wait)).to.deep.equal([30_000]);
      time.advance(30_000);
    }
    time.sleep(90 * 86_400_000);
    expect(rung).to.equal(false);
    time.advance(30_000);
    expect(rung).to.equal(true);
  });

  it("may be set from its own ring", () => {
    const time = new TestTime();
    const alarm = new Alarm(time);
    let rung = 0;
    const ring = (): void => {
      rung += 1;
      alarm.set(10, ring);
    };
    alarm.set(10, ring);
    time.advance(30);
    expect([rung, time.timers.size]).to.deep.equal([3, 1]);
    alarm.stop();
    expect(time.timers.size).to.equal(0);
  });
});
