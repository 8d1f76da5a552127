// A client that never gives up: it sends events without pause, comes back with the same token whenever it is sent away,
// and writes down when the server said what it heard.
import { io as openClient, type Socket } from "socket.io-client";

const everySend = 8;
const everyReturn = 15;

export class Insister {
  /** When the server said what was heard here: a node's own instants. */
  readonly heard: number[] = [];
  readonly #socket: Socket;
  readonly #sending: NodeJS.Timeout;
  readonly #answers = new Set<(answer: number | string) => void>();

  constructor(address: string, token: string) {
    this.#socket = openClient(address, {
      forceNew: true, transports: ["websocket"], auth: { token }, reconnectionDelay: everyReturn, reconnectionDelayMax: everyReturn,
    });
    this.#socket.on("news", (at: number) => this.heard.push(at));
    const comeBack = () => void setTimeout(() => this.#socket.connect(), everyReturn);
    this.#socket.on("disconnect", () => { if (!this.#socket.active) comeBack(); });
    this.#socket.on("connect_error", (error: Error & { data?: { code: string } }) => {
      this.#tell(error.data?.code ?? "unreachable");
      if (!this.#socket.active) comeBack();
    });
    this.#sending = setInterval(() => this.#send(), everySend);
  }

  /** Settles with the next answer that fits: when an event was accepted, or with the code why not. */
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

  /** An event was accepted after this instant. */
  acceptedAfter(instant: number): Promise<void> {
    return this.next((answer) => typeof answer === "number" && answer > instant);
  }

  /** An event, or a handshake, was denied with this code after this instant. */
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
    // What cannot be sent now would only be sent later, all at once.
    if (!this.#socket.connected) return;
    this.#socket.emit("message", (answer: number | { error: { code: string } }) => {
      this.#tell(typeof answer === "number" ? answer : answer.error.code);
    });
  }

  #tell(answer: number | string): void {
    for (const look of [...this.#answers]) look(answer);
  }
}
