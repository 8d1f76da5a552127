/** The tables of the chat, as kysely sees them, and how they are made. Times are milliseconds since 1970. */
import type { Generated, Kysely } from "kysely";
import type { Role } from "../../definitions/users.js";

export interface Tables {
  users: {
    id: string;
    name: string;
    role: Role;
    password_hash: string;
    /** 1 for an account whose password is public. */
    development: number;
    created_at: number;
  };
  messages: {
    id: Generated<number>;
    author: string;
    text: string;
    sent_at: number;
  };
}

export async function makeTables(database: Kysely<Tables>): Promise<void> {
  await database.schema.createTable("users").ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("password_hash", "text", (column) => column.notNull())
    .addColumn("development", "integer", (column) => column.notNull())
    .addColumn("created_at", "integer", (column) => column.notNull())
    .execute();
  await database.schema.createTable("messages").ifNotExists()
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("author", "text", (column) => column.notNull().references("users.id"))
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("sent_at", "integer", (column) => column.notNull())
    .execute();
}
