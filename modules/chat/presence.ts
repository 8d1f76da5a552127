/** Who is here: one entry a user, however many sockets they have. */
import type { ChatUser } from "../../definitions/users.js";

export class Presence {
  readonly #here = new Map<string, { user: ChatUser; sockets: number }>();

  /** Answers whether the user was not here before. */
  join(user: ChatUser): boolean {
    const entry = this.#here.get(user.id);
    this.#here.set(user.id, { user, sockets: (entry?.sockets ?? 0) + 1 });
    return entry === undefined;
  }

  /** Answers whether that was the user's last socket. */
  leave(user: ChatUser): boolean {
    const entry = this.#here.get(user.id);
    if (entry === undefined) return false;
    entry.sockets -= 1;
    return entry.sockets === 0 && this.#here.delete(user.id);
  }

  /** By name. */
  list(): ChatUser[] {
    return [...this.#here.values()].map(({ user }) => user).sort((a, b) => a.name.localeCompare(b.name));
  }
}
