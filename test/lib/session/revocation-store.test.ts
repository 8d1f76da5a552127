import { StoreInMemory } from "../../support/revocations.js";
import { describeRevocationStore } from "../../support/revocation-store.js";

// The store of the tests passes the tests that every store has to pass.
describeRevocationStore("the store of the tests", () => {
  const store = new StoreInMemory();
  return { connect: () => store, count: async () => store.size, empty: async () => store.empty() };
});
