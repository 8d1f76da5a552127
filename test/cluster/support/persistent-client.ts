// A client that sends events all the time, and always reconnects with the same token. It records when each broadcast that it
// received was sent.
import { io as openClient, type Socket } from "socket.io-client";

const sendInterval = 8;
const reconnectDelay = 15;

export class PersistentClient {
  /** The instants at which the node sent the broadcasts that were received. */
  readonly heard: number[] = [];
  readonly #socket: Socket;
  readonly #sending: NodeJS.Timeout;
  readonly #answers = new Set<(answer: number | string) => void>();

  constructor(address: string, token: string) {
    this.#socket = openClient(address, {
      forceNew: true, transports: ["websocket"], auth: { token }, reconnectionDelay: reconnectDelay, reconnectionDelayMax: reconnectDelay,
    });
    this.#socket.on("news", (at: number) => this.heard.push(at));
    const comeBack = () => void setTimeout(() => this.#socket.connect(), reconnectDelay);
    this.#socket.on("disconnect", () => { if (!this.#socket.active) comeBack(); });
    this.#socket.on("connect_error", (error: Error & { data?: { code: string } }) => {
      this.#tell(error.data?.code ?? "unreachable");
      if (!this.#socket.active) comeBack();
    });
    this.#sending = setInterval(() => this.#send(), sendInterval);
  }

  /** Resolves at the next answer that matches: the instant at which an event was accepted, or the code of its denial. */
  next(fits: (answer: number | string) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (answer: number | string) => {
        if (!fits(answer)) return;
        this.#answers.delete(look);
        resolve();
      };
      this.#answers.add(look);
    });
  }

  /** Resolves when an event was accepted after this instant. */
  acceptedAfter(instant: number): Promise<void> {
    return this.next((answer) => typeof answer === "number" && answer > instant);
  }

  /** Resolves when an event or a handshake was denied with this code after this instant. */
  deniedAfter(instant: number, code: string): Promise<void> {
    return this.next((answer) => answer === code && Date.now() > instant);
  }

  close(): void {
    clearInterval(this.#sending);
    this.#socket.removeAllListeners();
    this.#socket.io.reconnection(false);
    this.#socket.disconnect();
  }

  #send(): void {
    // The client would buffer it, and send it later.
    if (!this.#socket.connected) return;
    this.#socket.emit("message", (answer: number | { error: { code: string } }) => {
      this.#tell(typeof answer === "number" ? answer : answer.error.code);
    });
  }

  #tell(answer: number | string): void {
    for (const look of [...this.#answers]) look(answer);
  }
}
