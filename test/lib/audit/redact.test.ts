import { expect } from "chai";
import { describe, it } from "mocha";
import { redacted } from "../../../lib/audit/redact.js";

describe("A text of an audit record", () => {
  it("shows nothing of the secret of an API key, wherever the text was cut", () => {
    const key = `sig_0123456789abcdef_${"S".repeat(43)}`;
    for (let before = 900; before < 1_024; before += 1) expect(redacted("x".repeat(before) + key)).not.to.include("S");
    expect(redacted(key)).to.equal("sig_0123456789abcdef_[redacted]");
  });
});
