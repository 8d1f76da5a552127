import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { keyRing, type JwtKey } from "../../lib/index.js";
import { jwt } from "../../lib/authenticate/jwt.js";
import { readinessOf } from "../../lib/readiness.js";
import { closeEverything, firstSecret, serve, signal } from "../support/server.js";

describe("the readiness of a node", () => {
  afterEach(closeEverything);

  it("names the parts that are not ready, and since when the first of them is not", () => {
    expect(readinessOf([["jwt", undefined], ["store", undefined]])).to.deep.equal({ ready: true, notReady: [] });
    expect(readinessOf([["jwt", 20], ["store", undefined], ["guard", 10]])).to.deep.equal({ ready: false, notReadySince: 10, notReady: ["jwt", "guard"] });
  });

  it("begins when the keys of its authenticators are loaded", async () => {
    const keys = signal<JwtKey[]>();
    const startedAt = Date.now();
    const ring = keyRing({ load: () => keys.promise });
    const { guarded } = await serve({ authenticate: jwt({ keys: ring }) as never });
    expect(guarded.stats()).to.deep.include({ ready: false, notReady: ["jwt"] });
    expect(guarded.stats().notReadySince).to.be.within(startedAt, Date.now());
    keys.settle([{ kid: "first", secret: firstSecret }]);
    await ring.ready;
    expect(guarded.stats().ready).to.equal(true);
    ring.close();
  });

  it("ends when the guard is closed", async () => {
    const { guarded } = await serve();
    const closedAt = Date.now();
    await guarded.close();
    expect(guarded.stats()).to.deep.include({ ready: false, notReady: ["guard"] });
    expect(guarded.stats().notReadySince).to.be.within(closedAt, Date.now());
  });
});
