// A real Redis: the machine's redis-server, because no npm package contains one.
import { execFileSync } from "node:child_process";
import type { Context } from "mocha";
import { createClient } from "redis";
import { RealServer } from "./real-server.js";

export interface Redis extends RealServer {
  readonly url: string;
}

/** Whether redis-server is installed. */
export function hasRedis(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * For a `before` hook: skips the tests if redis-server is not installed. In CI, it throws instead.
 */
export function needRedis(context: Context): void {
  if (hasRedis()) return;
  if (process.env["CI"] === "true") throw new Error("redis-server is not installed. Install it with apt-get install redis-server.");
  context.skip();
}

/** Starts an empty server that writes each change to disk before it answers. Close it with `close()`. */
export async function startRedis(args: readonly string[] = ["--appendonly", "yes", "--appendfsync", "always"]): Promise<Redis> {
  const server = await RealServer.open({
    command: "redis-server",
    args: (port, folder) => ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...args],
    ready: /Ready to accept connections/,
    end: "SIGTERM",
  });
  return Object.assign(server, { url: `redis://127.0.0.1:${server.port}` });
}

export type RedisClient = ReturnType<typeof createClient>;

/** A new connection, as each node has one. Errors are ignored, because tests cause them on purpose. */
export async function connectRedis({ url }: Redis): Promise<RedisClient> {
  const client = createClient({ url });
  client.on("error", () => undefined);
  await client.connect();
  return client as RedisClient;
}
