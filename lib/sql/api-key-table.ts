/** The table of API keys, as kysely sees it, and how it is made, by however many nodes at the same time. */
import type { Kysely } from "kysely";

export interface ApiKeyTables {
  guard_api_keys: {
    id: string;
    name: string;
    subject: string;
    /** JSON: a list of names. */
    scopes: string;
    /** JSON: hashes, and until when each is accepted. */
    secrets: string;
    /** Milliseconds since 1970. */
    created_at: number;
    expires_at: number | null;
    revoked_at: number | null;
    last_used_at: number | null;
    revision: number;
  };
}

export type ApiKeyDatabase = Kysely<ApiKeyTables>;

const attempts = 5;

/** Does what needs the table. If that fails because it is not there, makes it and does it again. */
export async function withApiKeyTable<Answer>(database: ApiKeyDatabase, work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(await isThere(database))) await makeTable(database);
    else if (!saysMissing(error)) throw error;
    return work();
  }
}

/** Another node may have made it meanwhile. Postgres says so by its code, SQLite by its sentence. */
function saysMissing(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === "42P01" || String(message).includes("no such table");
}

// Postgres refuses "create if not exists" to a user who may not create, also where there is nothing to do: so it is asked for last.
async function isThere(database: ApiKeyDatabase): Promise<boolean> {
  return database.selectFrom("guard_api_keys").select("id").limit(1).execute().then(() => true, () => false);
}

/** When two nodes make the same table, one of them fails; it finds the other's a moment later. */
async function makeTable(database: ApiKeyDatabase): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await make(database);
    } catch (error) {
      if (await isThere(database)) return;
      if (attempt === attempts) throw error;
    }
  }
}

async function make(database: ApiKeyDatabase): Promise<void> {
  await database.schema.createTable("guard_api_keys").ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("scopes", "text", (column) => column.notNull())
    .addColumn("secrets", "text", (column) => column.notNull())
    .addColumn("created_at", "double precision", (column) => column.notNull())
    .addColumn("expires_at", "double precision")
    .addColumn("revoked_at", "double precision")
    .addColumn("last_used_at", "double precision")
    .addColumn("revision", "bigint", (column) => column.notNull())
    .execute();
}
