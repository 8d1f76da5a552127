/** Redis, for what the guard has to remember, and for nodes to hear of each other. */
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import type { GuardStore } from "socket.io-guard";
import { redisStore } from "socket.io-guard/redis";
import { reason } from "../reason.js";
import { StartError, systemCode } from "../start-error.js";
import type { Adapter } from "./storage.js";

const patience = 5_000;
const longestPause = 2_000;

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
    // Later on, a Redis that is lost is looked for until it is back.
    socket: { connectTimeout: patience, reconnectStrategy: (tries) => isOpen && Math.min(100 * 2 ** tries, longestPause) },
  });
  client.on("error", (error: unknown) => {
    if (isOpen && !isLost) console.error("The connection to Redis was lost:", reason(error));
    isLost = true;
  });
  client.on("ready", () => { isLost = false; });
  try {
    await client.connect();
  } catch (error) {
    throw new StartError(`The Redis that REDIS_URL names, ${new URL(url).host}, cannot be used${systemCode(error)}: check that it runs, and the password in REDIS_URL.`);
  }
  isOpen = true;
  forgive(client);
  return { store: redisStore(client), adapter: createAdapter(client, {}), close: () => client.destroy() };
}

/** The streams adapter does not look at what becomes of `publish`: as it is, one that fails would end the process. */
function forgive(client: { publish(channel: string | Buffer, message: string | Buffer): Promise<number> }): void {
  const publish = client.publish.bind(client);
  client.publish = (channel, message) => publish(channel, message).catch(() => 0);
}
