// The text of events.ts. command.test.ts runs it, and compiles it with the server.
import { expect } from "chai";
import { describe, it } from "mocha";
import ts from "typescript";
import { rulesFile } from "../../../../lib/cli/init/rules-file.js";

describe("The file that init writes", () => {
  for (const namespace of ["/^\\/room-.*/", '"/a*/ process.exit(); /*"']) {
    it(`is not broken by a namespace whose text ends a comment: ${namespace}`, () => {
      const text = rulesFile([{ events: ["message"], namespaces: [namespace], place: "src/server.ts:1", payload: {} }], { name: "events.ts", isCommonJs: false });
      const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true });
      expect(diagnostics).to.deep.equal([]);
      expect(ts.createSourceFile("events.ts", text, ts.ScriptTarget.ESNext).statements).to.have.lengthOf(4);
    });
  }
});
