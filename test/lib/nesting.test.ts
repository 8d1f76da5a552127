import { expect } from "chai";
import { describe, it } from "mocha";
import { isNestedDeeper } from "../../lib/nesting.js";

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
