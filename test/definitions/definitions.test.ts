import { readFileSync } from "node:fs";
import { expect } from "chai";
import { events } from "../../definitions/events.js";
import { invalidMessage, Message } from "../../definitions/messages.js";
import { directRoom, RoomName } from "../../definitions/rooms.js";
import { Role, UserId } from "../../definitions/users.js";

describe("the definitions of the chat", () => {
  it("declare all events, each with a payload", () => {
    expect(Object.keys(events)).to.deep.equal(["getUser", "message", "direct", "inbox", "history", "older", "signOut"]);
    for (const rule of Object.values(events)) expect(rule).to.include.all.keys("allow", "payload");
  });

  it("accept messages of 1 to 2,000 characters, without the white space around them", () => {
    const parse = (text: string): string => Message.parse({ room: "lobby", text }).text;
    expect(parse("  Hello\nall \n")).to.equal("Hello\nall");
    expect(parse("He\0llo")).to.equal("Hello");
    expect(parse("x".repeat(2_000))).to.have.lengthOf(2_000);
    for (const wrong of [{}, { text: "" }, { text: " \n " }, { text: "x".repeat(2_001) }, { text: 1 }, { text: "Hello", author: "bob" }, { text: "Hello", room: "a room" }]) {
      expect(Message.safeParse({ room: "lobby", ...wrong }).success, JSON.stringify(wrong)?.slice(0, 40)).to.equal(false);
    }
    for (const wrong of [{ text: "Hello" }, "Hello", null]) expect(Message.safeParse(wrong).success).to.equal(false);
  });

  it("accept only encrypted messages in an encrypted room", () => {
    const accepts = (text: string): boolean => Message.safeParse({ room: "private-encrypted-rabbit-hole", text }).success;
    expect(accepts(JSON.stringify({ nonce: "AAAA", ciphertext: "x".repeat(16_000) }))).to.equal(true);
    for (const text of ["Hello", "null", JSON.stringify({ nonce: "AAAA" }), JSON.stringify({ nonce: "AAAA", ciphertext: "AAAA", text: "Hello" }), JSON.stringify({ nonce: "Hello, all!", ciphertext: "AAAA" })]) expect(accepts(text), text).to.equal(false);
  });

  it("give two users one room, whoever of them asks", () => {
    expect(directRoom("bob", "alice")).to.equal("private-direct-alice.bob").and.to.equal(directRoom("alice", "bob"));
    expect(RoomName.parse(directRoom("bob-2", "0_o"))).to.equal("private-direct-0_o.bob-2");
  });

  it("describe an invalid message in the same way as the page", () => {
    expect(readFileSync("modules/web/page/connection.js", "utf8")).to.contain(`"${invalidMessage}"`);
  });

  it("accept short lowercase names as user ids, and three roles", () => {
    for (const right of ["alice", "bob-2", "0_o", "a".repeat(32)]) expect(UserId.safeParse(right).success, right).to.equal(true);
    for (const wrong of ["", "Alice", "-bob", "a".repeat(33), "../bob", "bob\n", "__proto__ "]) expect(UserId.safeParse(wrong).success, wrong).to.equal(false);
    expect(Role.options).to.deep.equal(["member", "admin", "bot"]);
  });
});
