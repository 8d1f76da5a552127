// Secrets of all sorts go through every kind of audit event, and no sink has them.
import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { auditEventNames } from "../../../lib/audit-events.js";
import { recordOf } from "../../../lib/audit/record-of.js";
import { anyone, apiKey, apiKeys, memoryStore, signedIn } from "../../../lib/index.js";
import { jsonlAudit } from "../../../lib/audit/index.js";
import { closeEverything, makeTokens, refusal, serve, type Options } from "../../support/server.js";
import { newPath } from "./jsonl/support.js";

afterEach(closeEverything);

const payload = "a payload that nobody else may read";
const password = "correct horse battery staple";

describe("No sink of the audit log has", () => {
  it("a token, a key, a cookie, a payload or a password that clients and the host have used", async () => {
    const path = await newPath();
    const store = memoryStore();
    const keys = apiKeys(store);
    const { tokens, ring } = makeTokens();
    const seen: string[] = [];
    const schema = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ issues: [{ message: `got ${String(value)}`, path: [String(value)] }] }) } };
    const events = { open: anyone, strict: { allow: signedIn, payload: schema }, broken: { allow: ({ args }: { args: readonly unknown[] }) => { throw new Error(`cannot do ${String(args[0])} with ${password}`); } } };
    const log = (object: object, message = "") => void seen.push(JSON.stringify(object) + message);
    const audit = { sinks: [jsonlAudit({ path }), (record: object) => log(record), { info: log, warn: log }] };
    const { guarded, connect, member } = await serve({ store, events, authenticate: [apiKey(), tokens], origins: ["http://good.example"], audit } as unknown as Options);
    const issue = (claims: object = {}) => tokens.issue({ sub: "alice", ...claims } as never, { expiresIn: "1h" });
    const { id, key } = await keys.create({ name: "bot", subject: "bot" });
    const rotated = await keys.rotate({ id, grace: 0 });
    const [held, revoked] = [issue(), issue()];
    const cookie = "session=the-secret-of-a-cookie";
    const { client } = await member("/", { auth: { token: held }, extraHeaders: { cookie } });
    for (const name of ["strict", "broken", "nothing"]) await client.emitWithAck(name, payload);
    await client.emitWithAck(held, payload);
    await client.emitWithAck(`my key is ${key}`);
    await client.emitWithAck("guard:join", { room: "lobby", auth: held });
    for (const auth of [{ token: `${held}x` }, { apiKey: key }, { apiKey: `${key}x` }, { token: payload }, { password }]) await refusal(connect("/", { auth, extraHeaders: { cookie } }));
    await new Promise((resolve) => connect("/", { extraHeaders: { origin: "http://evil.example", cookie } }).once("connect_error", resolve));
    await guarded.revoke({ token: revoked });
    await guarded.revoke({ tokenId: revoked });
    guarded.record({ action: "mail", detail: `sent ${held} to alice` });
    ring.rotate({ kid: "third", secret: password.padEnd(40, "!") }, { grace: "1h" });
    await guarded.close();

    const everything = seen.join("\n") + await readFile(path, "utf8");
    for (const type of ["connected", "denied", "refused", "ended", "revoked", "failed", "keyCreated", "keyRotated", "action"]) expect(everything).to.include(`"type":"${type}"`);
    const secrets = [held, revoked, key, rotated.key].flatMap((secret) => [secret, secret.slice(-30), secret.split(".")[1] ?? secret]);
    for (const secret of [...secrets, "the-secret-of-a-cookie", payload, password]) expect(everything.includes(secret), secret).to.equal(false);
    expect(everything).to.include("[redacted]").and.to.include(`sig_${id}_[redacted]`);
  });

  it("a field of an audit event that is not known to be safe", () => {
    const secret = "planted";
    for (const name of auditEventNames) {
      const event = { token: secret, payload: secret, cookie: secret, headers: { cookie: secret }, args: [secret], data: secret, claims: { secret }, issues: [{ message: secret, path: [secret] }], error: Object.assign(new Error(secret), { code: `not a code: ${secret}`, query: secret }) };
      expect(JSON.stringify(recordOf(name, event as never, 0)), name).to.not.include(secret);
    }
    expect(recordOf("failed", { source: "store", error: Object.assign(new TypeError("x"), { code: "ECONNREFUSED" }) }, 5)).to.deep.equal({ time: 5, type: "failed", source: "store", error: "TypeError ECONNREFUSED" });
    expect(recordOf("failed", { source: "check", error: "a text" }, 5).error).to.equal("string");
  });
});
