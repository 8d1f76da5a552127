/** The connection to Redis. */
import { createClient } from "redis";
import { reason } from "../reason.js";
import { StartError, systemCode } from "../start-error.js";

const patience = 5_000;
const longestPause = 2_000;

export type RedisClient = Awaited<ReturnType<typeof openRedis>>;

export async function openRedis(url: string) {
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
  return client;
}

/** The streams adapter does not look at what becomes of `publish`: as it is, one that fails would end the process. */
function forgive(client: { publish(channel: string | Buffer, message: string | Buffer): Promise<number> }): void {
  const publish = client.publish.bind(client);
  client.publish = (channel, message) => publish(channel, message).catch(() => 0);
}
