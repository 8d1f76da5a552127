// A client in a room. It always reconnects with the same token, and records when each event of the room that it received was sent.
import { io as openClient, type Socket } from "socket.io-client";
import type { JoinAnswer, RoomEvent, RoomLeft } from "../../../lib/client/index.js";

const reconnectDelay = 15;

export interface RoomClientOptions {
  readonly address: string;
  readonly token: string;
  readonly room: string;
  /** Whether it joins again when it has reconnected. */
  readonly rejoins: boolean;
}

export class RoomClient {
  /** The instants at which nodes sent the events that were received. */
  readonly heard: number[] = [];
  /** Why the server removed it from the room, each time. */
  readonly left: string[] = [];
  readonly #socket: Socket;
  readonly #waiting = new Set<(sentAt: number) => void>();

  constructor({ address, token, room, rejoins }: RoomClientOptions) {
    this.#socket = openClient(address, {
      forceNew: true, transports: ["websocket"], auth: { token }, reconnectionDelay: reconnectDelay, reconnectionDelayMax: reconnectDelay,
    });
    const join = () => this.#socket.emit("guard:join", { room }, (answer: JoinAnswer) => {
      // The store may be down.
      if ("error" in answer && this.#socket.connected) setTimeout(join, reconnectDelay);
    });
    this.#socket[rejoins ? "on" : "once"]("guard:session", join);
    this.#socket.on("guard:room", ({ data }: RoomEvent) => this.#hear(data as number));
    this.#socket.on("guard:left", ({ code }: RoomLeft) => this.left.push(code));
    const comeBack = () => { if (!this.#socket.active) setTimeout(() => this.#socket.connect(), reconnectDelay); };
    this.#socket.on("disconnect", comeBack);
    this.#socket.on("connect_error", comeBack);
  }

  /** Resolves when it has received an event that was sent after this instant. */
  heardAfter(instant: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (sentAt: number) => {
        if (sentAt <= instant) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  close(): void {
    this.#socket.removeAllListeners();
    this.#socket.io.reconnection(false);
    this.#socket.disconnect();
  }

  #hear(sentAt: number): void {
    this.heard.push(sentAt);
    for (const look of [...this.#waiting]) look(sentAt);
  }
}
