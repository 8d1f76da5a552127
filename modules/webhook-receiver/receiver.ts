/** Receives webhooks: verifies each one, and passes on those that it has not seen yet. */
import express, { type Express } from "express";
import { verifyWebhook } from "socket.io-guard/webhooks";

/** A receiver that must not forget would keep them in its database. */
const maxSeen = 10_000;

/** @param onWebhook gets the id and the body of each webhook that is verified and new; undefined in place of the body for one that is not verified */
export function receiver(secret: string, onWebhook: (id: string, body: Readonly<Record<string, unknown>> | undefined) => void): Express {
  const seen = new Set<string>();
  const app = express().disable("x-powered-by");
  app.post("/webhook", express.raw({ type: () => true, limit: "256kb" }), (request, response) => {
    const body = verifyWebhook(secret, request.headers, request.body as Buffer);
    const id = String(request.get("webhook-id") ?? "");
    if (body === undefined) {
      onWebhook(id, undefined);
      return void response.sendStatus(401);
    }
    // An event is delivered at least once: the same id may come again.
    if (!seen.has(id)) onWebhook(id, body);
    seen.add(id);
    if (seen.size > maxSeen) seen.delete(seen.values().next().value!);
    response.sendStatus(204);
  });
  return app;
}
