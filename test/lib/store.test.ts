import { MemoryApiKeys } from "../../lib/store.js";
import { describeApiKeyStore } from "../support/api-key-store.js";

describeApiKeyStore("memory", () => {
  const store = new MemoryApiKeys();
  return { connect: () => store, dump: async () => JSON.stringify(await store.list()), empty: async () => undefined };
});
