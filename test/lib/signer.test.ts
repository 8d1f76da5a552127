import { expect } from "chai";
import { createRequire } from "node:module";
import { signatureOf, signer, userText } from "../../lib/signer.js";
import { draws, randomFrom, seed } from "./../support/draws.js";

const require = createRequire(import.meta.url);
const Pusher = require("pusher") as new (options: { appId: string; key: string; secret: string }) => {
  authenticateUser(socketId: string, user: object): { auth: string; user_data: string };
  webhook(request: { headers: Record<string, string>; rawBody: string }): { isValid(): boolean };
};

// Known answers of Pusher's own server libraries for Node, Go and Python.
const known = [
  ["1234", "tofu", "123.456", '{"id":"45678"}', "f4b1fdeea7c93e32648c7230e32b172057c5623cace6cfce791c6e7035e0babd"],
  ["aaaa", "tofu", "123.456", '{"id":"55555","user_name":"test"}', "b8a9f173455903792ae2b788add0c4c78ad7372b3ae7fb5769479276a1993743"],
  ["11111", "1", "123.456", '{"id":"45678"}', "79bddf29fe8e2153dd5d8d569b3f45e5aeb26ae2eb4758879d844791b466cfa2"],
  ["11111", "2", "123.456", '{"id":"45678"}', "a542498ffa6faf6de7c17a8106b923c042319bd73acfd1d274df32e269b55d1f"],
  ["aaaa", "tofu", "1.1", '{"id":"ą§¶™€łü€ß£"}', "620494cee53d6c568b49598313194088afda37218f0d059af03c0c898ed61ff4"],
  ["key", "secret", "12345.12345", '{"id":"1234"}', "e4c63b82c1e1d0955901f6a29ca51b244155bafda93968bc5664010f5ba54a41"],
  ["thisisaauthkey", "thisisasecret", "12345.6789", '{"id":"123","name":"John Smith"}', "0dddb208b53c7649f3fbbb86254a6e1986bc6f8b566423ea690c9ca773497373"],
] as const;

// Known answers for webhooks, whose body is signed.
const knownWebhooks = [
  ["tofu", '{"time_ms":1403175510755,"events":[{"channel":"test_channel","name":"channel_vacated"}]}', "c17257e92037cd7de407ebc1ed174ceb7b2e518db127f44411b9ffc4f5b28cc5", "000"],
  ["secret", '{"hello":"world"}', "2677ad3e7c090b2fa2c0fb13020d66d5420879b8316eb356a2d60fb9073bc778", "2677ad3e7c090i'mgonnagetyaeb356a2d60fb9073bc778"],
] as const;

const key = { key: "chat", secret: "a secret of the tests, twenty bytes and more" };
const alice = { id: "alice", name: "Alice" };

describe("signer()", () => {
  it("signs as Pusher's server libraries do", () => {
    for (const [, secret, socketId, userData, signature] of known) expect(signatureOf(userText(socketId, userData), secret)).to.equal(signature);
  });

  it("signs webhooks as they do, and the package pusher accepts them", () => {
    for (const [secret, body, signature, wrong] of knownWebhooks) {
      expect(signatureOf(body, secret)).to.equal(signature).and.not.equal(wrong);
      const takes = (signed: string) => new Pusher({ appId: "1", key: "chat", secret })
        .webhook({ headers: { "content-type": "application/json", "x-pusher-key": "chat", "x-pusher-signature": signed }, rawBody: body }).isValid();
      expect([takes(signatureOf(body, secret)), takes(wrong)]).to.deep.equal([true, false]);
    }
  });

  it("accepts what the package pusher signs, and makes the same signatures", () => {
    const pusher = new Pusher({ appId: "1", ...key });
    for (const user of [alice, { id: "ą§¶™€łü€ß£" }, { id: "1", roles: ["admin"], nested: { "a:b": "\n" } }]) {
      const signed = pusher.authenticateUser("123.456", user);
      expect(signer(key).verifyUser("123.456", signed, 0)).to.equal(true);
      expect(signer(key).authenticateUser("123.456", user)).to.deep.equal(signed);
    }
  });

  it("rejects a signature for another session or user, or by another key or secret", () => {
    const own = signer(key);
    const signed = own.authenticateUser("1.2", alice);
    expect(own.verifyUser("1.2", signed, 0)).to.equal(true);
    expect(own.verifyUser("1.3", signed, 0)).to.equal(false);
    expect(own.verifyUser("1.2", { ...signed, user_data: signed.user_data.replace("alice", "admin") }, 0)).to.equal(false);
    expect(signer({ ...key, key: "other" }).verifyUser("1.2", signed, 0)).to.equal(false);
    expect(signer({ ...key, secret: `${key.secret}!` }).verifyUser("1.2", signed, 0)).to.equal(false);
  });

  it("rejects a signature that was changed in any position", () => {
    const random = randomFrom(seed());
    const own = signer(key);
    const { auth, user_data } = own.authenticateUser("1.2", alice);
    for (let draw = 0; draw < draws(10_000); draw += 1) {
      const place = Math.floor(random() * (auth.length + 1));
      const letter = String.fromCharCode(Math.floor(random() * 256));
      const changed = random() < 0.5 ? auth.slice(0, place) + letter + auth.slice(place + 1) : auth.slice(0, place) + letter + auth.slice(place);
      if (changed !== auth) expect(own.verifyUser("1.2", { auth: changed, user_data }, 0), JSON.stringify(changed)).to.equal(false);
    }
    for (const changed of ["", ":", key.key, `${key.key}:`, auth.toUpperCase(), `${auth}:`, `${auth} `, auth.replace(":", "::")]) expect(own.verifyUser("1.2", { auth: changed, user_data }, 0)).to.equal(false);
  });

  it("accepts signatures by previous keys until their acceptUntil", () => {
    const old = { key: "old", secret: "the previous secret, twenty bytes and more" };
    const now = signer({ ...key, previous: [{ ...old, acceptUntil: 1_000 }, { key: "older", secret: old.secret, acceptUntil: new Date(500) }] });
    const signed = signer(old).authenticateUser("1.2", alice);
    expect([999, 1_000].map((instant) => now.verifyUser("1.2", signed, instant))).to.deep.equal([true, false]);
    expect(now.authenticateUser("1.2", alice).auth).to.match(/^chat:/);
  });

  it("refuses wrong options, signing ids and users", () => {
    const codeOf = (make: () => unknown) => {
      try {
        make();
        return "none";
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const wrong = [undefined, null, {}, { key: "a:b", secret: key.secret }, { key: "", secret: key.secret }, { ...key, previous: [key] }, { ...key, previous: [{ key: "old", secret: key.secret, acceptUntil: NaN }] }];
    for (const options of wrong) expect(codeOf(() => signer(options as never)), JSON.stringify(options)).to.equal("option_invalid");
    expect(codeOf(() => signer({ key: "chat", secret: "short" }))).to.equal("secret_too_short");
    expect(codeOf(() => signer({ ...key, secrets: [] } as never))).to.equal("option_unknown");
    for (const id of ["", "1", "1.", "a.b", "1.2:3", "1.2\n", 1]) expect(codeOf(() => signer(key).authenticateUser(id as never, alice)), String(id)).to.equal("option_invalid");
    for (const user of [undefined, {}, { id: "" }, { id: 1 }, { id: "a".repeat(1_025) }]) expect(codeOf(() => signer(key).authenticateUser("1.2", user as never))).to.equal("option_invalid");
  });
});
