/**
 * POSTs of polling with thousands of packets. Engine.IO decodes such a body and hands on all its packets in one turn of the event
 * loop, which takes hundreds of milliseconds for a megabyte. Here each turn reads a part of one body, and the POST is answered
 * after the last part. If the connection is closed before that, the rest is not read.
 */
import type { EngineTransport, HttpResponse, PollingParser } from "./internals.js";

// To decode so many packets and to hand them on takes a few milliseconds.
const partSize = 2_048;
const separator = "\u001e";

type Handle = (packet: unknown) => void;

interface Body {
  readonly text: string;
  readonly handle: Handle;
  readonly answer: () => void;
  /** Where the next part begins. */
  next: number;
}

/** Connections with a body that is not read to its end. */
const waiting: BodyReader[] = [];

/** From now on, the bodies that this transport receives are read in parts. Only polling has bodies. */
export function readInParts(transport: EngineTransport | undefined): void {
  const parser = transport?.parser;
  if (transport?.name !== "polling" || typeof parser?.decodePayload !== "function") return;
  const reader = new BodyReader(transport, parser);
  transport.parser = Object.create(parser, { decodePayload: { value: (text: string) => reader.decode(text) } }) as PollingParser;
}

class BodyReader {
  readonly #transport: EngineTransport;
  readonly #parser: PollingParser;
  #body: Body | undefined = undefined;

  constructor(transport: EngineTransport, parser: PollingParser) {
    this.#transport = transport;
    this.#parser = parser;
  }

  /** Takes the place of the parser's own. Engine.IO only calls `forEach` on what it returns. */
  decode(text: string): { forEach(handle: Handle): void } {
    const { dataRes } = this.#transport;
    if (this.#body !== undefined) return this.#refuse();
    // The answer of another HTTP server than Node's cannot be held.
    if (endOfPart(text, 0) === text.length || typeof dataRes?.writeHead !== "function") return this.#parser.decodePayload(text);
    return { forEach: (handle) => this.#readPart({ text, handle, answer: holdAnswer(dataRes), next: 0 }) };
  }

  readNext(): void {
    if (this.#transport.readyState === "open") this.#readPart(this.#body!);
    else this.#end(this.#body!);
  }

  #readPart(body: Body): void {
    const end = endOfPart(body.text, body.next);
    this.#body = body;
    this.#parser.decodePayload(body.text.slice(body.next, end)).forEach(body.handle);
    body.next = end + 1;
    if (end === body.text.length) this.#end(body);
    else if (waiting.push(this) === 1) setImmediate(serveNext);
  }

  #end(body: Body): void {
    this.#body = undefined;
    body.answer();
  }

  /** The client did not wait for the answer of the POST before. Engine.IO closes such a connection, too. */
  #refuse(): [] {
    this.#transport.onError?.("data request overlap from client");
    return [];
  }
}

function serveNext(): void {
  const next = waiting.shift();
  if (waiting.length > 0) setImmediate(serveNext);
  next?.readNext();
}

/** Where the part that begins here has its last separator, or where the text ends. */
function endOfPart(text: string, start: number): number {
  let end = start - 1;
  // A packet has at least one character, and a separator behind it.
  if (text.length - start < 2 * partSize) return text.length;
  for (let packets = 0; packets < partSize; packets += 1) {
    end = text.indexOf(separator, end + 1);
    if (end === -1) return text.length;
  }
  return end;
}

/** The response is sent no sooner than the returned function is called. */
function holdAnswer(response: HttpResponse): () => void {
  const end = response.end.bind(response);
  let answer: unknown[] | undefined;
  response.end = (...given) => { answer = given; };
  return () => {
    response.end = end;
    if (answer !== undefined) end(...answer);
  };
}
