import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { keyRing, type JwtKey } from "../../lib/index.js";
import { jwt } from "../../lib/authenticate/jwt.js";
import { pause } from "../support/pause.js";
import { closeEverything, firstSecret, serve, signal } from "../support/server.js";

describe("the readiness of a node", () => {
  afterEach(closeEverything);

  it("names the parts that are not ready, and since when the first of them is not", async () => {
    const ring = keyRing({ load: () => new Promise<never>(() => undefined) });
    const { guarded } = await serve({ authenticate: jwt({ keys: ring }) as never });
    const { notReadySince } = guarded.stats();
    await pause(5);
    await guarded.close();
    expect(guarded.stats()).to.deep.include({ ready: false, notReadySince, notReady: ["jwt", "guard"] });
    ring.close();
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
