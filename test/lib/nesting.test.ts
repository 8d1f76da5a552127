import { expect } from "chai";
import { describe, it } from "mocha";
import { isNestedDeeper, isTextTooDeep, isTooDeep } from "../../lib/nesting.js";
import { draws, randomFrom, seed } from "../support/draws.js";

const inLists = (levels: number): object => JSON.parse("[".repeat(levels) + "]".repeat(levels)) as object;
const inObjects = (levels: number): object => JSON.parse('{"a":1,"b":'.repeat(levels) + "1" + "}".repeat(levels)) as object;

describe("isNestedDeeper", () => {
  it("counts the levels of lists and objects, the outermost included", () => {
    for (const nest of [inLists, inObjects]) {
      for (const levels of [1, 2, 63, 64]) expect(isNestedDeeper(nest(levels), 64), `${levels}`).to.equal(false);
      for (const levels of [65, 66, 100_000]) expect(isNestedDeeper(nest(levels), 64), `${levels}`).to.equal(true);
    }
  });

  it("finds the deep one among many flat ones", () => {
    const flat = Array.from({ length: 1_000 }, (_, nth) => ({ nth, list: [1, 2, 3] }));
    expect(isNestedDeeper(flat, 64)).to.equal(false);
    expect(isNestedDeeper([...flat, { at: { last: inLists(70) } }], 64)).to.equal(true);
    expect(isNestedDeeper({ first: inLists(70), flat }, 64)).to.equal(true);
  });

  it("counts what is under a __proto__ of the client's own", () => {
    expect(isNestedDeeper(JSON.parse(`{"__proto__":${JSON.stringify(inLists(70))}}`) as object, 64)).to.equal(true);
  });

  it("counts binary data as one level, without a look at its bytes", () => {
    for (const data of [Buffer.alloc(10), new Uint8Array(10), new ArrayBuffer(10), new DataView(new ArrayBuffer(10))]) {
      expect(isNestedDeeper([data], 2)).to.equal(false);
      expect(isNestedDeeper([data], 1)).to.equal(true);
    }
  });
});

describe("isTextTooDeep", () => {
  const inText = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

  it("counts the levels of a list of arguments, itself included", () => {
    for (const text of [inText(65), `["a",${'{"b":'.repeat(64)}1${"}".repeat(64)}]`, `[${"[],".repeat(1_000)}1]`]) expect(isTextTooDeep(text)).to.equal(false);
    for (const text of [inText(66), `["a",${'{"b":'.repeat(65)}1${"}".repeat(65)}]`, "[".repeat(66)]) expect(isTextTooDeep(text)).to.equal(true);
  });

  it("counts no brackets in strings, whatever is escaped", () => {
    for (const text of [inText(100), `\\"${inText(100)}`, `${inText(100)}\\`, `\\\\"${"[".repeat(100)}`]) {
      expect(isTextTooDeep(JSON.stringify(["message", text, text]))).to.equal(false);
      expect(isTextTooDeep(`["message",${JSON.stringify(text)},${inText(100)}]`)).to.equal(true);
    }
    expect(isTextTooDeep('["no end')).to.equal(false);
  });

  it("agrees with isTooDeep about random values", () => {
    const random = randomFrom(seed());
    const value = (levels: number): unknown => {
      if (levels === 0) return ['"', "\\", "[[", '{"', 7, null][Math.floor(random() * 6)];
      const items = Array.from({ length: 1 + Math.floor(random() * 2) }, (_, nth) => (nth === 0 ? value(levels - 1) : value(0)));
      return random() < 0.5 ? items : Object.fromEntries(items.map((item, nth) => [`\\"]${nth}`, item]));
    };
    for (let draw = 0; draw < draws(20_000); draw += 1) {
      const args = ["event", value(58 + Math.floor(random() * 12))];
      expect(isTextTooDeep(JSON.stringify(args)), `draw ${draw} of seed ${seed()}`).to.equal(isTooDeep(args));
    }
  });
});
