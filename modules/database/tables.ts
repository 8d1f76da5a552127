/** The tables of the chat. Times are milliseconds since 1970. */
import { sql, type ColumnDefinitionBuilder, type Generated, type Kysely } from "kysely";
import type { Role } from "../../definitions/users.js";

export interface Tables {
  users: {
    id: string;
    name: string;
    role: Role;
    password_hash: string;
    /** 1 for a development account, whose password is public. */
    development: number;
    created_at: number;
  };
  messages: {
    id: Generated<number>;
    author: string;
    /** The only other user who may read it; null for a message to everyone. */
    recipient: string | null;
    text: string;
    sent_at: number;
  };
  /** When a user last signed out. Older sign-ins are no longer valid. */
  sign_outs: {
    user_id: string;
    signed_out_at: number;
  };
}

export type Engine = "libsql" | "postgres";

export async function createTables(database: Kysely<Tables>, engine: Engine): Promise<void> {
  await database.schema.createTable("users").ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("password_hash", "text", (column) => column.notNull())
    .addColumn("development", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await database.schema.createTable("messages").ifNotExists()
    // libsql only auto-increments a column of exactly this type.
    .addColumn("id", engine === "libsql" ? "integer" : "bigint", (column) => autoIncrement(column.primaryKey(), engine))
    .addColumn("author", "text", (column) => column.notNull().references("users.id"))
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("sent_at", "bigint", (column) => column.notNull())
    .execute();
  await addRecipient(database);
  await database.schema.createTable("sign_outs").ifNotExists()
    .addColumn("user_id", "text", (column) => column.primaryKey().references("users.id"))
    .addColumn("signed_out_at", "bigint", (column) => column.notNull())
    .execute();
  if (engine === "postgres") await createAttachments(database);
}

/** Tables that an earlier version has created lack this column. */
async function addRecipient(database: Kysely<Tables>): Promise<void> {
  const messages = (await database.introspection.getTables()).find(({ name }) => name === "messages");
  if (messages?.columns.some(({ name }) => name === "recipient")) return;
  await database.schema.alterTable("messages").addColumn("recipient", "text", (column) => column.references("users.id")).execute();
}

function autoIncrement(column: ColumnDefinitionBuilder, engine: Engine): ColumnDefinitionBuilder {
  return engine === "libsql" ? column.autoIncrement() : column.generatedAlwaysAsIdentity();
}

/** For messages between nodes that are too long for a notification, as @socket.io/postgres-adapter requires. */
async function createAttachments(database: Kysely<Tables>): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS socket_io_attachments (id bigserial UNIQUE, created_at timestamptz DEFAULT now(), payload bytea)`.execute(database);
}
