// Runs a suite on a Redis of its own, to which four nodes are connected.
import { connectRedis, needRedis, startRedis, type Redis, type RedisClient } from "../../support/redis.js";

/** The suite is given the nodes' connections, which are there once its tests run. */
export function describeOnRedis(title: string, suite: (clients: readonly RedisClient[], server: () => Redis) => void): void {
  describe(title, () => {
    const clients: RedisClient[] = [];
    let server: Redis | undefined;
    before(async function () {
      needRedis(this);
      server = await startRedis();
      clients.push(...await Promise.all(Array.from({ length: 4 }, () => connectRedis(server!))));
    });
    after(async () => {
      for (const client of clients) client.destroy();
      await server?.close();
    });

    suite(clients, () => server!);
  });
}
