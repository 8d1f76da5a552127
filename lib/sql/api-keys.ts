/** API keys in a SQL database: one row each. A change replaces a row only if it was not changed in between. */
import type { Kysely } from "kysely";
import type { ApiKeyRecord, ApiKeySecret, ApiKeyStore } from "../api-keys/record.js";
import { escapeText, unescapeText } from "../store.js";
import { apiKeyTable, withTables, type GuardTables, type Tables } from "./tables.js";

type Row = GuardTables["guard_api_keys"];

export class SqlApiKeys implements ApiKeyStore {
  readonly #database: Kysely<GuardTables>;
  readonly #tables: Tables;

  constructor(database: Kysely<GuardTables>) {
    this.#database = database;
    this.#tables = apiKeyTable(database);
  }

  async add(record: ApiKeyRecord): Promise<boolean> {
    const insert = this.#database.insertInto("guard_api_keys").values(rowOf(record)).onConflict((conflict) => conflict.column("id").doNothing()).returning("id");
    return (await withTables(this.#tables, () => insert.execute())).length === 1;
  }

  async find(ids: readonly string[]): Promise<readonly ApiKeyRecord[]> {
    if (ids.length === 0) return [];
    const select = this.#database.selectFrom("guard_api_keys").selectAll().where("id", "in", ids);
    return (await withTables(this.#tables, () => select.execute())).map(recordOf);
  }

  async list(): Promise<readonly ApiKeyRecord[]> {
    const select = this.#database.selectFrom("guard_api_keys").selectAll();
    return (await withTables(this.#tables, () => select.execute())).map(recordOf);
  }

  async replace(record: ApiKeyRecord): Promise<boolean> {
    const { id, last_used_at: _, ...row } = rowOf(record);
    const update = this.#database.updateTable("guard_api_keys").set(row).where("id", "=", id).where("revision", "=", record.revision - 1).returning("id");
    return (await withTables(this.#tables, () => update.execute())).length === 1;
  }

  async used(ids: readonly string[], at: number): Promise<void> {
    if (ids.length === 0) return;
    const update = this.#database.updateTable("guard_api_keys").set({ last_used_at: at })
      .where("id", "in", ids).where((row) => row.or([row("last_used_at", "is", null), row("last_used_at", "<", at)]));
    await withTables(this.#tables, () => update.execute());
  }
}

function rowOf({ id, name, subject, scopes, secrets, createdAt, expiresAt, revokedAt, lastUsedAt, revision }: ApiKeyRecord): Row {
  return {
    id, name: escapeText(name), subject: escapeText(subject), scopes: JSON.stringify(scopes), secrets: JSON.stringify(secrets),
    created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt, last_used_at: lastUsedAt, revision,
  };
}

// Postgres returns a bigint as a string.
function recordOf(row: Row): ApiKeyRecord {
  return {
    id: row.id, name: unescapeText(row.name), subject: unescapeText(row.subject), scopes: JSON.parse(row.scopes) as string[], secrets: JSON.parse(row.secrets) as ApiKeySecret[],
    createdAt: row.created_at, expiresAt: row.expires_at, revokedAt: row.revoked_at, lastUsedAt: row.last_used_at, revision: Number(row.revision),
  };
}
