/** The sessions of all nodes. */
import type { Guard } from "socket.io-guard";
import type { SessionOfUser, Sessions } from "../../definitions/guard-panel.js";
import type { ChatServer } from "../chat/chat-server.js";

export class AllSessions {
  readonly #io: ChatServer;
  readonly #guarded: Pick<Guard<unknown>, "session">;
  readonly #node: string;
  readonly #hasOthers: boolean;

  /** @param hasOthers whether there may be other nodes */
  constructor(io: ChatServer, guarded: Pick<Guard<unknown>, "session">, node: string, hasOthers: boolean) {
    this.#io = io;
    this.#guarded = guarded;
    this.#node = node;
    this.#hasOthers = hasOthers;
    if (hasOthers) io.on("sessions", (answer) => answer(this.#here()));
  }

  async list(): Promise<Sessions> {
    const here = this.#here();
    if (!this.#hasOthers) return { sessions: here, incomplete: false };
    try {
      const elsewhere = await this.#io.serverSideEmitWithAck("sessions");
      return { sessions: [...here, ...elsewhere.flat()], incomplete: false };
    } catch (error) {
      // A node is gone or too slow. The error has the answers of the others.
      const { responses = [] } = error as { responses?: SessionOfUser[][] };
      return { sessions: [...here, ...responses.flat()], incomplete: true };
    }
  }

  #here(): SessionOfUser[] {
    return [...this.#io.sockets.sockets.values()].map((socket) => {
      const { user } = socket.data;
      return {
        id: socket.id, node: this.#node, method: this.#guarded.session(socket)?.method ?? "", since: socket.handshake.issued,
        user: user === undefined ? null : { id: user.id, name: user.name, role: user.role },
      };
    });
  }
}
