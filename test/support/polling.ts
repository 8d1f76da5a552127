// A raw client on HTTP long polling, by hand: many packets in one POST, and the upgrade to a websocket step by step.
import { WebSocket } from "ws";

const separator = "\x1e";

export class Polling {
  /** Everything the server said over polling. */
  readonly said: string[] = [];
  /** Settles when the server answers no more poll, or the websocket has closed. */
  readonly closed: Promise<void>;
  readonly #url: string;
  readonly #polls = new AbortController();
  #socket: WebSocket | undefined;
  #close: () => void = () => undefined;

  private constructor(url: string) {
    this.#url = url;
    this.closed = new Promise((resolve) => { this.#close = resolve; });
  }

  /** Opens a connection, and connects to the main namespace. */
  static async connect(address: string, auth: object): Promise<Polling> {
    const url = `${address}/socket.io/?EIO=4`;
    const opened = await (await fetch(`${url}&transport=polling`)).text();
    const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
    const polling = new Polling(`${url}&sid=${sid}`);
    await polling.post(`40${JSON.stringify(auth)}`);
    while (!polling.said.some((packet) => packet.startsWith("40") || packet.startsWith("44"))) polling.said.push(...(await polling.#poll() ?? ["44"]));
    return polling;
  }

  /** The id of its socket on the server. */
  get id(): string {
    return /"sid":"([^"]+)"/.exec(this.said.find((packet) => packet.startsWith("40")) ?? "")?.[1] ?? "";
  }

  /** All packets in one request. A connection that has ended takes none. */
  async post(...packets: string[]): Promise<void> {
    await fetch(`${this.#url}&transport=polling`, { method: "POST", body: packets.join(separator) }).then((response) => response.text(), () => undefined);
  }

  /** Polls until the connection ends. */
  async listen(): Promise<void> {
    for (let packets = await this.#poll(); packets !== undefined; packets = await this.#poll()) {
      this.said.push(...packets);
      if (packets.includes("1") || packets.includes("6")) break;
    }
    if (this.#socket === undefined) this.#close();
  }

  /** Opens a websocket beside it, and has it probed. */
  async probe(): Promise<void> {
    const socket = new WebSocket(`${this.#url.replace(/^http/, "ws")}&transport=websocket`);
    this.#socket = socket;
    socket.once("close", () => this.#close());
    await new Promise<void>((resolve) => {
      // The connection may have ended meanwhile.
      socket.once("error", () => resolve());
      socket.once("open", () => socket.send("2probe"));
      socket.once("message", () => resolve());
      socket.once("close", () => resolve());
    });
  }

  /** The websocket takes over, and these are its first packets. */
  upgrade(...packets: string[]): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    for (const packet of ["5", ...packets]) this.#socket.send(packet);
  }

  /** Over the websocket, if it is there. */
  sendUpgraded(packet: string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(packet);
  }

  /** Breaks off the poll that is open, as a browser does that leaves the page. */
  abort(): void {
    this.#polls.abort();
  }

  close(): void {
    this.#socket?.terminate();
    this.#close();
  }

  async #poll(): Promise<string[] | undefined> {
    const response = await fetch(`${this.#url}&transport=polling`, { signal: this.#polls.signal }).catch(() => undefined);
    return response?.ok === true ? (await response.text()).split(separator) : undefined;
  }
}
