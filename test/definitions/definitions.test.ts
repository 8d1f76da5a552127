import { readFileSync } from "node:fs";
import { expect } from "chai";
import { events } from "../../definitions/events.js";
import { invalidMessage, Message } from "../../definitions/messages.js";
import { Role, UserId } from "../../definitions/users.js";

describe("the definitions of the chat", () => {
  it("declare five events, each with a payload", () => {
    expect(Object.keys(events)).to.deep.equal(["getUser", "message", "direct", "history", "older", "signOut"]);
    for (const rule of Object.values(events)) expect(rule).to.have.all.keys("allow", "payload");
  });

  it("accept messages of 1 to 2,000 characters, without the white space around them", () => {
    expect(Message.parse({ text: "  Hello\nall \n" })).to.deep.equal({ text: "Hello\nall" });
    expect(Message.parse({ text: "He\0llo" })).to.deep.equal({ text: "Hello" });
    expect(Message.parse({ text: "x".repeat(2_000) }).text).to.have.lengthOf(2_000);
    for (const wrong of [{}, { text: "" }, { text: " \n " }, { text: "x".repeat(2_001) }, { text: 1 }, { text: "Hello", author: "bob" }, "Hello", null]) {
      expect(Message.safeParse(wrong).success, JSON.stringify(wrong)?.slice(0, 40)).to.equal(false);
    }
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
