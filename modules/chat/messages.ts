/** The messages in the database, in the order in which they were sent. */
import type { ChatMessage, DirectMessage } from "../../definitions/messages.js";
import { directRoom } from "../../definitions/rooms.js";
import type { ChatUser } from "../../definitions/users.js";
import type { Database } from "../database/database.js";

const pageLength = 50;

type Person = Pick<ChatUser, "id" | "name">;

export class Messages {
  readonly #database: Database;
  #last: Promise<unknown> = Promise.resolve();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Stores a message to a room after all earlier ones. Resolves once it is on the disk. */
  add(author: Person, room: string, text: string): Promise<ChatMessage> {
    return this.#add(author, room, text, null).then(({ id, sentAt }) => ({ id, room, author: nameOf(author), text, sentAt }));
  }

  /** The same, for a message to one user. */
  addDirect(author: Person, to: Person, text: string): Promise<DirectMessage> {
    const room = directRoom(author.id, to.id);
    return this.#add(author, room, text, to.id).then(({ id, sentAt }) => ({ id, room, author: nameOf(author), to: nameOf(to), text, sentAt }));
  }

  /** The latest messages of a room, oldest first: those before a message, if there is one. */
  async history(room: string, before = Number.MAX_SAFE_INTEGER): Promise<ChatMessage[]> {
    const rows = await this.#select().where("room", "=", room).where("messages.id", "<", before).execute();
    return rows.reverse().map(toMessage);
  }

  /** The latest direct messages from and to this user, oldest first. */
  async direct(user: string): Promise<DirectMessage[]> {
    const rows = await this.#select().where("recipient", "is not", null)
      .where((eb) => eb.or([eb("recipient", "=", user), eb("author", "=", user)]))
      .execute();
    return rows.reverse().map((row) => toMessage(row) as DirectMessage);
  }

  /** Resolves once all messages are stored. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #select() {
    return this.#database.selectFrom("messages").innerJoin("users as authors", "authors.id", "author").leftJoin("users as recipients", "recipients.id", "recipient")
      .select(["messages.id", "room", "author", "authors.name as author_name", "recipient", "recipients.name as recipient_name", "text", "sent_at"])
      .orderBy("messages.id", "desc").limit(pageLength);
  }

  #add(author: Person, room: string, text: string, recipient: string | null): Promise<{ id: number; sentAt: number }> {
    const stored = this.#last.then(async () => {
      const sentAt = Date.now();
      const row = { room, author: author.id, recipient, text, sent_at: sentAt };
      const { id } = await this.#database.insertInto("messages").values(row).returning("id").executeTakeFirstOrThrow();
      return { id, sentAt };
    });
    this.#last = stored.catch(() => undefined);
    return stored;
  }
}

interface Row {
  readonly id: number;
  readonly room: string;
  readonly author: string;
  readonly author_name: string;
  readonly recipient: string | null;
  readonly recipient_name: string | null;
  readonly text: string;
  readonly sent_at: number;
}

function toMessage(row: Row): ChatMessage | DirectMessage {
  const message = { id: row.id, room: row.room, author: { id: row.author, name: row.author_name }, text: row.text, sentAt: row.sent_at };
  return row.recipient === null ? message : { ...message, to: { id: row.recipient, name: row.recipient_name ?? row.recipient } };
}

const nameOf = ({ id, name }: Person): Person => ({ id, name });
