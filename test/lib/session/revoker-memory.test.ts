// Revocations that only the memory of this process keeps.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { memoryStore } from "../../../lib/index.js";
import { closeEverything, nextTurn, serve } from "../../support/server.js";
import { StoreInMemory } from "../../support/revocations.js";

describe("a guard without a store", () => {
  afterEach(closeEverything);
  const { NODE_ENV } = process.env;
  afterEach(() => {
    if (NODE_ENV === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = NODE_ENV;
  });

  it("warns in production that revocations are kept in memory, and only there", async () => {
    const warnings: unknown[] = [];
    const listen = (warning: Error & { code?: string }) => { if (warning.name === "GuardWarning") warnings.push(warning.code); };
    process.on("warning", listen);
    try {
      await serve();
      process.env["NODE_ENV"] = "production";
      await serve({ store: { revocations: new StoreInMemory() } });
      await nextTurn();
      expect(warnings).to.deep.equal([]);
      await serve();
      await serve({ store: memoryStore() });
      await nextTurn();
      expect(warnings).to.deep.equal(["STORE_IN_MEMORY", "STORE_IN_MEMORY"]);
    } finally {
      process.off("warning", listen);
    }
  });
});
