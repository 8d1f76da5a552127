/** The namespace /admin: admins see the sessions of all nodes and end one, and change who is in which group. */
import type { Namespace } from "socket.io";
import type { Guard } from "socket.io-guard";
import type { SocketData } from "../../definitions/events.js";
import type { AdminEvents, AdminRequests, GroupChange } from "../../definitions/guard-panel.js";
import type { ChatUser } from "../../definitions/users.js";
import type { ChatServer } from "../chat/chat-server.js";
import { reason } from "../reason.js";
import type { Groups } from "../users/groups.js";
import type { Users } from "../users/users.js";
import type { EndedSessionCounts } from "./ended-sessions.js";
import type { AllSessions } from "./sessions.js";

/** Milliseconds. */
const changePause = 200;
/** Milliseconds until a session is ended although a node has not said that its client was told why. */
const longestTelling = 1_000;

type AdminNamespace = Namespace<AdminRequests, AdminEvents, Record<string, never>, SocketData>;

export interface AdminParts {
  readonly io: ChatServer;
  readonly guarded: Pick<Guard<unknown>, "revoke" | "on" | "record" | "userChanged">;
  readonly users: Users;
  readonly groups: Groups;
  readonly sessions: AllSessions;
  readonly counts: EndedSessionCounts;
  /** Whether there may be other nodes. */
  readonly hasOthers: boolean;
}

export class Admin {
  readonly #parts: AdminParts;
  readonly #admins: AdminNamespace;
  #pendingChange: NodeJS.Timeout | undefined;

  constructor(parts: AdminParts) {
    this.#parts = parts;
    this.#admins = parts.io.of("/admin") as unknown as AdminNamespace;
    this.#admins.on("connection", (socket) => {
      if (socket.data.user !== undefined) void socket.join(roomOf(socket.data.user));
      socket.on("sessions", (answer) => void parts.sessions.list().then(answer));
      socket.on("endSession", (id, answer) => {
        this.#end(id, socket.data.user!).then(() => answer(true), (error: unknown) => {
          console.error("A session could not be ended:", reason(error));
          answer({ error: { message: "The session could not be ended. Try again." } });
        });
      });
      socket.on("groups", (answer) => {
        parts.groups.list().then(answer, (error: unknown) => {
          console.error("The groups could not be read:", reason(error));
          answer({ error: { message: "The groups could not be read. Try again." } });
        });
      });
      socket.on("changeGroup", (change, answer) => {
        this.#changeGroup(change, socket.data.user!).then(answer, (error: unknown) => {
          console.error("A group could not be changed:", reason(error));
          answer({ error: { message: "The group could not be changed. Try again." } });
        });
      });
    });
    if (parts.hasOthers) {
      parts.io.on("sessionEnds", (id, by, answer) => {
        this.#tellSession(id, by);
        answer(true);
      });
    }
    for (const name of ["connected", "refreshed", "ended"] as const) parts.guarded.on(name, ({ namespace }) => { if (namespace === "/") this.#tellChange(); });
  }

  /** Tells an admin how many sessions have ended. Call it before they are ended. */
  report(of: string, by: ChatUser): void {
    const { sessions, counts } = this.#parts;
    const expected = sessions.list().then(({ sessions: all }) => all.filter(({ id, user }) => id === of || user?.id === of).length);
    void counts.count(of, expected).then((ended) => this.#admins.to(roomOf(by)).emit("endedSessions", { user: of, ...ended }));
  }

  close(): void {
    clearTimeout(this.#pendingChange);
  }

  /** Tells the pages of all nodes, once for several changes in a short time. */
  #tellChange(): void {
    this.#pendingChange ??= setTimeout(() => {
      this.#pendingChange = undefined;
      this.#admins.emit("changed");
    }, changePause).unref();
  }

  /** Through this node alone: what passes the adapter would arrive after the end. */
  #tellSession(id: string, by: string): void {
    this.#parts.io.local.to(id).emit("signedOut", by, "here");
  }

  async #changeGroup(change: GroupChange, by: ChatUser): Promise<boolean> {
    const { users, groups, guarded } = this.#parts;
    if ((await users.find(change.user)) === null) return false;
    await groups.change(change);
    guarded.record({ action: change.isMember ? "put into a group" : "taken out of a group", actor: by.id, subject: change.user, detail: change.group });
    // The guard reads the user again, on all nodes: who may no longer be in the room of the group leaves it at once.
    await guarded.userChanged(change.user);
    this.#tellChange();
    return true;
  }

  async #end(id: string, by: ChatUser): Promise<void> {
    this.report(id, by);
    this.#tellSession(id, by.name);
    if (this.#parts.hasOthers) await this.#tellElsewhere(id, by.name);
    await this.#parts.guarded.revoke({ session: id }, { actor: by.id });
  }

  /** The end may reach the node of the session by another way, and faster. A node that does not answer keeps nobody connected. */
  async #tellElsewhere(id: string, by: string): Promise<void> {
    const told = this.#parts.io.serverSideEmitWithAck("sessionEnds", id, by).catch(() => undefined);
    await Promise.race([told, new Promise((resolve) => setTimeout(resolve, longestTelling).unref())]);
  }
}

/** The pages of a user, on all nodes. They only hear what this user has ended. */
function roomOf({ id }: ChatUser): string {
  return `user ${id}`;
}
