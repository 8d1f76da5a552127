import { expect } from "chai";
import { apiKeys } from "../../../lib/api-keys/keys.js";
import { GuardError } from "../../../lib/guard-error.js";
import { memoryStore } from "../../../lib/store.js";
import { useClock } from "../../support/clock.js";

const hour = 3_600_000;
const start = 1_700_000_000_000;

async function failure(promise: Promise<unknown>): Promise<GuardError> {
  const error: unknown = await promise.then(() => new Error("it was done"), (reason: unknown) => reason);
  expect(error).to.be.instanceOf(GuardError);
  return error as GuardError;
}

const codeOf = async (promise: Promise<unknown>) => (await failure(promise)).code;

describe("apiKeys(store)", () => {
  const clock = useClock(start);

  it("returns a key once, and lists everything except the key", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const { id, key } = await keys.create({ name: "deploy bot", subject: "bot", scopes: ["read", "write", "read"], expiresAt: new Date(Date.now() + hour) });
    const listed = await keys.list();
    expect(listed).to.deep.equal([{
      id, name: "deploy bot", subject: "bot", scopes: ["read", "write"], state: "active",
      createdAt: Date.now(), rotatedAt: null, graceEndsAt: null, expiresAt: Date.now() + hour, revokedAt: null, lastUsedAt: null,
    }]);
    expect(JSON.stringify([listed, await store.apiKeys.list()])).not.to.include(key.slice(21, 64));
  });

  it("lists the oldest first, with the state of each", async () => {
    const keys = apiKeys(memoryStore());
    const made: string[] = [];
    for (const name of ["expires", "revoked", "rotated"]) {
      made.push((await keys.create({ name, subject: "bot", ...(name === "expires" && { expiresAt: Date.now() + hour }) })).id);
      clock.advance(1_000);
    }
    await keys.revoke({ id: made[1]! });
    await keys.rotate({ id: made[2]!, grace: "2h" });
    const rotatedAt = Date.now();
    clock.advance(hour);
    expect((await keys.list()).map(({ id, state, revokedAt, rotatedAt: rotated, graceEndsAt }) => [id, state, revokedAt, rotated, graceEndsAt])).to.deep.equal([
      [made[0], "expired", null, null, null], [made[1], "revoked", rotatedAt, null, null], [made[2], "active", null, rotatedAt, rotatedAt + 2 * hour],
    ]);
    clock.advance(hour);
    expect((await keys.list())[2]!.graceEndsAt).to.equal(null);
  });

  it("revokes one key, or all keys of a subject, for ever", async () => {
    const keys = apiKeys(memoryStore());
    const [one, two, other] = [await keys.create({ name: "1", subject: "bot" }), await keys.create({ name: "2", subject: "bot" }), await keys.create({ name: "3", subject: "other" })];
    await keys.revoke({ id: one.id });
    clock.advance(1_000);
    await keys.revoke({ id: one.id });
    await keys.revoke({ subject: "bot" });
    expect(Object.fromEntries((await keys.list()).map(({ id, revokedAt }) => [id, revokedAt]))).to.deep.equal({ [one.id]: Date.now() - 1_000, [two.id]: Date.now(), [other.id]: null });
    expect(await codeOf(keys.rotate({ id: one.id, grace: 0 }))).to.equal("api_key_revoked");
  });

  it("accepts each earlier secret for its own grace, and never for longer than before", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const { id } = await keys.create({ name: "1", subject: "bot" });
    await keys.rotate({ id, grace: "1h" });
    clock.advance(hour / 2);
    await keys.rotate({ id, grace: "24h" });
    const ends = async () => (await store.apiKeys.find([id]))[0]!.secrets.map(({ acceptUntil }) => acceptUntil);
    expect(await ends()).to.deep.equal([null, Date.now() + 24 * hour, Date.now() + hour / 2]);
    clock.advance(hour);
    await keys.rotate({ id, grace: 0 });
    expect(await ends()).to.deep.equal([null, Date.now(), Date.now()]);
  });

  it("rotates a key at most ten times within its grace, and always with grace: 0", async () => {
    const keys = apiKeys(memoryStore());
    const { id } = await keys.create({ name: "1", subject: "bot" });
    for (let times = 0; times < 10; times += 1) await keys.rotate({ id, grace: "1h" });
    expect(await codeOf(keys.rotate({ id, grace: "1h" }))).to.equal("api_key_rotated_often");
    await keys.rotate({ id, grace: 0 });
    await keys.rotate({ id, grace: "1h" });
  });

  it("refuses a key with wrong options, and stores nothing", async () => {
    const keys = apiKeys(memoryStore());
    const wrong: unknown[] = [
      undefined, null, {}, { name: "a" }, { subject: "b" }, { name: "", subject: "b" }, { name: "a", subject: 1 }, { name: "a".repeat(257), subject: "b" }, { name: "a", subject: "b".repeat(1_025) },
      ...["read", [""], ["two words"], ["é"], [1], Array.from({ length: 101 }, String)].map((scopes) => ({ name: "a", subject: "b", scopes })),
      ...[Date.now(), Date.now() - 1, NaN, Infinity, new Date(NaN), "tomorrow", null].map((expiresAt) => ({ name: "a", subject: "b", expiresAt })),
    ];
    for (const given of wrong) expect(await codeOf(keys.create(given as never)), JSON.stringify(given)).to.equal("option_invalid");
    expect(await codeOf(keys.create({ name: "a", subject: "b", expiresAt: undefined } as never))).to.equal("option_undefined");
    expect((await failure(keys.create({ name: "a", subject: "b", scope: [] } as never))).message).to.include("`scopes`");
    expect(await keys.list()).to.deep.equal([]);
  });

  it("does not repeat an id that no key has, because it may be a key", async () => {
    const keys = apiKeys(memoryStore());
    const { id, key } = await keys.create({ name: "1", subject: "bot" });
    for (const wrong of [key, "", 1, null, "0".repeat(16)]) {
      const error = await failure(keys.revoke({ id: wrong } as never));
      expect(error.code).to.equal("api_key_unknown");
      expect(error.message).not.to.include("sig_");
    }
    for (const wrong of [undefined, null, {}, key, { subject: "" }, { id, subject: "bot" }, { id, more: 1 }]) expect(await codeOf(keys.revoke(wrong as never)), JSON.stringify(wrong)).to.equal("option_invalid");
    for (const wrong of [undefined, null, key]) expect(await codeOf(keys.rotate(wrong as never))).to.equal("option_invalid");
    expect(await codeOf(keys.rotate({ id, grace: 0, more: 1 } as never))).to.equal("option_unknown");
    expect(await codeOf(keys.rotate({ id: key, grace: 0 }))).to.equal("api_key_unknown");
    expect(await codeOf(keys.rotate({ id } as never))).to.equal("option_invalid");
    expect(await codeOf(keys.rotate({ id, grace: undefined } as never))).to.equal("option_invalid");
    clock.advance(hour);
    const short = await keys.create({ name: "2", subject: "bot", expiresAt: Date.now() + 1 });
    clock.advance(1);
    expect(await codeOf(keys.rotate({ id: short.id, grace: 0 }))).to.equal("api_key_expired");
  });

  it("needs a store that keeps API keys", () => {
    for (const wrong of [undefined, null, {}, { apiKeys: {} }, "redis://"]) {
      expect(() => apiKeys(wrong as never)).to.throw("memoryStore()").with.property("code", "store_invalid");
    }
  });
});
