// Sessions with an API key that changes on another node, or whose store fails.
import { expect } from "chai";
import { apiKeys, memoryStore, type Denial } from "../../../lib/index.js";
import { askUntil } from "../../support/ask-until.js";
import { closeEverything, event, nextTurn } from "../../support/server.js";
import { ask, newBot, node, tries, withKey } from "./bots.js";
import { FailingKeys } from "./support.js";

const hour = 3_600_000;

describe("a session with an API key, followed in its store", () => {
  afterEach(closeEverything);

  it("ends within maxStaleness when its key was revoked on another node", async () => {
    // Two store objects on the same records, as in two processes: neither is told of changes through the other.
    const records = new FailingKeys();
    const beside = { find: records.find.bind(records), add: records.add.bind(records), list: records.list.bind(records), replace: records.replace.bind(records), used: records.used.bind(records) };
    const [here, there] = [{ apiKeys: records }, { apiKeys: beside }];
    const served = await node({ store: there, keys: { maxStaleness: "400ms" } });
    const keys = apiKeys(here);
    const bot = await newBot(keys);
    const { client } = await served.member("/", withKey(bot.key));
    const rotated = await keys.rotate({ id: bot.id, grace: "1h" });
    expect([await tries(served, bot.key), await tries(served, rotated.key)]).to.deep.equal(["in", "in"]);
    const started = performance.now();
    const bye = event<Denial>(client, "guard:bye");
    await keys.revoke({ id: bot.id });
    expect((await bye).code).to.equal("credential_revoked");
    expect(performance.now() - started).to.be.below(2_000);
  });

  it("ends when its key is gone from the store, or has another subject or other scopes there", async () => {
    const changes: FailingKeys["change"][] = [
      () => undefined,
      (record) => ({ ...record, scopes: ["read"] }),
      (record) => ({ ...record, subject: "other" }),
    ];
    for (const change of changes) {
      const records = new FailingKeys();
      const served = await node({ store: { apiKeys: records }, keys: { maxStaleness: "300ms" } });
      const bot = await newBot(apiKeys({ apiKeys: records }));
      const { client } = await served.member("/", withKey(bot.key));
      const bye = event<Denial>(client, "guard:bye");
      records.change = change;
      expect((await bye).code).to.equal("credential_invalid");
    }
  });

  it("is denied as unavailable while its key could not be read for maxStaleness, and goes on afterwards", async () => {
    const records = new FailingKeys();
    const errors: unknown[] = [];
    const served = await node({ store: { apiKeys: records }, keys: { maxStaleness: "300ms", onError: (error) => errors.push(error) } });
    const bot = await newBot(apiKeys({ apiKeys: records }));
    const { client } = await served.member("/", withKey(bot.key));
    const failed = new Promise((resolve) => served.guarded.on("failed", resolve));
    records.before = () => { throw new Error("no store"); };
    expect((await askUntil((answer) => answer !== "done", () => ask(client))).at(-1)).to.equal("unavailable");
    expect(await tries(served, bot.key)).to.equal("unavailable");
    expect(await failed).to.include({ source: "authenticate" });
    expect(errors).not.to.be.empty;
    records.before = () => undefined;
    await askUntil((answer) => answer === "done", () => ask(client));
    expect(client.connected).to.equal(true);
  });

  it("ends when its key expires although the store cannot be read", async () => {
    const records = new FailingKeys();
    const served = await node({ store: { apiKeys: records }, keys: { maxStaleness: "200ms" } });
    const bot = await newBot(apiKeys({ apiKeys: records }), { expiresAt: Date.now() + hour });
    const { client } = await served.member("/", withKey(bot.key));
    records.before = () => { throw new Error("no store"); };
    await askUntil((answer) => answer !== "done", () => ask(client));
    const bye = event<Denial>(client, "guard:bye");
    served.clock.ahead = hour;
    expect((await bye).code).to.equal("credential_expired");
    records.before = () => undefined;
  });

  it("keeps the last use of its key up to date", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const served = await node({ store, keys: { maxStaleness: "100ms" } });
    const bot = await newBot(keys);
    const used = async () => (await keys.list())[0]!.lastUsedAt;
    expect(await used()).to.equal(null);
    const before = Date.now();
    await served.member("/", withKey(bot.key));
    let first: number | null = null;
    while (first === null) first = await nextTurn().then(used);
    expect(first).to.be.within(before, Date.now());
    served.clock.ahead = hour;
    let second: number | null = first;
    while (second === first) second = await nextTurn().then(used);
    expect(second).to.be.within(before + hour, Date.now() + hour);
  });
});
