import { expect } from "chai";
import { authOf, roomText } from "../../../lib/signer/signature.js";
import { signer } from "../../../lib/signer/signer.js";
import { channels, invalidChannels, invalidSocketIds } from "./known-answers.js";
import { codeOf, key, pusherOf, withSecret } from "./support.js";

const own = signer(key);
const member = { user_id: "alice", user_info: { name: "Alice" } };
const inSeconds = (milliseconds: number) => milliseconds / 1_000;

/** A room whose backend has signed exactly this text. */
function signedRoom(channel_data: string) {
  return own.verifyRoom("1.2", "presence-a", { auth: authOf(roomText("1.2", "presence-a", channel_data), withSecret(key)), channel_data }, 0);
}

describe("signer().authorizeRoom", () => {
  it("signs as Pusher's server libraries do", () => {
    for (const answer of channels) {
      const data = "channel_data" in answer ? answer.channel_data : undefined;
      expect(authOf(roomText(answer.socket_id, answer.channel, data), withSecret(answer))).to.equal(answer.auth);
    }
  });

  it("signs what the package pusher signs, for private and presence channels", () => {
    const pusher = pusherOf(key);
    expect(own.authorizeRoom("123.456", "private-a")).to.deep.equal(pusher.authorizeChannel("123.456", "private-a"));
    for (const data of [member, { user_id: "ą§¶™€łü€ß£" }, { user_id: "10", user_info: { "a:b": "\n::user::" } }]) {
      expect(own.authorizeRoom("123.456", "presence-a", data)).to.deep.equal(pusher.authorizeChannel("123.456", "presence-a", data));
    }
  });

  it("refuses wrong signing ids, rooms and members", () => {
    for (const id of [...invalidSocketIds, "1.2\n", "1.2:3"]) expect(codeOf(() => own.authorizeRoom(id as never, "a")), String(id)).to.equal("option_invalid");
    for (const room of [...invalidChannels, "a:b", "a\n", "a b", "#a", "ä", "a".repeat(201)]) expect(codeOf(() => own.authorizeRoom("1.2", room as never)), String(room)).to.equal("option_invalid");
    const members = [null, {}, "alice", { user_id: "" }, { user_id: NaN }, { user_id: true }, { user_id: "a".repeat(1_025) }, { ...member, exp: "1" }, { ...member, exp: Date.now() }, { ...member, user_info: "a".repeat(16_384) }, () => member];
    for (const wrong of members) expect(codeOf(() => own.authorizeRoom("1.2", "a", wrong as never)), JSON.stringify(wrong)?.slice(0, 100)).to.equal("option_invalid");
    expect(own.authorizeRoom("1.2", "a".repeat(200)).auth).to.have.length("chat:".length + 64);
  });
});

describe("signer().verifyRoom", () => {
  it("accepts what the package pusher signs, and reads the member", () => {
    const pusher = pusherOf(key);
    expect(own.verifyRoom("123.456", "private-a", pusher.authorizeChannel("123.456", "private-a"), 0)).to.deep.equal({ endsAt: Infinity });
    const signed = pusher.authorizeChannel("123.456", "presence-a", member);
    expect(own.verifyRoom("123.456", "presence-a", signed, 0)).to.deep.equal({ endsAt: Infinity, member: { id: "alice", info: { name: "Alice" } } });
  });

  it("rejects a signature for another session, room or member, or by another key or secret", () => {
    const signed = own.authorizeRoom("1.2", "presence-a", member);
    const plain = own.authorizeRoom("1.2", "presence-a");
    expect(own.verifyRoom("1.2", "presence-a", signed, 0)).to.be.an("object");
    expect(own.verifyRoom("1.3", "presence-a", signed, 0)).to.equal("invalid");
    expect(own.verifyRoom("1.2", "presence-b", signed, 0)).to.equal("invalid");
    expect(own.verifyRoom("1.2", "presence-a", { ...signed, channel_data: signed.channel_data!.replace("alice", "admin") }, 0)).to.equal("invalid");
    expect(own.verifyRoom("1.2", "presence-a", { auth: signed.auth }, 0)).to.equal("invalid");
    expect(own.verifyRoom("1.2", "presence-a", { ...plain, channel_data: signed.channel_data! }, 0)).to.equal("invalid");
    expect(signer({ ...key, key: "other" }).verifyRoom("1.2", "presence-a", signed, 0)).to.equal("invalid");
    expect(signer({ ...key, secret: `${key.secret}!` }).verifyRoom("1.2", "presence-a", signed, 0)).to.equal("invalid");
  });

  it("rejects what has another form", () => {
    const { auth } = own.authorizeRoom("1.2", "a");
    const beyondLatin = auth.replace(/[a-f](?=[0-9a-f]*$)/, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0x100));
    for (const wrong of [undefined, null, 1, {}, [auth], "", ":", auth.toUpperCase(), `${auth}:`, `${auth}0`, ` ${auth}`, `${auth}\n`, auth.slice(0, -1), auth.replace(":", "::"), beyondLatin]) {
      expect(own.verifyRoom("1.2", "a", { auth: wrong as never }, 0), JSON.stringify(wrong)).to.equal("invalid");
    }
    for (const channel_data of [null, 1, {}, ""]) expect(own.verifyRoom("1.2", "a", { auth, channel_data: channel_data as never }, 0)).to.equal("invalid");
  });

  it("reads a user_id that is a number as its text, and any user_info", () => {
    expect(signedRoom('{"user_id":10}')).to.deep.include({ member: { id: "10" } });
    for (const info of ["null", "0", '"text"', "[1]", '{"deep":{"er":[]}}']) expect(signedRoom(`{"user_id":"a","user_info":${info}}`)).to.deep.include({ member: { id: "a", info: JSON.parse(info) as unknown } });
  });

  it("rejects a signed channel_data that is no member", () => {
    const wrong = ["", "null", "[]", '"alice"', "{}", '{"money": "1.32"}', '{"user_id":""}', '{"user_id":null}', '{"user_id":1e999}', '{"user_id":["a"]}', `{"user_id":"${"a".repeat(1_025)}"}`,
      '{"user_id":"a","user_id":"b"}', '{"user_id":"a","user_\\u0069d":"b"}', '{"user_id":"a"} x', `{"user_id":"a","user_info":${"[".repeat(40)}${"]".repeat(40)}}`, `{"user_id":"a","user_info":"${"a".repeat(16_384)}"}`,
      '{"__proto__":{"user_id":"a"}}'];
    for (const text of wrong) expect(signedRoom(text), text.slice(0, 100)).to.equal("invalid");
  });

  it("does not take half of a surrogate pair for the character U+FFFD, which is signed in its place", () => {
    const { auth, channel_data } = own.authorizeRoom("1.2", "a", { user_id: "\ufffd" });
    expect(own.verifyRoom("1.2", "a", { auth, channel_data: channel_data!.replace("\ufffd", "\ud800") }, 0)).to.equal("invalid");
  });

  it("lets exp end an authorization, in seconds", () => {
    const signed = own.authorizeRoom("1.2", "a", { ...member, exp: inSeconds(10_500) });
    expect(own.verifyRoom("1.2", "a", signed, 10_499)).to.deep.include({ endsAt: 10_500 });
    expect(own.verifyRoom("1.2", "a", signed, 10_500)).to.equal("expired");
    for (const exp of ["null", '"1"', "true", "-1", "1e999", "253402300800", "[1]"]) expect(signedRoom(`{"user_id":"a","exp":${exp}}`), exp).to.equal("invalid");
    expect(signedRoom('{"user_id":"a","exp":0}')).to.equal("expired");
  });

  it("accepts a previous key until its acceptUntil, and then asks for a new signature", () => {
    const old = { key: "old", secret: "the previous secret, twenty bytes and more" };
    const now = signer({ ...key, previous: [{ ...old, acceptUntil: 1_000 }] });
    const signed = signer(old).authorizeRoom("1.2", "a");
    expect(now.verifyRoom("1.2", "a", signed, 999)).to.deep.equal({ endsAt: 1_000 });
    expect(now.verifyRoom("1.2", "a", signed, 1_000)).to.equal("expired");
    expect(now.verifyRoom("1.2", "a", { auth: signed.auth.replace(/.$/, (last) => (last === "0" ? "1" : "0")) }, 1_000)).to.equal("invalid");
    expect(now.authorizeRoom("1.2", "a").auth).to.match(/^chat:/);
    const endsFirst = signer(old).authorizeRoom("1.2", "a", { ...member, exp: inSeconds(500) });
    expect(now.verifyRoom("1.2", "a", endsFirst, 0)).to.deep.include({ endsAt: 500 });
  });
});
