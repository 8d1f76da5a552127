// Which names a room may have, and which could be the id of a socket.
import { expect } from "chai";
import { couldBeSocketId, isRoomName } from "../../lib/room-name.js";

describe("The name of a room", () => {
  it("has letters, digits and the characters _-=@,.; as a Pusher channel has", () => {
    for (const name of ["lobby", "L0bby", "private-user-7", "a_b-c=d@e,f.g;h", "-", "__proto__", "constructor"]) expect(isRoomName(name), name).to.equal(true);
  });

  it("has 1 to 200 characters", () => {
    expect(["", "a", "a".repeat(200), "a".repeat(201)].map(isRoomName)).to.deep.equal([false, true, true, false]);
  });

  it("has no other character", () => {
    const wrong = ["a b", "a:b", "a/b", "a\n", "\na", "a\0", "a$b", "$a", "a*", "*", "a#b", "é", "а", "a\u200b", "🦀", "a\ud800", "%41", "a+b", "a\\b"];
    for (const name of wrong) expect(isRoomName(name), JSON.stringify(name)).to.equal(false);
    for (let code = 0; code < 0x300; code += 1) {
      const character = String.fromCharCode(code);
      expect(isRoomName(character), `character ${code}`).to.equal(/[\w\-=@,.;]/.test(character));
    }
  });

  it("is a string", () => {
    for (const value of [undefined, null, 7, true, ["a"], { toString: () => "a" }, new String("a"), Buffer.from("a")]) expect(isRoomName(value)).to.equal(false);
  });
});

describe("A name that could be the id of a socket", () => {
  it("has 20 letters, digits, _ or -", () => {
    for (const name of ["rA7-_0bXyQ12345AAAAB", "private-user-1234567", "-".repeat(20)]) expect(couldBeSocketId(name), name).to.equal(true);
    for (const name of ["a".repeat(19), "a".repeat(21), "private-user-123456.", `${"a".repeat(20)}\n`, ""]) expect(couldBeSocketId(name), name).to.equal(false);
  });
});
