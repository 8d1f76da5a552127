// A raw client that uses HTTP long polling. It can send many packets in one POST, and upgrade to a websocket step by step.
import { WebSocket } from "ws";

const separator = "\x1e";

interface Format {
  readonly query: string;
  /** The body of a POST. */
  readonly write: (packets: string) => string;
  /** The packets in an answer to a poll. */
  readonly read: (answer: string) => string;
}

export const plain: Format = { query: "", write: (packets) => packets, read: (answer) => answer };

/** As pages did before browsers had CORS. Every Socket.IO server accepts it. */
export const jsonp: Format = {
  query: "&j=0",
  write: (packets) => `d=${encodeURIComponent(packets)}`,
  read: (answer) => JSON.parse(answer.slice(answer.indexOf("(") + 1, -2)) as string,
};

export class Polling {
  /** Every packet that was received over polling. */
  readonly said: string[] = [];
  /** Resolves when the server answers no further poll, or the websocket has closed. */
  readonly closed: Promise<void>;
  readonly #url: string;
  readonly #format: Format;
  readonly #polls = new AbortController();
  #socket: WebSocket | undefined;
  #close: () => void = () => undefined;

  private constructor(url: string, format: Format) {
    this.#url = url;
    this.#format = format;
    this.closed = new Promise((resolve) => { this.#close = resolve; });
  }

  /** Opens a connection, and connects to the main namespace. */
  static async connect(address: string, auth: object, format: Format = plain): Promise<Polling> {
    const url = `${address}/socket.io/?EIO=4${format.query}`;
    const opened = format.read(await (await fetch(`${url}&transport=polling`)).text());
    const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
    const polling = new Polling(`${url}&sid=${sid}`, format);
    await polling.post(`40${JSON.stringify(auth)}`);
    while (!polling.said.some((packet) => packet.startsWith("40") || packet.startsWith("44"))) polling.said.push(...(await polling.#poll() ?? ["44"]));
    return polling;
  }

  /** The id of the client's socket on the server. */
  get id(): string {
    return /"sid":"([^"]+)"/.exec(this.said.find((packet) => packet.startsWith("40")) ?? "")?.[1] ?? "";
  }

  /** Sends all packets in one request. After the connection ended, nothing is sent. */
  async post(...packets: string[]): Promise<void> {
    await fetch(`${this.#url}&transport=polling`, { method: "POST", body: this.#format.write(packets.join(separator)) }).then((response) => response.text(), () => undefined);
  }

  /** Polls until the connection ends. */
  async listen(): Promise<void> {
    for (let packets = await this.#poll(); packets !== undefined; packets = await this.#poll()) {
      this.said.push(...packets);
      if (packets.includes("1") || packets.includes("6")) break;
    }
    if (this.#socket === undefined) this.#close();
  }

  /** Opens a websocket for the upgrade and probes it. */
  async probe(): Promise<void> {
    const socket = new WebSocket(`${this.#url.replace(/^http/, "ws")}&transport=websocket`);
    this.#socket = socket;
    socket.once("close", () => this.#close());
    await new Promise<void>((resolve) => {
      // The connection may end before the probe is answered.
      socket.once("error", () => resolve());
      socket.once("open", () => socket.send("2probe"));
      socket.once("message", () => resolve());
      socket.once("close", () => resolve());
    });
  }

  /** Completes the upgrade, and sends these packets over the websocket. */
  upgrade(...packets: string[]): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    for (const packet of ["5", ...packets]) this.#socket.send(packet);
  }

  /** Sends a packet over the websocket if it is open. */
  sendUpgraded(packet: string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(packet);
  }

  /** Aborts the open poll, as a browser does when the user leaves the page. */
  abort(): void {
    this.#polls.abort();
  }

  close(): void {
    this.#socket?.terminate();
    this.#close();
  }

  async #poll(): Promise<string[] | undefined> {
    const response = await fetch(`${this.#url}&transport=polling`, { signal: this.#polls.signal }).catch(() => undefined);
    return response?.ok === true ? this.#format.read(await response.text()).split(separator) : undefined;
  }
}
