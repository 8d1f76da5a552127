/** The messages in the database, in the order in which they were sent. */
import type { ChatMessage } from "../../definitions/messages.js";
import type { ChatUser } from "../../definitions/users.js";
import type { Database } from "../database/database.js";

const historyLength = 50;

export class Messages {
  readonly #database: Database;
  #last: Promise<unknown> = Promise.resolve();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Stores a message after all earlier ones. Resolves once it is on the disk. */
  add(author: ChatUser, text: string): Promise<ChatMessage> {
    const stored = this.#last.then(() => this.#insert(author, text));
    this.#last = stored.catch(() => undefined);
    return stored;
  }

  /** The latest messages, oldest first. */
  async history(): Promise<ChatMessage[]> {
    const rows = await this.#database.selectFrom("messages").innerJoin("users", "users.id", "messages.author")
      .select(["messages.id", "messages.author", "users.name", "messages.text", "messages.sent_at"])
      .orderBy("messages.id", "desc").limit(historyLength).execute();
    return rows.reverse().map((row) => ({ id: row.id, author: { id: row.author, name: row.name }, text: row.text, sentAt: row.sent_at }));
  }

  /** Resolves once all messages are stored. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #insert(author: ChatUser, text: string): Promise<ChatMessage> {
    const sentAt = Date.now();
    const row = { author: author.id, text, sent_at: sentAt };
    const { id } = await this.#database.insertInto("messages").values(row).returning("id").executeTakeFirstOrThrow();
    return { id, author: { id: author.id, name: author.name }, text, sentAt };
  }
}
