/** Redis, as the store of the guard and for messages between nodes. */
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import type { GuardStore } from "socket.io-guard";
import { redisStore } from "socket.io-guard/redis";
import { reason } from "../reason.js";
import { StartError, systemCode } from "../start-error.js";
import type { Adapter } from "./storage.js";

const connectTimeout = 5_000;
const maxReconnectDelay = 2_000;

export interface Redis {
  readonly store: GuardStore;
  readonly adapter: Adapter;
  close(): void;
}

export async function openRedis(url: string): Promise<Redis> {
  let isOpen = false;
  let isLost = false;
  const client = createClient({
    url,
    // Once connected, a lost connection is retried until Redis is back.
    socket: { connectTimeout, reconnectStrategy: (tries) => isOpen && Math.min(100 * 2 ** tries, maxReconnectDelay) },
  });
  client.on("error", (error: unknown) => {
    if (isOpen && !isLost) console.error("The connection to Redis was lost:", reason(error));
    isLost = true;
  });
  client.on("ready", () => { isLost = false; });
  try {
    await client.connect();
  } catch (error) {
    throw new StartError(`The Redis of REDIS_URL, ${new URL(url).host}, cannot be used${systemCode(error)}. Check that it runs, and check the password in REDIS_URL.`);
  }
  isOpen = true;
  ignorePublishErrors(client);
  return { store: redisStore(client), adapter: createAdapter(client, {}), close: () => client.destroy() };
}

/** The streams adapter does not handle a `publish` that rejects, which would end the process. */
function ignorePublishErrors(client: { publish(channel: string | Buffer, message: string | Buffer): Promise<number> }): void {
  const publish = client.publish.bind(client);
  client.publish = (channel, message) => publish(channel, message).catch(() => 0);
}
