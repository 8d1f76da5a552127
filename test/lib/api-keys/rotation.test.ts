// Sessions on real servers whose API key is rotated.
import { expect } from "chai";
import { apiKeys, memoryStore, type Denial } from "../../../lib/index.js";
import { draws } from "../../support/draws.js";
import { closeEverything, event } from "../../support/server.js";
import { ask, newBot, node, tries, withKey } from "./bots.js";

const hour = 3_600_000;

describe("a session with an API key that is rotated", () => {
  afterEach(closeEverything);

  it("ends with the grace of its secret, while a session with the new secret stays", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const served = await node({ store, keys: { maxStaleness: "7d" } });
    const bot = await newBot(keys);
    const old = await served.member("/", withKey(bot.key));
    const rotated = await keys.rotate({ id: bot.id, grace: "24h" });
    const current = await served.member("/", withKey(rotated.key));
    expect([await ask(old.client), await ask(current.client), await tries(served, bot.key)]).to.deep.equal(["done", "done", "in"]);
    expect(served.guarded.session(old.socket)!.expiresAt).to.be.within(Date.now() + 23 * hour, Date.now() + 25 * hour);
    const bye = event<Denial>(old.client, "guard:bye");
    served.clock.ahead = 25 * hour;
    expect((await bye).code).to.equal("credential_expired");
    expect([await ask(current.client), await tries(served, bot.key), await tries(served, rotated.key)]).to.deep.equal(["done", "credential_expired", "in"]);
  });

  it("takes the new secret by guard:refresh, without reconnecting", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const served = await node({ store, keys: { maxStaleness: "7d" } });
    const bot = await newBot(keys);
    const { client } = await served.member("/", withKey(bot.key));
    const { key } = await keys.rotate({ id: bot.id, grace: "1h" });
    expect(await client.emitWithAck("guard:refresh", { apiKey: key })).to.deep.equal({ expiresIn: null, expiresAt: null });
    served.clock.ahead = 2 * hour;
    expect([await ask(client), client.connected]).to.deep.equal(["done", true]);
  });

  it("ends at once when the grace is 0", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const served = await node({ store });
    const bot = await newBot(keys);
    const { client } = await served.member("/", withKey(bot.key));
    const bye = event<Denial>(client, "guard:bye");
    await keys.rotate({ id: bot.id, grace: 0 });
    expect((await bye).code).to.equal("credential_expired");
    expect(await tries(served, bot.key)).to.equal("credential_expired");
  });

  it("is never denied during the grace of a rotation under load, and never accepted after it", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const served = await node({ store });
    const bot = await newBot(keys);
    const bots = await Promise.all(Array.from({ length: 10 }, () => served.member("/", withKey(bot.key))));
    let rotated = bot.key;
    let denied = 0;
    // Each round sends 500 events, and connects with each of the two keys.
    for (let round = 0; round < 4 + draws(100); round += 1) {
      const rotation = round % 2 === 0 && round < 16 ? keys.rotate({ id: bot.id, grace: "24h" }) : undefined;
      const answers = await Promise.all([...bots.flatMap(({ client }) => Array.from({ length: 50 }, () => ask(client))), tries(served, bot.key), tries(served, rotated)]);
      denied += answers.filter((answer) => answer !== "done" && answer !== "in").length;
      rotated = (await rotation)?.key ?? rotated;
    }
    expect(denied).to.equal(0);
    let accepted = 0;
    let over = false;
    served.io.on("connection", (socket) => socket.onAny(() => { if (over) accepted += 1; }));
    for (const { socket } of bots) socket.onAny(() => { if (over) accepted += 1; });
    const ends = bots.map(({ client }) => event(client, "disconnect"));
    over = true;
    served.clock.ahead = 24 * hour + 60_000;
    for (const { client } of bots) for (let count = 0; count < 50; count += 1) client.emit("message");
    await Promise.all(ends);
    expect(await tries(served, bot.key)).to.equal("credential_expired");
    expect(accepted).to.equal(0);
  });
});
