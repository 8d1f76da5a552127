/** The tables of the chat. Times are milliseconds since 1970. */
import { sql, type ColumnDefinitionBuilder, type Generated, type Kysely } from "kysely";
import { directRoom } from "../../definitions/rooms.js";
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
    room: string;
    author: string;
    /** The only other user who may read it; null for a message to everyone in the room. */
    recipient: string | null;
    /** Encrypted if the room is. */
    text: string;
    sent_at: number;
  };
  /** Who is in which group. */
  group_members: {
    group_id: string;
    user_id: string;
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
  await addRoom(database);
  await database.schema.createTable("group_members").ifNotExists()
    .addColumn("group_id", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id"))
    .addPrimaryKeyConstraint("group_members_key", ["group_id", "user_id"])
    .execute();
  await database.schema.createTable("sign_outs").ifNotExists()
    .addColumn("user_id", "text", (column) => column.primaryKey().references("users.id"))
    .addColumn("signed_out_at", "bigint", (column) => column.notNull())
    .execute();
  if (engine === "postgres") await createAttachments(database);
}

/** Tables that an earlier version has created lack this column. */
async function addRecipient(database: Kysely<Tables>): Promise<void> {
  if (await hasColumn(database, "recipient")) return;
  await database.schema.alterTable("messages").addColumn("recipient", "text", (column) => column.references("users.id")).execute();
}

/** In earlier versions there was one room for everyone, and direct messages had none. */
async function addRoom(database: Kysely<Tables>): Promise<void> {
  if (await hasColumn(database, "room")) return;
  await database.schema.alterTable("messages").addColumn("room", "text", (column) => column.notNull().defaultTo("lobby")).execute();
  await database.schema.createIndex("messages_by_room").ifNotExists().on("messages").columns(["room", "id"]).execute();
  const direct = await database.selectFrom("messages").select(["author", "recipient"]).distinct().where("recipient", "is not", null).execute();
  for (const { author, recipient } of direct) {
    await database.updateTable("messages").set({ room: directRoom(author, recipient!) }).where("author", "=", author).where("recipient", "=", recipient).execute();
  }
}

async function hasColumn(database: Kysely<Tables>, name: string): Promise<boolean> {
  const messages = (await database.introspection.getTables()).find((table) => table.name === "messages");
  return messages?.columns.some((column) => column.name === name) ?? false;
}

function autoIncrement(column: ColumnDefinitionBuilder, engine: Engine): ColumnDefinitionBuilder {
  return engine === "libsql" ? column.autoIncrement() : column.generatedAlwaysAsIdentity();
}

/** For messages between nodes that are too long for a notification, as @socket.io/postgres-adapter requires. */
async function createAttachments(database: Kysely<Tables>): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS socket_io_attachments (id bigserial UNIQUE, created_at timestamptz DEFAULT now(), payload bytea)`.execute(database);
}
