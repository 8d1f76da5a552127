import { expect } from "chai";
import { authOf, userText } from "../../../lib/signer/signature.js";
import { signer } from "../../../lib/signer/signer.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { invalidSocketIds, users } from "./known-answers.js";
import { codeOf, key, pusherOf, withSecret } from "./support.js";

const alice = { id: "alice", name: "Alice" };

describe("signer().authenticateUser", () => {
  it("signs as Pusher's server libraries do", () => {
    for (const { socket_id, user_data, auth, ...signing } of users) expect(authOf(userText(socket_id, user_data), withSecret(signing))).to.equal(auth);
  });

  it("signs what the package pusher signs, and verifyUser accepts it", () => {
    const pusher = pusherOf(key);
    for (const user of [alice, { id: "ą§¶™€łü€ß£" }, { id: "1", roles: ["admin"], nested: { "a:b": "\n" } }]) {
      const signed = pusher.authenticateUser("123.456", user);
      expect(signer(key).verifyUser("123.456", signed, 0)).to.equal(true);
      expect(signer(key).authenticateUser("123.456", user)).to.deep.equal(signed);
    }
  });

  it("refuses wrong signing ids and users", () => {
    for (const id of [...invalidSocketIds, "1", "1.", "a.b", "1.2:3", "1.2\n", 1]) expect(codeOf(() => signer(key).authenticateUser(id as never, alice)), String(id)).to.equal("option_invalid");
    for (const user of [undefined, {}, { id: "" }, { id: 1 }, { id: "a".repeat(1_025) }]) expect(codeOf(() => signer(key).authenticateUser("1.2", user as never))).to.equal("option_invalid");
  });
});

describe("signer().verifyUser", () => {
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
    const beyondLatin = auth.replace(/[a-f](?=[0-9a-f]*$)/, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0x100));
    for (const changed of ["", ":", key.key, `${key.key}:`, auth.toUpperCase(), `${auth}:`, `${auth} `, `${auth}\n`, auth.replace(":", "::"), beyondLatin]) expect(own.verifyUser("1.2", { auth: changed, user_data }, 0), changed).to.equal(false);
  });

  it("does not take half of a surrogate pair for the character U+FFFD, which is signed in its place", () => {
    const own = signer(key);
    const { auth, user_data } = own.authenticateUser("1.2", { id: "\ufffd" });
    expect(own.verifyUser("1.2", { auth, user_data }, 0)).to.equal(true);
    expect(own.verifyUser("1.2", { auth, user_data: user_data.replace("\ufffd", "\ud800") }, 0)).to.equal(false);
  });

  it("accepts signatures by previous keys until their acceptUntil", () => {
    const old = { key: "old", secret: "the previous secret, twenty bytes and more" };
    const now = signer({ ...key, previous: [{ ...old, acceptUntil: 1_000 }, { key: "older", secret: old.secret, acceptUntil: new Date(500) }] });
    const signed = signer(old).authenticateUser("1.2", alice);
    expect([999, 1_000].map((instant) => now.verifyUser("1.2", signed, instant))).to.deep.equal([true, false]);
    expect(now.authenticateUser("1.2", alice).auth).to.match(/^chat:/);
  });
});
