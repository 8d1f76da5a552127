/** Tells another server what happens in the chat, if WEBHOOK_URL names one. What waits for it is in the chat's database. */
import { sqlWebhooks } from "socket.io-guard/sql";
import { webhooks, type Webhooks } from "socket.io-guard/webhooks";
import type { Database } from "../database/database.js";
import { reason } from "../reason.js";
import type { Settings } from "../settings/settings.js";

const types = ["connected", "refused", "denied", "ended", "evicted", "revoked", "action"] as const;

export function openWebhooks({ webhook, production }: Pick<Settings, "webhook" | "production">, database: Database): Webhooks | undefined {
  if (webhook === undefined) return undefined;
  return webhooks({
    endpoints: [{ name: "WEBHOOK_URL", url: webhook.url, secrets: webhook.secret, events: types }],
    store: sqlWebhooks(database),
    // The receiver of this sample runs on the same machine.
    allowPrivate: !production,
    onError: (error) => console.error("A webhook was not delivered:", reason(error)),
  });
}
