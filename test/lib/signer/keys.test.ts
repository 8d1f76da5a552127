import { expect } from "chai";
import { signer } from "../../../lib/signer/signer.js";
import { codeOf, key } from "./support.js";

describe("The keys of signer()", () => {
  it("are refused if their names, secrets or ends are wrong", () => {
    const wrong = [undefined, null, {}, { key: "a:b", secret: key.secret }, { key: "", secret: key.secret }, { ...key, previous: [key] }, { ...key, previous: [{ key: "old", secret: key.secret, acceptUntil: NaN }] }];
    for (const options of wrong) expect(codeOf(() => signer(options as never)), JSON.stringify(options)).to.equal("option_invalid");
    expect(codeOf(() => signer({ key: "chat", secret: "short" }))).to.equal("secret_too_short");
    expect(codeOf(() => signer({ ...key, secrets: [] } as never))).to.equal("option_unknown");
  });
});
