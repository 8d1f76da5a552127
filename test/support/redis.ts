// A real Redis: the machine's redis-server, as no package of npm has one.
import { execFileSync } from "node:child_process";
import type { Context } from "mocha";
import { createClient } from "redis";
import { RealServer } from "./real-server.js";

export interface Redis extends RealServer {
  readonly url: string;
}

/** Whether there is a redis-server here. */
export function hasRedis(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * For a `before` hook: what needs Redis is skipped where there is none, but never in CI, where it has to be.
 */
export function needRedis(context: Context): void {
  if (hasRedis()) return;
  if (process.env["CI"] === "true") throw new Error("There is no redis-server here: install it (apt-get install redis-server).");
  context.skip();
}

/** Starts one that is empty, and writes each change down before it answers. Close it with `close()`. */
export async function startRedis(words: readonly string[] = ["--appendonly", "yes", "--appendfsync", "always"]): Promise<Redis> {
  const server = await RealServer.open({
    command: "redis-server",
    words: (port, folder) => ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...words],
    serves: /Ready to accept connections/,
    end: "SIGTERM",
  });
  return Object.assign(server, { url: `redis://127.0.0.1:${server.port}` });
}

export type RedisClient = ReturnType<typeof createClient>;

/** A connection of its own, as one node has; its errors are the test's own doing. */
export async function connectRedis({ url }: Redis): Promise<RedisClient> {
  const client = createClient({ url });
  client.on("error", () => undefined);
  await client.connect();
  return client as RedisClient;
}
