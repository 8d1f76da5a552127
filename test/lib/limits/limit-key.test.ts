import { expect } from "chai";
import { LimitKey } from "../../../lib/limits/limit-key.js";

describe("LimitKey", () => {
  it("hashes the same text to the same halves", () => {
    expect(new LimitKey("alice")).to.deep.equal(new LimitKey("alice"));
  });

  it("hashes 100,000 similar texts to different halves", () => {
    const seen = new Set(Array.from({ length: 100_000 }, (_, index) => new LimitKey(`user-${index}`)).map(({ high, low }) => `${high} ${low}`));
    expect(seen.size).to.equal(100_000);
  });
});
