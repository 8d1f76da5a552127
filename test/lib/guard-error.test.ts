// The codes of GuardError: the type, what lib throws, and docs/errors.md name the same ones.
import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { codes as denialCodes } from "../../lib/protocol.js";

// The tests run from build/, where there are no sources; they are started in the folder of the package.
const read = (...path: string[]) => readFileSync(join(process.cwd(), ...path), "utf8");
const sources = readdirSync(join(process.cwd(), "lib"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts") && name !== "guard-error.ts").map((name) => read("lib", name));
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, found]) => found!);

const declared = all(/export type GuardErrorCode =[^;]*;/.exec(read("lib/guard-error.ts"))![0], /"(\w+)"/g);

describe("The codes of GuardError", () => {
  it("are all in docs/errors.md, with a cause and what to do", () => {
    const rows = read("docs/errors.md").split("\n").filter((line) => /^\| `\w+_/.test(line)).map((line) => line.split(" | "));
    expect(rows.flatMap(([codes]) => all(codes!, /`(\w+)`/g))).to.have.members(declared);
    for (const [codes, cause, remedy, ...more] of rows) {
      expect([cause, remedy], codes).to.satisfy((texts: (string | undefined)[]) => texts.every((text) => text !== undefined && /^.+\.( \|)?$/.test(text)));
      expect(more, codes).to.deep.equal([]);
    }
  });

  it("are all thrown somewhere", () => {
    for (const code of declared) expect(sources.some((source) => source.includes(`"${code}"`)), code).to.equal(true);
  });

  it("are the only ones that docstrings name after @throws", () => {
    const known = new Set([...declared, ...Object.keys(denialCodes)]);
    for (const source of sources) {
      for (const docs of all(source, /(@throws GuardError(?:(?!\*\/|\* @)[^])*)/g)) {
        for (const code of all(docs, /`([a-z]+(?:_[a-z]+)+)`/g)) expect(known, docs).to.include(code);
      }
    }
  });
});
