/** The part of a store that keeps API keys. */
import { GuardError } from "../guard-error.js";
import type { ApiKeyStorage, ApiKeyStore } from "./record.js";

/** @throws GuardError `store_invalid` */
export function apiKeysOf(store: ApiKeyStorage | undefined, where: string): ApiKeyStore {
  const part: Partial<ApiKeyStore> | undefined = store?.apiKeys;
  if (part !== undefined && [part.add, part.find, part.list, part.replace, part.used].every((method) => typeof method === "function")) return part as ApiKeyStore;
  throw new GuardError("store_invalid", `${where} was not given a store that keeps API keys: give memoryStore(), sqlStore(kysely) or redisStore(client).`);
}
