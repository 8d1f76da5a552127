import { channel } from "node:diagnostics_channel";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { AuditEvents } from "../../lib/audit-events.js";
import type { GuardAuditEvents } from "../../lib/index.js";
import { StoreInMemory } from "../support/revocations.js";
import { closeEverything, event, refusal, serve } from "../support/server.js";

/** Collects the process warnings with a code. `next` settles with the one after those that were awaited before. */
function warningsOf(code: string) {
  const all: string[] = [];
  let taken = 0;
  let notify: () => void = () => undefined;
  const listener = (warning: Error & { code?: string }) => {
    if (warning.code === code) all.push(warning.message);
    notify();
  };
  process.on("warning", listener);
  const next = async () => {
    while (all.length === taken) await new Promise<void>((resolve) => { notify = resolve; });
    return all[taken++]!;
  };
  return { all, next, stop: () => void process.off("warning", listener) };
}

const failed: GuardAuditEvents["failed"] = { source: "check", error: new Error("boom") };

describe("listeners of audit events", () => {
  it("are removed by the function that on() returned, and only once for each call", () => {
    const audit = new AuditEvents();
    const heard: unknown[] = [];
    const listener = (fact: unknown) => heard.push(fact);
    const [stopFirst, stopSecond] = [audit.on("failed", listener), audit.on("failed", listener)];
    audit.emit("failed", () => failed);
    stopFirst();
    stopFirst();
    audit.emit("failed", () => failed);
    expect(heard).to.have.lengthOf(3);
    stopSecond();
    expect(audit.hasListeners("failed")).to.equal(false);
    audit.emit("failed", () => expect.fail("An event was made although nobody listens."));
  });
});

describe("failures without a listener", () => {
  afterEach(closeEverything);

  it("of a rule cause one process warning for a run of failures", async () => {
    const warnings = warningsOf("CHECK_FAILED");
    const { member } = await serve({ events: { broken: () => { throw new Error("no database"); } } });
    const { client } = await member();
    for (let nth = 0; nth < 5; nth += 1) await client.emitWithAck("broken");
    expect(await warnings.next()).to.equal('A rule failed, and events were denied (event "broken"): no database. Further failures are not shown. Use guarded.on("failed", ...) to see each one.');
    warnings.stop();
    expect(warnings.all).to.have.lengthOf(1);
  });

  it("of findUser cause one process warning, and one when it works again", async () => {
    const warnings = warningsOf("FIND_USER_FAILED");
    let isDown = true;
    const { connect } = await serve({ findUser: ({ sub }) => { if (isDown) throw new Error("database down"); return { sub }; } });
    for (let nth = 0; nth < 3; nth += 1) await refusal(connect());
    expect(await warnings.next()).to.match(/^`findUser` failed: database down\. /);
    isDown = false;
    await event(connect(), "guard:session");
    expect(await warnings.next()).to.equal("`findUser` works again.");
    warnings.stop();
    expect(warnings.all).to.have.lengthOf(2);
  });

  it("of a store that was never connected cause one process warning, and one when it can be used; stats() says so, too", async () => {
    const warnings = warningsOf("STORE_FAILED");
    const store = new StoreInMemory();
    store.before = () => { throw new Error("not connected"); };
    const startedAt = Date.now();
    const { guarded } = await serve({ store: { revocations: store }, maxStaleness: 80 });
    expect(await warnings.next()).to.match(/^The store of revocations cannot be used: not connected\. /);
    expect(guarded.stats()).to.deep.include({ ready: false, notReady: ["store"] });
    expect(guarded.stats().notReadySince).to.be.within(startedAt, Date.now());
    store.before = () => undefined;
    expect(await warnings.next()).to.equal("The store of revocations can be used again.");
    expect(guarded.stats()).to.deep.include({ ready: true, notReady: [] }).and.not.have.property("notReadySince");
    const failsSince = Date.now();
    store.before = () => { throw new Error("connection lost"); };
    while (guarded.stats().ready) await new Promise(setImmediate);
    expect(guarded.stats().notReadySince).to.be.within(failsSince, Date.now());
    warnings.stop();
  });

  it("cause no warning if somebody listens, also by diagnostics_channel", async () => {
    const warnings = warningsOf("CHECK_FAILED");
    const audit = new AuditEvents();
    const heard: unknown[] = [];
    const listener = (fact: unknown) => heard.push(fact);
    const stop = audit.on("failed", listener);
    audit.failed("check", failed.error, "message");
    stop();
    channel("socket.io-guard:failed").subscribe(listener);
    audit.failed("check", failed.error);
    channel("socket.io-guard:failed").unsubscribe(listener);
    await new Promise(setImmediate);
    warnings.stop();
    expect(warnings.all).to.deep.equal([]);
    expect(heard).to.deep.equal([{ source: "check", event: "message", error: failed.error }, { source: "check", error: failed.error }]);
  });
});
