/** Counts the sessions that an admin ends, on all nodes, and how long it takes until the last one has ended. */
import type { Guard } from "socket.io-guard";
import type { EndedSessions } from "../../definitions/guard-panel.js";
import type { ChatServer } from "../chat/chat-server.js";

/** A count that is not complete by then is reported as it is. */
const patience = 8_000;

interface Count {
  /** The id of a user or of a session. */
  readonly of: string;
  readonly startedAt: number;
  readonly nodes: Set<string>;
  readonly done: (ended: Omit<EndedSessions, "user">) => void;
  readonly timer: NodeJS.Timeout;
  /** Undefined until all nodes have answered. */
  expected: number | undefined;
  sessions: number;
  took: number;
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

  /**
   * Call this before the sessions are ended. Resolves when all have ended.
   * @param expected the number of sessions before that
   */
  count(of: string, expected: Promise<number>): Promise<Omit<EndedSessions, "user">> {
    return new Promise((done) => {
      const timer = setTimeout(() => this.#finish(count), patience).unref();
      const count: Count = { of, done, timer, startedAt: performance.now(), nodes: new Set(), expected: undefined, sessions: 0, took: 0 };
      this.#counts.add(count);
      void expected.then((sessions) => {
        count.expected = sessions;
        this.#finishIfComplete(count);
      });
    });
  }

  #note(node: string, ids: readonly string[]): void {
    for (const count of this.#counts) {
      if (!ids.includes(count.of)) continue;
      count.sessions += 1;
      count.nodes.add(node);
      count.took = performance.now() - count.startedAt;
      this.#finishIfComplete(count);
    }
  }

  #finishIfComplete(count: Count): void {
    if (count.expected !== undefined && count.sessions >= count.expected) this.#finish(count);
  }

  #finish(count: Count): void {
    clearTimeout(count.timer);
    if (this.#counts.delete(count)) count.done({ sessions: count.sessions, nodes: count.nodes.size, took: Math.round(count.took) });
  }
}
