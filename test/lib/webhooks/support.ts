// A receiver of webhooks on loopback. The test decides what it answers; its requests are kept.
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { Kysely, SqliteDialect } from "kysely";
import Libsql from "libsql";
import { sqlWebhooks } from "../../../lib/sql/index.js";
import type { GuardError } from "../../../lib/guard-error.js";
import { webhooks, type Webhooks, type WebhookQueue, type WebhooksOptions } from "../../../lib/webhooks/index.js";
import { eventually } from "../../support/eventually.js";
import { closeLater, listen } from "../../support/server.js";

export const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
export const otherSecret = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;

export interface Received {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly body: { readonly type: string; readonly timestamp: string; readonly data: unknown };
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** Answers a request. */
  reply: (response: ServerResponse, request: Received) => unknown;
  /** Settles when it has received so many requests since its start. */
  readonly receivedTimes: (times: number) => Promise<void>;
}

export const ok = (response: ServerResponse) => response.writeHead(204).end();

/** Without delays between the attempts. */
export function retryAtOnce(): void {
  const original = Math.random;
  Math.random = () => 0;
  closeLater(() => { Math.random = original; });
}

export async function receiver(reply: Receiver["reply"] = ok): Promise<Receiver> {
  const received: Received[] = [];
  const web = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks).toString();
      const one = { id: String(request.headers["webhook-id"]), headers: request.headers, raw, body: JSON.parse(raw) as Received["body"] };
      received.push(one);
      served.reply(response, one);
    });
  });
  const served: Receiver = {
    url: `${await listen(web)}/hook`, received, reply,
    receivedTimes: (times) => eventually(() => received.length >= times, `${times} requests`),
  };
  closeLater(async () => {
    web.closeAllConnections();
    web.close();
    await once(web, "close");
  });
  return served;
}

/** A queue in a database in memory, which outlives a `webhooks()`. */
export function memoryQueue(): WebhookQueue {
  return sqlWebhooks(new Kysely<object>({ dialect: new SqliteDialect({ database: new Libsql(":memory:") }) }));
}

export interface Sender {
  readonly hooks: Webhooks;
  readonly errors: GuardError[];
}

/** Sends all events to one URL, unless `endpoints` are given. */
export function senderTo(url: string, { endpoints = [{ url, secrets: secret, events: "all", name: "one" }], store = memoryQueue(), ...options }: Partial<WebhooksOptions> = {}): Sender {
  const errors: GuardError[] = [];
  const hooks = webhooks({ endpoints, store, allowPrivate: true, onError: (error) => errors.push(error), ...options });
  closeLater(() => hooks.close());
  return { hooks, errors };
}
