/** Counts the sessions that an admin ends, on all nodes, and how long it takes until the last one has ended. */
import type { Guard } from "socket.io-guard";
import type { EndedSessions } from "../../definitions/guard-panel.js";
import type { ChatServer } from "../chat/chat-server.js";

/** A count is complete when no session has ended for this long. */
const quiet = 1_000;

interface Count {
  /** The id of a user or of a session. */
  readonly of: string;
  readonly startedAt: number;
  readonly nodes: Set<string>;
  readonly done: (ended: Omit<EndedSessions, "user">) => void;
  sessions: number;
  took: number;
  timer: NodeJS.Timeout;
}

export class EndedSessionCounts {
  readonly #counts = new Set<Count>();

  constructor(io: ChatServer, guarded: Pick<Guard<unknown>, "on">, node: string, hasOthers: boolean) {
    if (hasOthers) io.on("sessionEnded", (other, ids) => this.#note(other, ids));
    guarded.on("ended", ({ id, subject, namespace, code }) => {
      if (namespace !== "/" || code !== "token_revoked" || subject === undefined) return;
      this.#note(node, [id, subject]);
      if (hasOthers) io.serverSideEmit("sessionEnded", node, [id, subject]);
    });
  }

  /** Call this before the sessions are ended. Resolves when all have ended. */
  count(of: string): Promise<Omit<EndedSessions, "user">> {
    return new Promise((done) => {
      const count: Count = { of, done, startedAt: performance.now(), nodes: new Set(), sessions: 0, took: 0, timer: setTimeout(() => this.#finish(count), quiet).unref() };
      this.#counts.add(count);
    });
  }

  #note(node: string, ids: readonly string[]): void {
    for (const count of this.#counts) {
      if (!ids.includes(count.of)) continue;
      count.sessions += 1;
      count.nodes.add(node);
      count.took = performance.now() - count.startedAt;
      count.timer.refresh();
    }
  }

  #finish(count: Count): void {
    this.#counts.delete(count);
    count.done({ sessions: count.sessions, nodes: count.nodes.size, took: Math.round(count.took) });
  }
}
