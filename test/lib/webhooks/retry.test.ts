import { expect } from "chai";
import { nextAttempt } from "../../../lib/webhooks/retry.js";
import { delivery } from "../../support/webhook-queue.js";

const minute = 60_000;
const claim = ({ createdAt = 0, attempts = 0, failingSince = null as number | null }) => ({ delivery: { ...delivery("1"), createdAt }, owner: "me", attempts, failingSince });
const next = (state: Parameters<typeof claim>[0], now: number, { retryAfter = 0, retryFor = 5 * minute, random = 1 } = {}) => nextAttempt(claim(state), now, retryAfter, retryFor, () => random);

describe("The next attempt of a webhook", () => {
  it("comes twice as late each time, at most after five minutes, and anywhere before that", () => {
    const waits = Array.from({ length: 12 }, (_, attempts) => next({ attempts }, 0, { retryFor: 1e9 }));
    expect(waits).to.deep.equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300].map((seconds) => seconds * 1_000));
    expect(next({ attempts: 3 }, 0, { random: 0.25 })).to.equal(2_000);
    expect(next({ attempts: 1e6 }, 0, { retryFor: 1e9 })).to.equal(300_000);
  });

  it("comes no earlier than Retry-After asks for, within an hour", () => {
    expect(next({}, 0, { retryAfter: 90_000 })).to.equal(90_000);
    expect(next({ attempts: 5 }, 0, { retryAfter: 90 })).to.equal(32_000);
    expect(next({}, 0, { retryAfter: 1e12, retryFor: 1e9 })).to.equal(3_600_000);
  });

  it("comes at the end of retryFor at the latest, and then no more", () => {
    expect(next({ attempts: 8, failingSince: 0 }, 4.9 * minute)).to.be.closeTo(0.1 * minute, 1);
    expect(next({ retryAfter: 1e9 } as object, 0, { retryAfter: 1e9 })).to.equal(5 * minute);
    expect(next({ failingSince: 0 }, 5 * minute)).to.equal("dead");
  });

  it("still comes for what waited long before its first attempt, for example while all nodes were down", () => {
    expect(next({ createdAt: 0, failingSince: null }, 60 * minute)).to.equal(1_000);
    expect(next({ createdAt: 0, failingSince: 56 * minute }, 60 * minute)).to.equal(1_000);
  });

  it("does not come for what waited for retryFor behind others that failed, and comes for what is newer", () => {
    expect(next({ createdAt: 1 * minute, failingSince: 0 }, 6 * minute)).to.equal("dead");
    expect(next({ createdAt: 4 * minute, failingSince: 0 }, 6 * minute)).to.equal(1_000);
  });
});
