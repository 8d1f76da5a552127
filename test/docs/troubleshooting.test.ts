// docs/troubleshooting.md explains each denial code, and shows the sentence that users see.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { codes } from "../../lib/protocol.js";
import { root } from "./blocks.js";

describe("docs/troubleshooting.md", () => {
  const page = readFileSync(join(root, "docs/troubleshooting.md"), "utf8");
  const explained = new Map(page.split(/^### /m).slice(1).map((section) => [section.slice(0, section.indexOf("\n")), section]));

  it("explains each denial code, and no others", () => {
    expect([...explained.keys()]).to.have.members(Object.keys(codes));
  });

  for (const [code, { message }] of Object.entries(codes)) {
    it(`says what the user sees of ${code}, why, and what to do`, () => {
      const [, , sees, why, remedy] = explained.get(code)!.split("\n");
      expect(sees).to.equal(`- The user sees: "${message}"`);
      expect(why).to.match(/^- Why: .+\.$/);
      expect(remedy).to.match(/^- What to do: .+\.$/);
    });
  }
});
