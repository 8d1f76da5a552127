import { expect } from "chai";
import { SlidingWindow } from "../../../lib/room-auth/sliding-window.js";
import { draws, randomFrom, seed } from "../../support/draws.js";

describe("SlidingWindow", () => {
  it("lets as many requests of a key through as the limit says, and tells the others how long to wait", () => {
    const requests = new SlidingWindow({ limit: 3, length: 1_000 });
    expect([0, 1, 2].map((now) => requests.take("a", now))).to.deep.equal([0, 0, 0]);
    const wait = requests.take("a", 10);
    expect(wait).to.be.greaterThan(0);
    expect(requests.take("b", 10)).to.equal(0);
    expect(requests.take("a", 10 + wait - 1)).to.equal(1);
    expect(requests.take("a", 10 + wait)).to.equal(0);
  });

  it("does not let twice the limit through where two windows meet", () => {
    const requests = new SlidingWindow({ limit: 100, length: 1_000 });
    const passed = (now: number) => Array.from({ length: 100 }, () => requests.take("a", now)).filter((wait) => wait === 0).length;
    expect([passed(0), passed(999), passed(1_001), passed(1_500), passed(3_500)]).to.deep.equal([100, 0, 0, 50, 100]);
  });

  it("admits each request after the wait that it told, and never before", () => {
    const random = randomFrom(seed());
    for (let draw = 0; draw < draws(10_000); draw += 1) {
      const limit = 1 + Math.floor(random() * 5);
      const requests = new SlidingWindow({ limit, length: 1_000 });
      let now = 1_000_000;
      for (let request = 0; request < 20; request += 1) {
        now += Math.floor(random() * 400);
        const wait = requests.take("a", now);
        if (wait === 0) continue;
        expect(requests.take("a", now + wait - 1)).to.be.within(1, 2);
        now += wait;
        expect(requests.take("a", now)).to.equal(0);
      }
    }
  });

  it("locks nobody out if the clock is set back", () => {
    const requests = new SlidingWindow({ limit: 1, length: 1_000 });
    requests.take("a", 1_000_000);
    expect(requests.take("a", 5)).to.equal(0);
  });

  it("forgets the oldest of 10,000 keys", () => {
    const requests = new SlidingWindow({ limit: 1, length: 60_000 });
    for (let key = 0; key < 10_000; key += 1) requests.take(String(key), 0);
    expect(requests.take("0", 0)).to.be.greaterThan(0);
    requests.take("another", 0);
    expect(requests.take("1", 0)).to.be.greaterThan(0);
    expect(requests.take("0", 0)).to.equal(0);
  });
});
