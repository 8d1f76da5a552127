import { readFileSync } from "node:fs";
import { expect } from "chai";
import { apiKeys } from "../../../lib/api-keys/keys.js";
import { newId, newKey, parseKey } from "../../../lib/api-keys/format.js";
import { apiKey } from "../../../lib/authenticate/api-key.js";
import { memoryStore } from "../../../lib/store.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { answer, withKey } from "./support.js";

describe("the format of an API key", () => {
  it("is prefix, id, 256 random bits and checksum, as docs/api-keys.md says", () => {
    const { id, key, hash } = newKey(newId());
    expect(key).to.match(/^sig_[0-9a-z]{16}_[0-9A-Za-z]{49}$/);
    expect(readFileSync(new URL("../../../docs/api-keys.md", import.meta.url), "utf8")).to.include(`<checksum>\`, ${key.length} characters`);
    expect(key.slice(4, 20)).to.equal(id);
    expect(hash).to.match(/^[\w-]{43}$/);
    expect(parseKey(key)).to.deep.equal({ id, hash });
  });

  it("differs for each key", () => {
    const made = Array.from({ length: 1_000 }, () => newKey("0".repeat(16)));
    expect(new Set(made.map(({ key }) => key))).to.have.length(1_000);
    expect(new Set(made.map(({ hash }) => hash))).to.have.length(1_000);
    expect(new Set(Array.from({ length: 1_000 }, newId))).to.have.length(1_000);
  });

  it("uses every digit in every position of the secret", () => {
    const made = Array.from({ length: 2_000 }, () => newKey("0".repeat(16)).key.slice(21, 64));
    // 256 bits do not fill the first digit.
    for (let place = 1; place < 43; place += 1) expect(new Set(made.map((secret) => secret[place])).size, String(place)).to.equal(62);
  });

  it("has one spelling for each key", () => {
    const { key } = newKey(newId());
    const others = [` ${key}`, `${key}\n`, key.toUpperCase(), key.toLowerCase(), `${key}A`, key.slice(0, -1), key.replace("sig_", "SIG_"), `Bearer ${key}`, key.normalize("NFKD") + "\u0000", [key], { key }, null, 1, "", "sig_", "x".repeat(1_000_000)];
    for (const other of others) expect(parseKey(other)).to.equal(undefined);
  });

  it("detects every wrong digit and every swap of two neighbours", () => {
    const { key } = newKey(newId());
    const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
    for (let place = 0; place < key.length; place += 1) {
      for (const digit of digits) if (digit !== key[place]) expect(parseKey(key.slice(0, place) + digit + key.slice(place + 1))).to.equal(undefined);
      const swapped = key.slice(0, place) + (key[place + 1] ?? "") + key[place]! + key.slice(place + 2);
      if (swapped !== key) expect(parseKey(swapped)).to.equal(undefined);
    }
  });

  it("rejects 10,000 mutated keys, and as many random keys with a valid checksum", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const made = [await keys.create({ name: "one", subject: "one" }), await keys.create({ name: "other", subject: "other" })];
    const valid = new Set(made.map(({ key }) => key));
    const authenticator = apiKey({ store });
    for (const { key } of made) expect(await authenticator.authenticate(withKey(key))).to.have.property("subject");
    const random = randomFrom(seed());
    const below = (limit: number) => Math.floor(random() * limit);
    const character = () => String.fromCharCode(random() < 0.9 ? 33 + below(94) : below(0x10000));
    const mutations: ((key: string) => string)[] = [
      (key) => { const at = below(key.length); return key.slice(0, at) + character() + key.slice(at + 1); },
      (key) => { const at = below(key.length); return key.slice(0, at) + key.slice(at + 1); },
      (key) => { const at = below(key.length + 1); return key.slice(0, at) + character() + key.slice(at); },
      (key) => { const [a, b] = [below(key.length), below(key.length)].sort((x, y) => x - y) as [number, number]; return key.slice(0, a) + [...key.slice(a, b)].reverse().join("") + key.slice(b); },
      (key) => [...key].map((one) => (random() < 0.1 ? one.toUpperCase() : one)).join(""),
      (key) => key.slice(0, 21) + made[1]!.key.slice(21),
    ];
    let accepted = 0;
    for (let draw = 0; draw < draws(10_000); draw += 1) {
      let key = made[0]!.key;
      for (let times = 1 + below(3); times > 0; times -= 1) key = mutations[below(mutations.length)]!(key);
      const guessed = newKey(made[0]!.id).key;
      for (const text of [key, guessed]) {
        if (valid.has(text)) continue;
        if (await answer(authenticator, text) === "in") accepted += 1;
      }
    }
    expect(accepted).to.equal(0);
  });
});
