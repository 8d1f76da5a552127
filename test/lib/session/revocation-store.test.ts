import { StoreInMemory } from "../../support/revocations.js";
import { describeRevocationStore } from "../../support/revocation-store.js";

// The store of the tests passes the tests that every store has to pass.
describeRevocationStore("the store of the tests", () => {
  let now = Date.now;
  const store = new StoreInMemory(() => now());
  return {
    connect: (clock = Date.now) => ({
      append: (records) => {
        now = clock;
        return store.append(records);
      },
      since: (version) => store.since(version),
    }),
    count: async () => store.size,
    empty: async () => store.empty(),
  };
});
