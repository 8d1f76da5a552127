/** Who is here: one entry a user, however many sockets they have, on however many nodes. */
import { randomUUID } from "node:crypto";
import type { ChatUser } from "../../definitions/users.js";
import type { ChatServer } from "./chat-server.js";

/** Each node says again and again who is on it; of one that says nothing for three times as long, nobody is here any more. */
const usualInterval = 5_000;
const mostMissed = 3;

export class Presence {
  readonly #io: ChatServer;
  readonly #hasOthers: boolean;
  readonly #node = randomUUID();
  readonly #here = new Map<string, { user: ChatUser; sockets: number }>();
  readonly #elsewhere = new Map<string, { users: ChatUser[]; heardAt: number }>();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #longestSilence: number;
  #isChanging = false;
  #isStopped = false;
  #told = "";
  #said = "[]";

  /** `hasOthers`: whether there may be other nodes. */
  constructor(io: ChatServer, hasOthers: boolean, interval = usualInterval) {
    this.#io = io;
    this.#longestSilence = mostMissed * interval;
    this.#hasOthers = hasOthers;
    if (!hasOthers) return;
    io.on("here", (node, users) => this.#hear(node, users));
    this.#timer = setInterval(() => {
      this.#say();
      this.#forgetSilent();
    }, interval).unref();
    this.#say();
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

  /** By name. */
  list(): ChatUser[] {
    const users = [...this.#elsewhere.values()].flatMap(({ users }) => users).concat(this.#own());
    return [...new Map(users.map((user) => [user.id, user])).values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Nobody is on this node any more, and the others know. */
  stop(): void {
    clearInterval(this.#timer);
    this.#here.clear();
    this.#say();
    this.#isStopped = true;
  }

  #own(): ChatUser[] {
    return [...this.#here.values()].map(({ user }) => user);
  }

  /** However many come or leave at once, it is told once. */
  #change(): void {
    if (this.#isChanging) return;
    this.#isChanging = true;
    setImmediate(() => {
      this.#isChanging = false;
      this.#tell();
      if (JSON.stringify(this.#own()) !== this.#said) this.#say();
    });
  }

  /** Tells the clients of this node, if there is something new. */
  #tell(): void {
    const users = this.list();
    const told = JSON.stringify(users);
    if (told === this.#told) return;
    this.#told = told;
    this.#io.local.emit("present", users);
  }

  /** Tells the other nodes. */
  #say(): void {
    const users = this.#own();
    this.#said = JSON.stringify(users);
    if (this.#hasOthers && !this.#isStopped) this.#io.serverSideEmit("here", this.#node, users);
  }

  #hear(node: string, users: ChatUser[]): void {
    const isNew = !this.#elsewhere.has(node);
    this.#elsewhere.set(node, { users, heardAt: performance.now() });
    this.#tell();
    if (isNew) this.#say();
  }

  #forgetSilent(): void {
    const since = performance.now() - this.#longestSilence;
    for (const [node, { heardAt }] of this.#elsewhere) if (heardAt < since) this.#elsewhere.delete(node);
    this.#tell();
  }
}
