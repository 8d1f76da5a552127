/** The users who are online. A user is listed once, even with several sockets on several nodes. */
import { randomUUID } from "node:crypto";
import type { ChatUser } from "../../definitions/users.js";
import type { ChatServer } from "./chat-server.js";

/** Each node announces its users at this interval. A node that misses this many announcements counts as gone. */
const defaultInterval = 5_000;
const maxMissed = 3;

export class Presence {
  readonly #io: ChatServer;
  readonly #hasOthers: boolean;
  readonly #node = randomUUID();
  readonly #here = new Map<string, { user: ChatUser; sockets: number }>();
  readonly #elsewhere = new Map<string, { users: ChatUser[]; heardAt: number }>();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #maxSilence: number;
  #isChangePending = false;
  #isStopped = false;
  #lastToClients = "";
  #lastToNodes = "[]";

  /** @param hasOthers whether there may be other nodes */
  constructor(io: ChatServer, hasOthers: boolean, interval = defaultInterval) {
    this.#io = io;
    this.#maxSilence = maxMissed * interval;
    this.#hasOthers = hasOthers;
    if (!hasOthers) return;
    io.on("here", (node, users) => this.#onNode(node, users));
    this.#timer = setInterval(() => {
      this.#tellNodes();
      this.#forgetSilent();
    }, interval).unref();
    this.#tellNodes();
  }

  join(user: ChatUser): void {
    this.#here.set(user.id, { user, sockets: (this.#here.get(user.id)?.sockets ?? 0) + 1 });
    this.#change();
  }

  leave(user: ChatUser): void {
    const entry = this.#here.get(user.id);
    if (entry === undefined) return;
    entry.sockets -= 1;
    if (entry.sockets === 0) this.#here.delete(user.id);
    this.#change();
  }

  /** All users who are online, sorted by name. */
  list(): ChatUser[] {
    const users = [...this.#elsewhere.values()].flatMap(({ users }) => users).concat(this.#own());
    return [...new Map(users.map((user) => [user.id, user])).values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Tells the other nodes that this node has no users any more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#here.clear();
    this.#tellNodes();
    this.#isStopped = true;
  }

  #own(): ChatUser[] {
    return [...this.#here.values()].map(({ user }) => user);
  }

  /** Announces all changes of one turn of the event loop at once. */
  #change(): void {
    if (this.#isChangePending) return;
    this.#isChangePending = true;
    setImmediate(() => {
      this.#isChangePending = false;
      this.#tellClients();
      if (JSON.stringify(this.#own()) !== this.#lastToNodes) this.#tellNodes();
    });
  }

  /** Tells the clients of this node, if something has changed. */
  #tellClients(): void {
    const users = this.list();
    const text = JSON.stringify(users);
    if (text === this.#lastToClients) return;
    this.#lastToClients = text;
    this.#io.local.emit("present", users);
  }

  /** Tells the other nodes. */
  #tellNodes(): void {
    const users = this.#own();
    this.#lastToNodes = JSON.stringify(users);
    if (this.#hasOthers && !this.#isStopped) this.#io.serverSideEmit("here", this.#node, users);
  }

  #onNode(node: string, users: ChatUser[]): void {
    const isNew = !this.#elsewhere.has(node);
    this.#elsewhere.set(node, { users, heardAt: performance.now() });
    this.#tellClients();
    if (isNew) this.#tellNodes();
  }

  #forgetSilent(): void {
    const since = performance.now() - this.#maxSilence;
    for (const [node, { heardAt }] of this.#elsewhere) if (heardAt < since) this.#elsewhere.delete(node);
    this.#tellClients();
  }
}
