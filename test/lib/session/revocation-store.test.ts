import { StoreInMemory } from "../../support/revocations.js";
import { describeRevocationStore } from "../../support/revocation-store.js";

// The store that other tests use as any store keeps what every store keeps.
describeRevocationStore("the tests' own memory", () => {
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
