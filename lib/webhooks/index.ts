/** socket.io-guard/webhooks: what happens on the server, told to other servers by signed POSTs. */
export type { HeadersReader, WebhookHeaders } from "../signer/webhook.js";
export type { WebhookEvent, WebhookRecord } from "./event.js";
export type { WebhookEndpoint, WebhooksOptions } from "./options.js";
export type { ClaimedDelivery, SettledDelivery, WebhookCounts, WebhookDeadLetter, WebhookDelivery, WebhookQueue } from "./queue.js";
export type { WebhookStats } from "./sender.js";
export { verifyWebhook, type VerifyWebhookOptions } from "./verify.js";
export { webhooks, type Webhooks } from "./webhooks.js";
