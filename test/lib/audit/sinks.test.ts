import { expect } from "chai";
import { describe, it } from "mocha";
import { storeOf } from "../../../lib/audit/sinks.js";

describe("A function as a sink", () => {
  it("gets many records in several turns of the event loop, so that events go on", async () => {
    let [given, inFirstTurn] = [0, 0];
    const store = storeOf(() => {
      if (given === 0) setImmediate(() => { inFirstTurn = given; });
      given += 1;
      for (const until = performance.now() + 1; performance.now() < until;);
    }, () => undefined)!;
    const record = { time: 1, type: "action" } as const;
    for (let batch = 0; batch < 10; batch += 1) await store.write(Array.from({ length: 10 }, () => record));
    expect(given).to.equal(100);
    expect(inFirstTurn).to.be.within(1, 20);
  });
});
