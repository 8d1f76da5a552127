// The tests that every store of API keys has to pass.
import { expect } from "chai";
import { apiKeys } from "../../lib/api-keys/keys.js";
import type { ApiKeyRecord, ApiKeyStore } from "../../lib/api-keys/record.js";
import { restoreClock } from "./clock.js";

/** An engine, empty at the start of each test. */
export interface ApiKeyEngine {
  /** The store of another node. */
  connect(): ApiKeyStore;
  /** Everything in the store, as text. */
  dump(): Promise<string>;
  empty(): Promise<void>;
}

let count = 0;

export function keyRecord(parts: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  count += 1;
  const now = Date.now();
  return {
    id: String(count).padStart(16, "0"), name: "a bot", subject: "bot", scopes: ["read", "write"], createdAt: now, expiresAt: null, revokedAt: null, lastUsedAt: null,
    secrets: [{ hash: "h".repeat(43), createdAt: now, acceptUntil: null }], revision: 1, ...parts,
  };
}

export function describeApiKeyStore(name: string, open: () => ApiKeyEngine): void {
  describe(`API keys in ${name}`, () => {
    afterEach(restoreClock);
    let engine: ApiKeyEngine;
    let store: ApiKeyStore;
    beforeEach(async () => {
      engine = open();
      await engine.empty();
      store = engine.connect();
    });

    it("are empty at first", async () => {
      expect([await store.list(), await store.find(["0".repeat(16)]), await store.find([])]).to.deep.equal([[], [], []]);
    });

    it("are read unchanged by every node", async () => {
      const records = [
        keyRecord(),
        keyRecord({ scopes: [], expiresAt: 1_900_000_000_000.125, revokedAt: 1_800_000_000_000, createdAt: 1_700_000_000_000.5 }),
        keyRecord({ secrets: [{ hash: "new", createdAt: 2, acceptUntil: null }, { hash: "old", createdAt: 1, acceptUntil: 3.25 }], revision: 7 }),
      ];
      for (const record of records) expect(await store.add(record)).to.equal(true);
      const other = engine.connect();
      expect(await other.list()).to.have.deep.members(records);
      expect(await other.find([records[2]!.id, records[0]!.id, "there is none"])).to.have.deep.members([records[2], records[0]]);
    });

    it("may contain any characters, and may be long", async () => {
      const texts = ["\u0000", "a\u0000b", "\ud800", "\\u0000", '"', "'; DROP TABLE guard_api_keys; --", "two words\n", "e\u0301", "__proto__", "雪".repeat(1_024)];
      const records = texts.map((text) => keyRecord({ name: text, subject: text, scopes: [text] }));
      for (const record of records) await store.add(record);
      expect(await store.list()).to.have.deep.members(records);
    });

    it("are not added under an existing id", async () => {
      const record = keyRecord();
      const added = await Promise.all([record, { ...record, subject: "thief" }].map((one) => engine.connect().add(one)));
      expect(added.filter((one) => one)).to.have.length(1);
      expect(await store.add({ ...record, subject: "thief" })).to.equal(false);
      expect((await store.list())).to.have.length(1);
    });

    it("are replaced by the next revision only", async () => {
      const record = keyRecord();
      expect(await store.replace({ ...record, revision: 2 })).to.equal(false);
      await store.add(record);
      for (const revision of [0, 1, 3]) expect(await store.replace({ ...record, name: "other", revision })).to.equal(false);
      const next = { ...record, name: "next", revokedAt: 5, secrets: [], revision: 2 };
      expect(await store.replace(next)).to.equal(true);
      expect(await store.list()).to.deep.equal([next]);
    });

    it("are replaced by exactly one of several concurrent writers", async () => {
      const record = keyRecord();
      await store.add(record);
      const results = await Promise.all(Array.from({ length: 8 }, (_, index) => engine.connect().replace({ ...record, name: String(index), revision: 2 })));
      expect(results.filter((one) => one)).to.have.length(1);
      expect((await store.list())[0]!.name).to.equal(String(results.indexOf(true)));
    });

    it("keep the time of their last use, which no change resets", async () => {
      const [one, other] = [keyRecord(), keyRecord()];
      await store.add(one);
      await store.add(other);
      await store.used([one.id, "there is none"], 1_800_000_000_000.5);
      await store.used([one.id], 1_700_000_000_000);
      await store.used([], 1_900_000_000_000);
      await store.replace({ ...one, name: "next", revision: 2 });
      const used = { ...one, name: "next", revision: 2, lastUsedAt: 1_800_000_000_000.5 };
      expect(await store.list()).to.have.deep.members([used, other]);
      expect(await store.find([one.id])).to.deep.equal([used]);
    });

    it("can be looked up a thousand at once", async () => {
      const records = Array.from({ length: 1_000 }, () => keyRecord());
      await Promise.all(records.map((record) => store.add(record)));
      expect(await store.find(records.map(({ id }) => id))).to.have.length(1_000);
      await store.used(records.map(({ id }) => id), 5);
      expect((await store.list()).every(({ lastUsedAt }) => lastUsedAt === 5)).to.equal(true);
    });

    it("can be rotated by four nodes at the same time, and every new key works", async () => {
      Date.now = () => 1_000;
      const nodes = Array.from({ length: 4 }, () => apiKeys({ apiKeys: engine.connect() }));
      const { id } = await nodes[0]!.create({ name: "a bot", subject: "bot" });
      const made = await Promise.all(nodes.map((node) => node.rotate({ id, grace: "1h" })));
      const [record] = await store.find([id]);
      expect(new Set(made.map(({ key }) => key))).to.have.length(4);
      expect(record!.secrets.map(({ acceptUntil }) => acceptUntil)).to.deep.equal([null, ...Array.from({ length: 4 }, () => 3_601_000)]);
    });

    it("contain the key nowhere", async () => {
      const { key } = await apiKeys({ apiKeys: store }).create({ name: "a bot", subject: "bot", scopes: ["read"] });
      const secret = key.split("_")[2]!;
      const dump = await engine.dump();
      expect(dump).to.include("bot");
      for (let place = 0; place + 8 <= secret.length; place += 1) expect(dump).not.to.include(secret.slice(place, place + 8));
    });
  });
}
