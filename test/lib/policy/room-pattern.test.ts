// How patterns of room names are written, and what the mistakes say.
import { expect } from "chai";
import { parseRoomPattern } from "../../../lib/policy/room-pattern.js";
import { mistake } from "./support.js";

const segmentsOf = (pattern: string) => parseRoomPattern(pattern).segments.map(({ kind, text }) => `${kind} ${text}`);

describe("A room pattern", () => {
  it("has literals, params, and the rest at its end", () => {
    expect(segmentsOf("lobby")).to.deep.equal(["literal lobby"]);
    expect(segmentsOf("private-$group-chat-$id")).to.deep.equal(["literal private-", "param $group", "literal -chat-", "param $id"]);
    expect(segmentsOf("private-orders-*")).to.deep.equal(["literal private-orders-", "rest *"]);
    expect(segmentsOf("$a.*")).to.deep.equal(["param $a", "literal .", "rest *"]);
    expect(segmentsOf("$room")).to.deep.equal(["param $room"]);
    expect(segmentsOf("*")).to.deep.equal(["rest *"]);
  });

  it("has params whose names end before the first character that is no letter, digit or _", () => {
    expect(parseRoomPattern("$a_b1-$C=$d@$e,$f.$g;$__proto__").params).to.deep.equal(["a_b1", "C", "d", "e", "f", "g", "__proto__"]);
  });

  it("knows how many characters its literals have", () => {
    expect(["lobby", "private-$group-chat-$id", "*", "$a"].map((pattern) => parseRoomPattern(pattern).fixedLength)).to.deep.equal([5, 14, 0, 0]);
  });

  it("matches names of up to 200 characters", () => {
    expect(parseRoomPattern("a".repeat(200)).fixedLength).to.equal(200);
    expect(parseRoomPattern(`${"a".repeat(198)}-$a`).fixedLength).to.equal(199);
    expect(parseRoomPattern(`$${"a".repeat(300)}`).params).to.have.length(1);
  });

  const mistakes: Record<string, string> = {
    "": "rule_invalid: A room pattern must not be empty: write the name of a room, such as \"lobby\", or a pattern, such as \"private-user-$userId\".",
    "$a$b": "rule_invalid: The room pattern \"$a$b\" does not say where \"$a\" ends: write a character between the params, such as \"$a-$b\".",
    "$a*": "rule_invalid: The room pattern \"$a*\" has a \"*\" after \"$a\", which takes the whole rest of the name at the end: remove the \"*\".",
    "a-*-b": "rule_invalid: The room pattern \"a-*-b\" has a \"*\" that is not at the end: write $name for a part in the middle.",
    "*$a": "rule_invalid: The room pattern \"*$a\" has a \"*\" that is not at the end: write $name for a part in the middle.",
    "**": "rule_invalid: The room pattern \"**\" has a \"*\" that is not at the end: write $name for a part in the middle.",
    "a-$": "rule_invalid: The room pattern \"a-$\" has a \"$\" without a name: write letters, digits or _ after it, such as \"$userId\".",
    "$-a": "rule_invalid: The room pattern \"$-a\" has a \"$\" without a name: write letters, digits or _ after it, such as \"$userId\".",
    "$$a": "rule_invalid: The room pattern \"$$a\" has a \"$\" without a name: write letters, digits or _ after it, such as \"$userId\".",
    "$a-$a": "rule_invalid: The room pattern \"$a-$a\" has the param \"$a\" twice: give each param a name of its own.",
    "a:b": "rule_invalid: The room pattern \"a:b\" contains \":\", which no room name has: write letters, digits and _-=@,.; with $name for a param, and * at the end for any rest.",
    "a\n": "rule_invalid: The room pattern \"a\\n\" contains \"\\n\", which no room name has: write letters, digits and _-=@,.; with $name for a param, and * at the end for any rest.",
    "user-{id}": "rule_invalid: The room pattern \"user-{id}\" contains \"{\", which no room name has: write letters, digits and _-=@,.; with $name for a param, and * at the end for any rest.",
    "🦀": "rule_invalid: The room pattern \"🦀\" contains \"🦀\", which no room name has: write letters, digits and _-=@,.; with $name for a param, and * at the end for any rest.",
  };

  for (const [pattern, sentence] of Object.entries(mistakes)) {
    it(`is not ${JSON.stringify(pattern)}`, () => expect(mistake(() => parseRoomPattern(pattern))).to.equal(sentence));
  }

  it("is not one that only matches names of more than 200 characters", () => {
    for (const pattern of ["a".repeat(201), `${"a".repeat(199)}-$a`, `${"a".repeat(200)}*`]) {
      expect(mistake(() => parseRoomPattern(pattern))).to.equal(`rule_invalid: The room pattern "${pattern}" matches no room: a room name has at most 200 characters. Write a shorter pattern.`);
    }
  });

  it("is a string", () => {
    for (const value of [undefined, null, 7, ["a"]]) expect(mistake(() => parseRoomPattern(value as unknown as string))).to.match(/^rule_invalid: A room pattern must not be empty/);
  });
});
