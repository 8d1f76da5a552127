/** The body of a POST of polling, whose packets are read one by one. */
import type { EngineConnection, EnginePacket, EngineTransport, PollingParser } from "./internals.js";

/** Stands between two packets of a body. */
export const separator = "\u001e";

/** Where a body has come from. */
export interface Origin {
  readonly conn: EngineConnection;
  readonly transport: EngineTransport;
  readonly parser: PollingParser;
  /** What Engine.IO does with a packet. It drops it once the connection is closed, or upgraded to a websocket. */
  readonly handle: (packet: EnginePacket) => void;
}

/** The body of a POST, as far as it is not read. */
export class Body {
  readonly #text: string;
  readonly #origin: Origin;
  #next = 0;

  constructor(text: string, origin: Origin) {
    this.#text = text;
    this.#origin = origin;
  }

  get isRead(): boolean {
    return this.#next > this.#text.length;
  }

  /** Reads a packet. `receive` gets the message of a client that has closed or upgraded its connection meanwhile: it was sent before. */
  readOne(receive: (message: unknown) => void): void {
    const { conn, transport, handle } = this.#origin;
    const packet = this.#decodeNext();
    // Engine.IO reads nothing behind these.
    if (packet.type === "close" || packet.type === "error") this.#next = Infinity;
    const isAttached = conn.readyState === "open" && conn.transport === transport;
    if (isAttached || packet.type !== "message") handle(packet);
    else receive(packet.data);
  }

  #decodeNext(): EnginePacket {
    const separatorAt = this.#text.indexOf(separator, this.#next);
    const end = separatorAt === -1 ? this.#text.length : separatorAt;
    const text = this.#text.slice(this.#next, end);
    this.#next = end + 1;
    return this.#origin.parser.decodePacket(text);
  }
}
