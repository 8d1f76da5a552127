// `apiKey()` as a guard uses it: it is given a handshake, and answers with an identity or a refusal.
import { inspect } from "node:util";
import { expect } from "chai";
import { expectTypeOf } from "expect-type";
import { newKey } from "../../../lib/api-keys/format.js";
import { apiKeys } from "../../../lib/api-keys/keys.js";
import type { Duration } from "../../../lib/configuration.js";
import { apiKey, type ApiKeyClaims } from "../../../lib/authenticate/api-key.js";
import type { Authenticator, GuardIdentity } from "../../../lib/authenticate/authenticator.js";
import { isDenial } from "../../../lib/protocol.js";
import { Refusal } from "../../../lib/refusal.js";
import { useClock } from "../../support/clock.js";
import { answer, FailingKeys, handshake, withKey } from "../api-keys/support.js";

const hour = 3_600_000;
const start = 1_700_000_000_000;

async function setting() {
  const store = { apiKeys: new FailingKeys() };
  const keys = apiKeys(store);
  const bot = await keys.create({ name: "deploy bot", subject: "bot", scopes: ["read", "write"] });
  return { store, keys, bot, authenticator: apiKey({ store }), other: () => apiKey({ store }) };
}

async function identify(authenticator: Authenticator<unknown>, key: string): Promise<GuardIdentity> {
  const answered = await authenticator.authenticate(withKey(key));
  if (answered === undefined || answered instanceof Refusal || isDenial(answered)) throw new Error("The authenticator did not return an identity.");
  return answered;
}

describe("apiKey()", () => {
  const clock = useClock(start);

  it("answers with an identity for a key, with its scopes in the claims", async () => {
    const { authenticator, bot } = await setting();
    clock.advance(hour);
    const { credential: _, verifiedBy: __, ...identity } = await identify(authenticator, bot.key);
    expect(identity).to.deep.equal({
      method: "apiKey", subject: "bot", tokenId: bot.id, issuedAt: Date.now(), notBefore: -Infinity, endsAt: Infinity, expiredCode: "credential_expired",
      claims: { sub: "bot", scopes: ["read", "write"], keyId: bot.id, keyName: "deploy bot" },
    });
  });

  it("names the id of the key as the account by which failed logins are counted", async () => {
    const { bot, authenticator } = await setting();
    expect(authenticator.accountOf!(withKey(bot.key))).to.equal(bot.id);
    for (const key of [undefined, "no key"]) expect(authenticator.accountOf!(withKey(key))).to.equal(undefined);
  });

  it("declares what a guard must remove from a handshake", async () => {
    const { authenticator } = await setting();
    expect(authenticator).to.deep.include({ name: "apiKey", reads: { auth: ["apiKey"], headers: ["x-api-key"] } });
  });

  it("finds the key in auth, else in the header, and leaves a handshake without a key to the next authenticator", async () => {
    const { authenticator, bot } = await setting();
    expect(await authenticator.authenticate(handshake({ headers: { "x-api-key": bot.key } }))).to.have.property("subject", "bot");
    expect(await authenticator.authenticate(handshake({ auth: { apiKey: bot.key }, headers: { "x-api-key": "none" } }))).to.have.property("subject", "bot");
    expect(await authenticator.authenticate(handshake({ auth: { apiKey: "none" }, headers: { "x-api-key": bot.key } }))).to.have.nested.property("denial.code", "credential_malformed");
    for (const parts of [{}, { auth: { apiKey: undefined } }, { auth: { apiKey: null } }, { auth: { token: bot.key }, headers: { authorization: `Bearer ${bot.key}` } }]) {
      expect(authenticator.authenticate(handshake(parts))).to.equal(undefined);
    }
    expect(authenticator.authenticate(handshake({ auth: JSON.parse(`{"__proto__":{"apiKey":"${bot.key}"}}`) as object }))).to.equal(undefined);
  });

  it("refuses a malformed key without asking the store, and does not leave it to anonymous()", async () => {
    const { authenticator, store } = await setting();
    for (const given of ["", "key", 1, true, {}, [], ["a"], "x".repeat(1_000_000)]) expect(await answer(authenticator, given)).to.equal("credential_malformed");
    expect(await authenticator.authenticate(handshake({ headers: { "x-api-key": ["a", "b"] } }))).to.have.nested.property("denial.code", "credential_malformed");
    expect(store.apiKeys.asked).to.deep.equal([]);
  });

  it("gives an unknown id and a wrong secret the same answer, after as many reads of the store", async () => {
    const { authenticator, bot, store } = await setting();
    const [unknown, wrong] = [newKey("0".repeat(16)).key, newKey(bot.id).key];
    const answers = [await authenticator.authenticate(withKey(unknown)), await authenticator.authenticate(withKey(wrong))];
    const [denial, other] = answers.map((answered) => (answered as Refusal).denial);
    expect(denial).to.deep.equal(other).and.to.include({ code: "credential_invalid", status: 401, reconnect: "never" });
    expect(store.apiKeys.asked).to.deep.equal([["0".repeat(16)], [bot.id]]);
  });

  it("tells the host why a key was refused, and the client only the code", async () => {
    const { authenticator, bot, keys } = await setting();
    const reasonOf = async (key: string) => (await authenticator.authenticate(withKey(key)) as Refusal).reason;
    const short = await keys.create({ name: "short", subject: "bot", expiresAt: Date.now() + hour });
    expect(await reasonOf("no key")).to.match(/format/);
    expect(await reasonOf(newKey("0".repeat(16)).key)).to.equal("no API key has this id");
    expect(await reasonOf(newKey(bot.id).key)).to.equal("its secret is wrong");
    await keys.revoke({ id: bot.id });
    expect(await reasonOf(bot.key)).to.equal("it was revoked");
    clock.advance(hour);
    expect(await reasonOf(short.key)).to.match(/^it has expired/);
  });

  it("tells only the holder of a key that it has expired or was revoked", async () => {
    const { authenticator, other, keys } = await setting();
    const short = await keys.create({ name: "short", subject: "bot", expiresAt: Date.now() + hour });
    const revoked = await keys.create({ name: "revoked", subject: "bot" });
    clock.advance(hour - 1);
    expect([await answer(authenticator, short.key), await answer(authenticator, revoked.key)]).to.deep.equal(["in", "in"]);
    clock.advance(1);
    await keys.revoke({ id: revoked.id });
    for (const one of [authenticator, other()]) {
      expect([await answer(one, short.key), await answer(one, revoked.key)]).to.deep.equal(["credential_expired", "credential_revoked"]);
      expect([await answer(one, newKey(short.id).key), await answer(one, newKey(revoked.id).key)]).to.deep.equal(["credential_invalid", "credential_invalid"]);
    }
  });

  it("accepts the old secret of a rotated key until its grace ends, and the new one at once", async () => {
    const { authenticator, bot, keys } = await setting();
    await identify(authenticator, bot.key);
    const { key } = await keys.rotate({ id: bot.id, grace: "24h" });
    expect(await identify(authenticator, bot.key)).to.include({ endsAt: start + 24 * hour });
    expect(await identify(authenticator, key)).to.include({ endsAt: Infinity });
    clock.advance(24 * hour - 1);
    expect(await answer(authenticator, bot.key)).to.equal("in");
    clock.advance(1);
    expect([await answer(authenticator, bot.key), await answer(authenticator, key)]).to.deep.equal(["credential_expired", "in"]);
  });

  it("reads the store in batches for ten thousand handshakes with one key, and not again while the key is known", async () => {
    const { authenticator, bot, store } = await setting();
    const all = await Promise.all(Array.from({ length: 10_000 }, () => answer(authenticator, bot.key)));
    expect(new Set(all)).to.deep.equal(new Set(["in"]));
    for (let count = 0; count < 100; count += 1) expect(authenticator.authenticate(withKey(bot.key))).to.have.property("subject", "bot");
    expect(store.apiKeys.asked.length).to.be.at.most(1 + Math.ceil(10_000 / 1_000));
    expect(store.apiKeys.asked.every((ids) => ids.length === 1)).to.equal(true);
  });

  it("refuses a key that was revoked while it was being read", async () => {
    const { authenticator, bot, keys, store } = await setting();
    let goOn = () => {};
    store.apiKeys.before = () => new Promise<void>((resolve) => { goOn = resolve; });
    const answered = answer(authenticator, bot.key);
    store.apiKeys.before = () => undefined;
    await keys.revoke({ id: bot.id });
    goOn();
    expect(await answered).to.equal("credential_revoked");
  });

  it("rejects while the store throws or hangs, and recovers", async () => {
    const { authenticator, bot, store } = await setting();
    store.apiKeys.before = () => { throw new Error("no store"); };
    const thrown = await answer(authenticator, bot.key).then(() => undefined, (error: Error) => error.message);
    expect(thrown).to.equal("no store");
    store.apiKeys.before = () => new Promise(() => undefined);
    const hung = await answer(authenticator, bot.key).then(() => undefined, (error: Error) => error.message);
    expect(hung).to.equal("The store of API keys did not answer within 1250 ms.");
    store.apiKeys.before = () => undefined;
    expect(await answer(authenticator, bot.key)).to.equal("in");
  });

  it("gives rules the claims that `claims` returns", async () => {
    const { store, bot } = await setting();
    const authenticator = apiKey({ store, claims: ({ sub, scopes }) => ({ sub, role: scopes.includes("write") ? "writer" : "reader" }) });
    expectTypeOf(authenticator).toEqualTypeOf<Authenticator<{ sub: string; role: string }>>();
    expectTypeOf(apiKey({ store })).toEqualTypeOf<Authenticator<ApiKeyClaims>>();
    expect((await identify(authenticator, bot.key)).claims).to.deep.equal({ sub: "bot", role: "writer" });
  });

  it("shows the key in none of its answers", async () => {
    const { authenticator, bot, keys } = await setting();
    const shown = inspect([await identify(authenticator, bot.key), authenticator, keys], { depth: 10, showHidden: true });
    expect(shown).not.to.include(bot.key.slice(21, 64));
  });

  it("refuses unknown options and options of the wrong type", async () => {
    const { store } = await setting();
    for (const wrong of [null, "store"]) expect(() => apiKey(wrong as never)).to.throw("takes an object with the options").with.property("code", "option_invalid");
    expect(() => apiKey({ store: {} })).to.throw("memoryStore()").with.property("code", "store_invalid");
    expect(() => apiKey({ store: undefined } as never)).to.throw().with.property("code", "option_undefined");
    expect(() => apiKey({ store, header: "x" } as never)).to.throw().with.property("code", "option_unknown");
    for (const name of ["claims", "onError"]) expect(() => apiKey({ store, [name]: 1 })).to.throw(name).with.property("code", "option_invalid");
    for (const maxStaleness of [0, "soon"]) expect(() => apiKey({ store, maxStaleness: maxStaleness as Duration })).to.throw().with.property("code", "option_invalid");
  });
});
