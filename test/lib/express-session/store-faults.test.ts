import { expect } from "chai";
import session from "express-session";
import { afterEach, describe, it } from "mocha";
import { askUntil } from "../../support/ask-until.js";
import { startClock } from "../../support/clock.js";
import { eventually } from "../../support/eventually.js";
import { closeEverything } from "../../support/server.js";
import { openSite } from "./site.js";

type Get = session.Store["get"];

/** A store whose reads a test can replace. */
function storeWithFaults() {
  const store = new session.MemoryStore();
  const get = store.get.bind(store);
  const faults: { get: Get | undefined } = { get: undefined };
  store.get = (id, callback) => (faults.get ?? get)(id, callback);
  return { store, faults };
}

const failing: Get = (_id, callback) => callback(new Error("connection lost"));

describe("expressSession() with a store that fails", () => {
  afterEach(closeEverything);

  const ways: Record<string, Get> = {
    "reports an error": failing,
    "throws": () => { throw new Error("connection lost"); },
    "rejects, as an async function": () => Promise.reject(new Error("connection lost")) as never,
    "does not answer": () => undefined,
  };
  for (const [way, get] of Object.entries(ways)) {
    it(`refuses a handshake as unavailable if the store ${way}`, async () => {
      const { store, faults } = storeWithFaults();
      const { browser, failures } = await openSite({ session: { store }, guard: { timeout: 1_000 } });
      const alice = browser();
      await alice.logIn("alice");
      faults.get = get;
      expect(await alice.refusal()).to.equal("unavailable");
      expect(failures.map((error) => (error as Error).message)).to.deep.equal([way === "does not answer" ? "The store of expressSession() took longer than `timeout`." : "connection lost"]);
      faults.get = undefined;
      await alice.connect();
    });
  }

  it("takes ENOENT, which stores of files report, as a session that does not exist", async () => {
    const { store, faults } = storeWithFaults();
    const { browser } = await openSite({ session: { store } });
    const alice = browser();
    await alice.logIn("alice");
    faults.get = (_id, callback) => callback(Object.assign(new Error("no such file"), { code: "ENOENT" }));
    expect(await alice.refusal()).to.equal("token_missing");
  });

  it("takes a number as the end of a session, as MemoryStore does", async () => {
    const { store, faults } = storeWithFaults();
    const { browser } = await openSite({ session: { store } });
    const alice = browser();
    await alice.logIn("alice");
    const get = store.get.bind(store);
    const endsIn = (ms: number): Get => (id, callback) => {
      faults.get = undefined;
      get(id, (error, found) => callback(error, found && { ...found, cookie: { ...found.cookie, expires: Date.now() + ms as never } }));
    };
    faults.get = endsIn(-1);
    expect(await alice.refusal()).to.equal("token_missing");
    faults.get = endsIn(60_000);
    await alice.connect();
  });

  it("keeps the last answer for twice pollInterval, then denies events until the store is back", async () => {
    const clock = startClock();
    const { store, faults } = storeWithFaults();
    const errors: { code: string; cause?: unknown }[] = [];
    const { browser } = await openSite({ session: { store }, guard: { pollInterval: 100, onError: (error) => errors.push(error) } });
    const alice = browser();
    await alice.logIn("alice");
    const { client } = await alice.connect();
    faults.get = failing;
    await eventually(() => errors.length > 0, "the failure is reported");
    expect(errors[0]).to.include({ code: "store_unavailable" });
    expect((errors[0]!.cause as Error).message).to.equal("connection lost");
    clock.advance(200);
    expect(await client.emitWithAck("message")).to.have.nested.property("error.code", "unavailable");
    faults.get = undefined;
    await askUntil((answer) => answer === "done", () => client.emitWithAck("message") as Promise<unknown>);
  });

  const wrong: Record<string, () => unknown> = {
    "throws": () => { throw new Error("a mistake"); },
    "returns a promise": async () => ({ sub: "alice" }),
    "returns a promise that rejects": async () => { throw new Error("a mistake"); },
    "returns no sub": () => ({}),
    "returns a sub that is empty": () => ({ sub: "" }),
    "returns a number as sub": () => ({ sub: 7 }),
  };
  for (const [way, claims] of Object.entries(wrong)) {
    it(`refuses a handshake as unavailable if \`claims\` ${way}`, async () => {
      const { browser, failures } = await openSite({ guard: { claims: claims as never } });
      const alice = browser();
      await alice.logIn("alice");
      expect(await alice.refusal()).to.equal("unavailable");
      expect(failures).to.have.lengthOf(1);
    });
  }
});
