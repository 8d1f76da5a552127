import { expect } from "chai";
import { describe, it } from "mocha";
import type { GuardIdentity } from "../../../lib/authenticate/authenticator.js";
import { endpointErrors } from "../../../lib/http/endpoint-error.js";
import { LookupCache, type LookupOptions, type LookupResult } from "../../../lib/authenticate/lookup-cache.js";
import type { GuardError } from "../../../lib/guard-error.js";
import { FailureWarnings } from "../../../lib/failure-warnings.js";
import { warnings } from "../user-file/support.js";
import { asOf } from "../../support/clock.js";
import { nextTurn } from "../../support/server.js";

const alice: LookupResult = { subject: "alice", claims: { sub: "alice" }, clientData: undefined, serverData: undefined, endsAt: Infinity };

const options: Omit<LookupOptions, "ask" | "cacheFor" | "onError"> = {
  method: "test", answersFromCache: true, endedCode: "credential_invalid", errorOf: (error) => error as GuardError,
  warnings: new FailureWarnings({ code: "ENDPOINT_FAILED", recovered: "The endpoint answers again." }),
};

/** A cache whose endpoint the test plays. Nothing is asked for again unless `cacheFor` says so. */
function cacheOf(answer: () => Promise<LookupResult | undefined>, cacheFor = 1e9) {
  const asked: string[] = [];
  const failures: unknown[] = [];
  const cache = new LookupCache({ ...options, ask: (credential) => { asked.push(credential); return answer(); }, cacheFor, onError: (error) => failures.push(error.code) });
  return { cache, asked, failures };
}

/** What a session does with an identity. Returns a function that ends it. */
const hold = (identity: GuardIdentity | undefined) => identity!.credential!.onChange(() => undefined);

describe("the cache of answers", () => {
  it("keeps an answer as long as a session depends on it", async () => {
    const { cache, asked } = cacheOf(async () => alice);
    const identity = await cache.identity("?");
    const [endFirst, endSecond] = [hold(identity), hold(identity)];
    await cache.identity("?");
    endFirst();
    expect([cache.size, asked.length]).to.deep.equal([1, 1]);
    endSecond();
    expect(cache.size).to.equal(0);
    await cache.identity("?");
    expect(asked).to.have.length(2);
  });

  it("keeps nothing after a refusal or a failure", async () => {
    for (const answer of [async () => undefined, async () => { throw endpointErrors.timeout(); }]) {
      const { cache } = cacheOf(answer);
      await cache.identity("?").catch(() => undefined);
      expect(cache.size).to.equal(0);
    }
  });

  it("forgets an answer after cacheFor if no session began with it, and does not ask again", async () => {
    const { cache, asked } = cacheOf(async () => alice, 20);
    await cache.identity("?");
    while (cache.size > 0) await nextTurn();
    expect(asked).to.have.length(1);
  });

  it("asks again for a session that took longer than cacheFor to begin", async () => {
    const { cache, asked } = cacheOf(async () => alice, 20);
    const identity = await cache.identity("?");
    while (cache.size > 0) await nextTurn();
    const end = hold(identity);
    while (asked.length < 3) await nextTurn();
    end();
    expect(cache.size).to.equal(0);
  });

  it("does not rely on an answer that is too old, even if no timer has fired", async () => {
    const { cache } = cacheOf(async () => alice, 60_000);
    const identity = (await cache.identity("?"))!;
    const { credential } = identity;
    expect(credential!.generation).to.equal(0);
    const answeredAt = Date.now();
    const [generation, validity] = asOf(answeredAt + 120_000, () => [credential!.generation, credential!.validity(identity)]);
    expect(generation).to.be.NaN;
    expect(validity).to.equal("unavailable");
  });

  it("keeps the time of the login in later answers, so that a revocation in between covers the session", async () => {
    let result = alice;
    const { cache, asked } = cacheOf(async () => result, 20);
    const before = (await cache.identity("?"))!;
    const end = hold(before);
    result = { ...alice, claims: { sub: "alice", role: "admin" } };
    while (asked.length < 3) await nextTurn();
    const now = before.credential!.current!(before);
    expect(now.claims).to.deep.equal({ sub: "alice", role: "admin" });
    expect(now.issuedAt).to.equal(before.issuedAt);
    expect((await cache.identity("?"))!.issuedAt).to.be.above(before.issuedAt!);
    end();
  });

  it("warns once when requests begin to fail, and once when they succeed again, if there is no onError", async () => {
    const heard = warnings("ENDPOINT_FAILED");
    let isDown = false;
    let asked = 0;
    const cache = new LookupCache({ ...options, ask: async () => { asked += 1; if (isDown) throw endpointErrors.timeout(); return alice; }, cacheFor: 10, onError: undefined });
    const end = hold(await cache.identity("?"));
    for (isDown of [true, false, true]) {
      const before = asked;
      while (asked < before + 4) await nextTurn();
    }
    end();
    const told = (await heard()).map(({ message }) => message);
    expect(told).to.have.length(3);
    expect(told[0]).to.match(/^The endpoint of httpAuth\(\) did not answer in time\..* Open sessions keep the last answer for a while\.$/);
    expect(told[1]).to.equal("The endpoint answers again.");
    expect(told[2]).to.equal(told[0]);
  });
});
