/**
 * For whoever runs the chat: `/healthz` says that it runs, `/readyz` whether it should get visitors, and `/metrics` has numbers for Prometheus.
 * Anybody may ask the first two, which say nothing else. The numbers are only for programs on this machine.
 */
import { Router, type Request } from "express";
import { Registry } from "prom-client";
import type { Guard } from "socket.io-guard";
import { guardMetrics } from "socket.io-guard/prometheus";

export function health(guarded: Pick<Guard<unknown>, "stats">): Router {
  const register = guardMetrics(guarded, { register: new Registry() });
  const router = Router();
  router.get("/healthz", (_request, response) => response.set("Cache-Control", "no-store").type("text").send("ok\n"));
  router.get("/readyz", (_request, response) => {
    const { ready } = guarded.stats();
    response.status(ready ? 200 : 503).set("Cache-Control", "no-store").type("text").send(ready ? "ready\n" : "not ready\n");
  });
  router.get("/metrics", async (request, response, next) => {
    if (!isFromThisMachine(request)) return next();
    response.set("Cache-Control", "no-store").type(register.contentType).send(await register.metrics());
  });
  return router;
}

/** What a proxy on this machine passes on comes from elsewhere. */
function isFromThisMachine({ socket, headers }: Request): boolean {
  const isForwarded = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"].some((name) => headers[name] !== undefined);
  return !isForwarded && /^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? "");
}
