/** The namespace /admin: admins see the sessions of all nodes, and end one. */
import type { Namespace } from "socket.io";
import type { Guard } from "socket.io-guard";
import type { SocketData } from "../../definitions/events.js";
import type { AdminEvents, AdminRequests } from "../../definitions/guard-panel.js";
import type { ChatUser } from "../../definitions/users.js";
import type { ChatServer } from "../chat/chat-server.js";
import { reason } from "../reason.js";
import type { EndedSessionCounts } from "./ended-sessions.js";
import type { AllSessions } from "./sessions.js";

/** Milliseconds. */
const changePause = 200;

type AdminNamespace = Namespace<AdminRequests, AdminEvents, Record<string, never>, SocketData>;

export interface AdminParts {
  readonly io: ChatServer;
  readonly guarded: Pick<Guard<unknown>, "revoke" | "on">;
  readonly sessions: AllSessions;
  readonly counts: EndedSessionCounts;
}

export class Admin {
  readonly #parts: AdminParts;
  readonly #admins: AdminNamespace;
  #isChangePending = false;

  constructor(parts: AdminParts) {
    this.#parts = parts;
    this.#admins = parts.io.of("/admin") as unknown as AdminNamespace;
    this.#admins.on("connection", (socket) => {
      socket.on("sessions", (answer) => void parts.sessions.list().then(answer));
      socket.on("endSession", (id, answer) => {
        this.#end(id, socket.data.user!).then(() => answer(true), (error: unknown) => {
          console.error("A session could not be ended:", reason(error));
          answer({ error: { message: "The session could not be ended. Try again." } });
        });
      });
    });
    for (const name of ["connected", "refreshed", "ended"] as const) parts.guarded.on(name, ({ namespace }) => { if (namespace === "/") this.#tellChange(); });
  }

  /** Tells an admin how many sessions have ended. Call it before they are ended. */
  report(of: string, by: ChatUser): void {
    void this.#parts.counts.count(of).then((ended) => {
      for (const socket of this.#admins.sockets.values()) if (socket.data.user?.id === by.id) socket.emit("endedSessions", { user: of, ...ended });
    });
  }

  /** Tells the pages of all nodes, once for several changes in a short time. */
  #tellChange(): void {
    if (this.#isChangePending) return;
    this.#isChangePending = true;
    setTimeout(() => {
      this.#isChangePending = false;
      this.#admins.emit("changed");
    }, changePause).unref();
  }

  #end(id: string, by: ChatUser): Promise<void> {
    this.report(id, by);
    this.#parts.io.to(id).emit("signedOut", by.name, "here");
    return this.#parts.guarded.revoke({ session: id });
  }
}
