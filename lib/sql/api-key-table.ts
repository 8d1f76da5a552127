/** The table of API keys, as kysely sees it, and how it is made, by however many nodes at the same time. */
import type { Kysely } from "kysely";
import type { Tables } from "./missing-tables.js";

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

export function apiKeyTable(database: ApiKeyDatabase): Tables {
  const areThere = () => database.selectFrom("guard_api_keys").select("id").limit(1).execute().then(() => true, () => false);
  return { areThere, make: () => make(database) };
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
