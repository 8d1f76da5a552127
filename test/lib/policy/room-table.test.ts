// Which pattern a room name finds, and what its params are.
import { expect } from "chai";
import { parseRoomPattern } from "../../../lib/policy/room-pattern.js";
import { RoomTable } from "../../../lib/policy/room-table.js";
import { mistake } from "./support.js";

function tableOf(...patterns: string[]): RoomTable<string> {
  const table = new RoomTable<string>();
  for (const pattern of patterns) table.add(parseRoomPattern(pattern), pattern);
  return table;
}

/** The pattern that wins, whatever the order in which the patterns are declared. */
function winner(name: string, ...patterns: string[]): string | undefined {
  const found = tableOf(...patterns).find(name)?.value;
  expect(tableOf(...patterns.reverse()).find(name)?.value, "declared the other way round").to.equal(found);
  return found;
}

function paramsOf(pattern: string, name: string): Record<string, string> | undefined {
  const found = tableOf(pattern).find(name);
  return found && Object.fromEntries(Object.entries(found.params));
}

describe("A table of room patterns", () => {
  it("finds a literal by its whole name only", () => {
    const table = tableOf("lobby");
    expect(["lobby", "lobb", "lobby-", "xlobby", "LOBBY"].map((name) => table.find(name)?.value)).to.deep.equal(["lobby", undefined, undefined, undefined, undefined]);
  });

  it("returns the value, the pattern and the params", () => {
    const pattern = parseRoomPattern("private-user-$userId");
    const table = new RoomTable<number>();
    table.add(pattern, 7);
    const found = table.find("private-user-alice");
    expect(found?.value).to.equal(7);
    expect(found?.pattern).to.equal(pattern);
    expect({ ...found?.params }).to.deep.equal({ userId: "alice" });
  });

  it("finds nothing in an empty table, and nothing for a name that no room has", () => {
    expect(tableOf().find("lobby")).to.equal(undefined);
    const open = tableOf("*", "$all", "private-*");
    for (const name of ["", "a".repeat(201), "a:b", "a\n", "private-\0", "private-é", "private-$id", "private-*", "*", "$all"]) expect(open.find(name), JSON.stringify(name)).to.equal(undefined);
    for (const value of [undefined, null, 7, ["lobby"], {}]) expect(open.find(value as string)).to.equal(undefined);
    expect(open.find("a".repeat(200))?.value).to.equal("$all");
  });
});

describe("A param", () => {
  it("at the end takes the whole rest, which is not empty", () => {
    expect(paramsOf("private-user-$userId", "private-user-6f1c-4a-9")).to.deep.equal({ userId: "6f1c-4a-9" });
    expect(paramsOf("private-user-$userId", "private-user-")).to.equal(undefined);
    expect(paramsOf("$room", "a")).to.deep.equal({ room: "a" });
  });

  it("in the middle ends at the first occurrence of the whole next literal", () => {
    expect(paramsOf("doc-$id-comments-$thread", "doc-6f-1c-comments-7-comments-8")).to.deep.equal({ id: "6f-1c", thread: "7-comments-8" });
    expect(paramsOf("$a--$b", "x-y--z")).to.deep.equal({ a: "x-y", b: "z" });
    expect(paramsOf("$a-$b.$c", "1-2-3.4.5")).to.deep.equal({ a: "1", b: "2-3", c: "4.5" });
  });

  it("in the middle is not empty", () => {
    expect(paramsOf("$a-$b", "-x")).to.equal(undefined);
    expect(paramsOf("$a-$b", "-x-y")).to.equal(undefined);
    expect(paramsOf("$a-$b", "x-")).to.equal(undefined);
    expect(paramsOf("$a-$b.$c", "x-.y")).to.equal(undefined);
  });

  it("before the last literal ends at its first occurrence, which is then the end of the name", () => {
    expect(paramsOf("$a-end", "x-end")).to.deep.equal({ a: "x" });
    expect(paramsOf("$a-end", "x-end-end")).to.equal(undefined);
    expect(paramsOf("$a-*", "x-y")).to.deep.equal({ a: "x" });
    expect(paramsOf("$a-*", "x-")).to.equal(undefined);
  });

  it("may have a name that objects inherit, or is special in objects", () => {
    const params = tableOf("$__proto__-$constructor-$toString-$hasOwnProperty").find("a-b-c-d")?.params;
    expect(Object.getPrototypeOf(params)).to.equal(null);
    expect(Object.entries(params!)).to.deep.equal([["__proto__", "a"], ["constructor", "b"], ["toString", "c"], ["hasOwnProperty", "d"]]);
    expect(tableOf("$a").find("x")?.params["constructor"]).to.equal(undefined);
    expect(tableOf("$a").find("x")?.params["__proto__"]).to.equal(undefined);
  });

  it("cannot be changed by a check", () => {
    expect(tableOf("$a").find("x")?.params).to.be.frozen;
  });

  it("may stand for a name that objects inherit, and such a room is as others are", () => {
    expect(paramsOf("$a", "__proto__")).to.deep.equal({ a: "__proto__" });
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(tableOf("lobby").find(name)).to.equal(undefined);
      expect(tableOf(name).find(name)?.value).to.equal(name);
    }
  });
});

describe("The most specific pattern", () => {
  it("has a literal where another has a param, and a param where another has the rest", () => {
    expect(winner("private-orders-7", "*", "$room", "private-*", "private-$id", "private-orders-*", "private-orders-$id", "private-orders-7")).to.equal("private-orders-7");
    expect(winner("private-orders-8", "*", "$room", "private-*", "private-$id", "private-orders-*", "private-orders-$id")).to.equal("private-orders-$id");
    expect(winner("private-orders-8", "*", "$room", "private-*", "private-$id", "private-orders-*")).to.equal("private-orders-*");
    expect(winner("private-orders-8", "*", "$room", "private-*", "private-$id")).to.equal("private-$id");
    expect(winner("private-orders-8", "*", "$room", "private-*")).to.equal("private-*");
    expect(winner("private-orders-8", "*", "$room")).to.equal("$room");
    expect(winner("private-orders-8", "*")).to.equal("*");
  });

  it("is decided from the left", () => {
    expect(winner("a-b-c", "a-*", "$x-b-c")).to.equal("a-*");
    expect(winner("a-b-c", "a-$x-c", "a-b-*")).to.equal("a-b-*");
    expect(winner("a-b-c", "a-$x", "a-$x-c", "a-$x-$y")).to.equal("a-$x-c");
  });

  it("is the one with the longer literal, also where its param is longer then", () => {
    expect(winner("doc-6f-1c-comments-7", "doc-$id-comments-$thread", "doc-$id-$part")).to.equal("doc-$id-comments-$thread");
    expect(winner("doc-6f-1c-7", "doc-$id-comments-$thread", "doc-$id-$part")).to.equal("doc-$id-$part");
  });

  it("is, of two with literals of one length, the one whose literal comes first in the name", () => {
    expect(winner("1-x-2-y-3", "$id-x-$a", "$id-y-$b")).to.equal("$id-x-$a");
    expect(winner("1-y-2-x-3", "$id-x-$a", "$id-y-$b")).to.equal("$id-y-$b");
  });

  it("is one that matches: another that matches only the beginning does not stand in its way", () => {
    expect(winner("private-orders-7", "private-orders-8", "private-$kind-8", "private-*", "private-orders-7-8")).to.equal("private-*");
    expect(winner("a-x-y", "a-x-$p.$q", "a-$p-z", "$p-x-y")).to.equal("$p-x-y");
  });

  it("is an error if two patterns match the same names", () => {
    expect(mistake(() => tableOf("room-$a-$b", "lobby", "room-$id-$part"))).to.equal("rule_invalid: The room patterns \"room-$a-$b\" and \"room-$id-$part\" match the same names: remove one of them.");
    expect(mistake(() => tableOf("lobby", "lobby"))).to.match(/^rule_invalid: The room patterns "lobby" and "lobby" match/);
    expect(mistake(() => tableOf("a-*", "a-$x", "a-", "a", "a-x", "$x", "*"))).to.equal("accepted");
  });
});
