// Runs a suite on a Redis server of its own, with the connections of four nodes.
import { connectRedis, needRedis, startRedis, type Redis, type RedisClient } from "../../support/redis.js";

/** The suite receives the connections. They exist once its tests run. */
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
