/** POSTs to one endpoint: to public addresses only, without following redirects, and within a time. */
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { LookupFunction } from "node:net";

/** What became of one attempt. */
export interface PostResult {
  readonly isDelivered: boolean;
  /** Why not, such as "status 500". It holds nothing of the answer. */
  readonly reason: string;
  /** What `Retry-After` asks for: milliseconds. */
  readonly retryAfter: number;
  /** The endpoint will not take it later either: status 410. */
  readonly isFinal: boolean;
}

export interface PosterOptions {
  readonly url: URL;
  /** Milliseconds for a whole attempt. */
  readonly timeout: number;
  readonly maxConnections: number;
  readonly lookup: LookupFunction | undefined;
}

// An answer is only read so that its connection can be used again.
const maxAnswerBytes = 16_384;
// Milliseconds that a connection waits for its next use.
const idleTime = 15_000;

export class Poster {
  readonly #options: PosterOptions;
  readonly #agent: HttpAgent;
  readonly #request: typeof httpRequest;

  constructor(options: PosterOptions) {
    const { url, maxConnections } = options;
    this.#options = options;
    // An agent of its own uses no proxy of the environment, which would make the connection in our place and to any address.
    const agentOptions = { keepAlive: true, maxSockets: maxConnections, timeout: idleTime };
    const isHttps = url.protocol === "https:";
    this.#agent = isHttps ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
    this.#request = isHttps ? httpsRequest : httpRequest;
  }

  async post(body: string, headers: Readonly<Record<string, string>>): Promise<PostResult> {
    // The endpoint may close an idle connection just when it is used again. That says nothing about the endpoint.
    return await this.#attempt(body, headers, true) ?? (await this.#attempt(body, headers, false))!;
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }

  /** Undefined if a connection that was used before turned out to be closed. */
  #attempt(body: string, headers: Readonly<Record<string, string>>, mayBeStale: boolean): Promise<PostResult | undefined> {
    const { url, timeout, lookup } = this.#options;
    return new Promise((resolve) => {
      let result: PostResult | undefined;
      const request = this.#request(url, {
        method: "POST",
        agent: this.#agent,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), "user-agent": "socket.io-guard", ...headers },
        ...(lookup !== undefined && { lookup }),
      });
      const finish = (outcome: PostResult | undefined) => {
        clearTimeout(timer);
        resolve(result ?? outcome);
      };
      const timer = setTimeout(() => {
        finish(failed("no answer in time"));
        request.destroy();
      }, timeout);
      request.on("response", (response) => {
        result = resultOf(response);
        readToEnd(response);
        response.once("close", () => finish(undefined));
      });
      request.on("error", (error: NodeJS.ErrnoException) => finish(mayBeStale && isStale(request, error) ? undefined : failed(reasonOf(error))));
      request.once("close", () => { if (result === undefined) finish(failed("the connection closed without an answer")); });
      request.end(body);
    });
  }
}

function isStale(request: ClientRequest, { code }: NodeJS.ErrnoException): boolean {
  return request.reusedSocket && (code === "ECONNRESET" || code === "EPIPE");
}

function readToEnd(response: IncomingMessage): void {
  let size = 0;
  response.on("error", () => undefined);
  response.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxAnswerBytes) response.destroy();
  });
}

function resultOf({ statusCode = 0, headers }: IncomingMessage): PostResult {
  if (statusCode >= 200 && statusCode < 300) return { isDelivered: true, reason: "", retryAfter: 0, isFinal: false };
  return { isDelivered: false, reason: `status ${statusCode}`, retryAfter: readRetryAfter(headers["retry-after"]), isFinal: statusCode === 410 };
}

/** Seconds, or a date (RFC 9110, section 10.2.3), as milliseconds from now. */
function readRetryAfter(given: string | undefined): number {
  if (given === undefined) return 0;
  const wait = /^\d+$/.test(given) ? Number(given) * 1_000 : Date.parse(given) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : 0;
}

function failed(reason: string): PostResult {
  return { isDelivered: false, reason, retryAfter: 0, isFinal: false };
}

function reasonOf({ code = "no code" }: NodeJS.ErrnoException): string {
  return code === "PRIVATE_ADDRESS" ? "its name has an address that is not public" : `the connection failed (${code})`;
}
