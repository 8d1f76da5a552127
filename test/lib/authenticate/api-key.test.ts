/** `apiKey()` as a guard uses it: a handshake in, an identity or a denial out. */
import { inspect } from "node:util";
import { expect } from "chai";
import { expectTypeOf } from "expect-type";
import { newKey } from "../../../lib/api-keys/format.js";
import { apiKeys } from "../../../lib/api-keys/keys.js";
import { apiKey, type ApiKeyClaims } from "../../../lib/authenticate/api-key.js";
import type { Authenticator, Identity } from "../../../lib/authenticate/authenticator.js";
import { codes, isDenial } from "../../../lib/protocol.js";
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

async function identify(authenticator: Authenticator<unknown>, key: string): Promise<Identity> {
  const answered = await authenticator.authenticate(withKey(key));
  if (answered === undefined || answered instanceof Refusal || isDenial(answered)) throw new Error("The authenticator did not return an identity.");
  return answered;
}

describe("apiKey()", () => {
  const clock = useClock(start);

  it("answers an identity for a key, with its scopes where rules look for them", async () => {
    const { authenticator, bot } = await setting();
    clock.advance(hour);
    const { credential: _, verifiedBy: __, ...identity } = await identify(authenticator, bot.key);
    expect(identity).to.deep.equal({
      method: "apiKey", subject: "bot", tokenId: bot.id, issuedAt: Date.now(), notBefore: -Infinity, endsAt: Infinity,
      claims: { sub: "bot", scopes: ["read", "write"], keyId: bot.id, keyName: "deploy bot" },
    });
  });

  it("says what a guard must take out of a handshake", async () => {
    const { authenticator } = await setting();
    expect(authenticator).to.deep.include({ name: "apiKey", reads: { auth: ["apiKey"], headers: ["x-api-key"] } });
  });

  it("finds the key in auth, else in the header, and leaves a handshake without one to the next", async () => {
    const { authenticator, bot } = await setting();
    expect(await authenticator.authenticate(handshake({ headers: { "x-api-key": bot.key } }))).to.have.property("subject", "bot");
    expect(await authenticator.authenticate(handshake({ auth: { apiKey: bot.key }, headers: { "x-api-key": "none" } }))).to.have.property("subject", "bot");
    expect(await authenticator.authenticate(handshake({ auth: { apiKey: "none" }, headers: { "x-api-key": bot.key } }))).to.have.property("code", "token_malformed");
    for (const parts of [{}, { auth: { apiKey: undefined } }, { auth: { apiKey: null } }, { auth: { token: bot.key }, headers: { authorization: `Bearer ${bot.key}` } }]) {
      expect(authenticator.authenticate(handshake(parts))).to.equal(undefined);
    }
    expect(authenticator.authenticate(handshake({ auth: JSON.parse(`{"__proto__":{"apiKey":"${bot.key}"}}`) as object }))).to.equal(undefined);
  });

  it("refuses what was never a key without asking the store, and makes nobody a guest by it", async () => {
    const { authenticator, store } = await setting();
    for (const given of ["", "key", 1, true, {}, [], ["a"], "x".repeat(1_000_000)]) expect(await answer(authenticator, given)).to.equal("token_malformed");
    expect(await authenticator.authenticate(handshake({ headers: { "x-api-key": ["a", "b"] } }))).to.have.property("code", "token_malformed");
    expect(store.apiKeys.asked).to.deep.equal([]);
  });

  it("answers the same to an id that is not there as to a secret that is wrong, after as many questions", async () => {
    const { authenticator, bot, store } = await setting();
    const [unknown, wrong] = [newKey("0".repeat(16)).key, newKey(bot.id).key];
    const answers = [await authenticator.authenticate(withKey(unknown)), await authenticator.authenticate(withKey(wrong))];
    expect(answers[0]).to.deep.equal(answers[1]).and.to.include({ code: "token_invalid", status: 401, reconnect: "never" });
    expect(store.apiKeys.asked).to.deep.equal([["0".repeat(16)], [bot.id]]);
  });

  it("tells the holder alone that a key has expired or was revoked", async () => {
    const { authenticator, other, keys } = await setting();
    const short = await keys.create({ name: "short", subject: "bot", expiresAt: Date.now() + hour });
    const revoked = await keys.create({ name: "revoked", subject: "bot" });
    clock.advance(hour - 1);
    expect([await answer(authenticator, short.key), await answer(authenticator, revoked.key)]).to.deep.equal(["in", "in"]);
    clock.advance(1);
    await keys.revoke(revoked.id);
    for (const one of [authenticator, other()]) {
      expect([await answer(one, short.key), await answer(one, revoked.key)]).to.deep.equal(["token_expired", "token_revoked"]);
      expect([await answer(one, newKey(short.id).key), await answer(one, newKey(revoked.id).key)]).to.deep.equal(["token_invalid", "token_invalid"]);
    }
  });

  it("accepts a rotated key's old secret until just before its grace ends, and the new one from the first moment on", async () => {
    const { authenticator, bot, keys } = await setting();
    await identify(authenticator, bot.key);
    const { key } = await keys.rotate(bot.id, { grace: "24h" });
    expect(await identify(authenticator, bot.key)).to.include({ endsAt: start + 24 * hour });
    expect(await identify(authenticator, key)).to.include({ endsAt: Infinity });
    clock.advance(24 * hour - 1);
    expect(await answer(authenticator, bot.key)).to.equal("in");
    clock.advance(1);
    expect([await answer(authenticator, bot.key), await answer(authenticator, key)]).to.deep.equal(["token_expired", "in"]);
  });

  it("asks the store once for ten thousand handshakes with one key, and once more for all that come meanwhile", async () => {
    const { authenticator, bot, store } = await setting();
    const all = await Promise.all(Array.from({ length: 10_000 }, () => answer(authenticator, bot.key)));
    expect(new Set(all)).to.deep.equal(new Set(["in"]));
    for (let count = 0; count < 100; count += 1) expect(authenticator.authenticate(withKey(bot.key))).to.have.property("subject", "bot");
    expect(store.apiKeys.asked.length).to.be.at.most(1 + Math.ceil(10_000 / 1_000));
    expect(store.apiKeys.asked.every((ids) => ids.length === 1)).to.equal(true);
  });

  it("lets nobody in by a key that was revoked while it was read", async () => {
    const { authenticator, bot, keys, store } = await setting();
    let goOn = () => {};
    store.apiKeys.before = () => new Promise<void>((resolve) => { goOn = resolve; });
    const answered = answer(authenticator, bot.key);
    store.apiKeys.before = () => undefined;
    await keys.revoke(bot.id);
    goOn();
    expect(await answered).to.equal("token_revoked");
  });

  it("cannot say anything while the store throws or hangs, and can again afterwards", async function () {
    this.timeout(10_000);
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

  it("gives rules what the host makes of a key", async () => {
    const { store, bot } = await setting();
    const authenticator = apiKey({ store, claims: ({ sub, scopes }) => ({ sub, role: scopes.includes("write") ? "writer" : "reader" }) });
    expectTypeOf(authenticator).toEqualTypeOf<Authenticator<{ sub: string; role: string }>>();
    expectTypeOf(apiKey({ store })).toEqualTypeOf<Authenticator<ApiKeyClaims>>();
    expect((await identify(authenticator, bot.key)).claims).to.deep.equal({ sub: "bot", role: "writer" });
  });

  it("shows the key in nothing that it answers", async () => {
    const { authenticator, bot, keys } = await setting();
    const shown = inspect([await identify(authenticator, bot.key), authenticator, keys], { depth: 10, showHidden: true });
    expect(shown).not.to.include(bot.key.slice(21, 64));
  });

  it("refuses options that it does not know, and functions that are none", async () => {
    const { store } = await setting();
    expect(() => apiKey(undefined as never)).to.throw("apiKey({ store })").with.property("code", "option_invalid");
    expect(() => apiKey({} as never)).to.throw("memoryStore()").with.property("code", "store_invalid");
    expect(() => apiKey({ store: undefined } as never)).to.throw().with.property("code", "option_undefined");
    expect(() => apiKey({ store, header: "x" } as never)).to.throw().with.property("code", "option_unknown");
    for (const name of ["claims", "onError"]) expect(() => apiKey({ store, [name]: 1 })).to.throw(name).with.property("code", "option_invalid");
    for (const maxStaleness of [0, "soon"]) expect(() => apiKey({ store, maxStaleness })).to.throw().with.property("code", "duration_invalid");
    expect(codes.token_revoked.status).to.equal(401);
  });
});
