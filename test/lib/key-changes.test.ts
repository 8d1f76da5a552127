import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { apiKey, apiKeys, jwt, keyRing, memoryStore, type GuardAuditEvents } from "../../lib/index.js";
import { closeEverything, serve } from "../support/server.js";

afterEach(closeEverything);

const secret = (name: string) => `the secret named ${name} of these tests, thirty-two bytes and more`;

async function heardBy(options: object) {
  const heard: [string, object][] = [];
  const { guarded } = await serve(options);
  for (const name of ["keyCreated", "keyRotated", "keyRevoked"] as const) guarded.on(name, (key: GuardAuditEvents["keyCreated"]) => heard.push([name, key]));
  return { heard, guarded };
}

describe("The audit events of keys", () => {
  it("tell of the API keys of the store, once each, until the guard is closed", async () => {
    const store = memoryStore();
    const keys = apiKeys(store);
    const { heard, guarded } = await heardBy({ store, authenticate: [apiKey(), apiKey({ store })] });
    const { id, key } = await keys.create({ name: "deploy bot", subject: "bot-7" }, { actor: "root" });
    await keys.rotate({ id, grace: 0 });
    await keys.revoke({ subject: "bot-7" }, { actor: "root" });
    await keys.revoke({ id });
    const about = { kind: "apiKey", keyId: id, name: "deploy bot", subject: "bot-7" };
    expect(heard).to.deep.equal([["keyCreated", { ...about, actor: "root" }], ["keyRotated", about], ["keyRevoked", { ...about, actor: "root" }]]);
    expect(JSON.stringify(heard)).to.not.include(key);
    await guarded.close();
    await keys.create({ name: "late", subject: "bot-8" });
    expect(heard).to.have.lengthOf(3);
    expect(await keys.create({ name: "x", subject: "y" }, { actor: "" }).then(() => "created", ({ code }: { code: string }) => code)).to.equal("option_invalid");
  });

  it("tell of the keys of a ring, also of those that it loads", async () => {
    const ring = keyRing([{ kid: "a", secret: secret("a") }]);
    let loaded = [{ kid: "x", secret: secret("x") }];
    const loading = keyRing({ load: () => loaded, missingKeyGrace: 0 });
    const { heard } = await heardBy({ authenticate: [jwt({ keys: ring }), jwt({ keys: loading })] });
    ring.rotate({ kid: "b", secret: secret("b") }, { grace: "1h", actor: "root" });
    ring.revoke({ kid: "a" }, { actor: "root" });
    loaded = [{ kid: "y", secret: secret("y") }];
    await loading.reload();
    loading.close();
    expect(heard).to.deep.equal([
      ["keyRotated", { kind: "signingKey", keyId: "b", actor: "root" }], ["keyRevoked", { kind: "signingKey", keyId: "a", actor: "root" }],
      ["keyCreated", { kind: "signingKey", keyId: "y" }], ["keyRevoked", { kind: "signingKey", keyId: "x" }],
    ]);
  });
});
