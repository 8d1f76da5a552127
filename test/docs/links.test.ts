// Each link of a page leads to a file of the repository, and to a heading of that file if it names one.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect } from "chai";
import { Lexer, walkTokens, type Token, type Tokens } from "marked";
import { pages, root } from "./blocks.js";

const examples = join(root, "examples");
const exampleReadmes = existsSync(examples) ? readdirSync(examples).map((name) => `examples/${name}/README.md`).filter((page) => existsSync(join(root, page))) : [];
const linkingPages = [...pages, "CONTRIBUTING.md", "CHANGELOG.md", ...exampleReadmes];

describe("The links of", () => {
  for (const page of linkingPages) {
    it(`${page} lead to files and headings that exist`, () => {
      const broken = linksOf(page).filter((link) => !isExternal(link) && !leadsSomewhere(page, link));
      expect(broken).to.deep.equal([]);
    });
  }

  it("the pages reach every page of docs/ from the README", () => {
    const reached = new Set(["README.md"]);
    for (const page of reached) {
      for (const link of linksOf(page).filter((target) => !isExternal(target))) {
        const target = relative(root, targetOf(page, link).path);
        if (pages.includes(target)) reached.add(target);
      }
    }
    expect(pages.filter((page) => !reached.has(page))).to.deep.equal([]);
  });
});

function linksOf(page: string): string[] {
  const links: string[] = [];
  void walkTokens(new Lexer().lex(readFileSync(join(root, page), "utf8")), (token: Token) => {
    if (token.type === "link" || token.type === "image") links.push((token as Tokens.Link | Tokens.Image).href);
  });
  return links;
}

function isExternal(link: string): boolean {
  return /^[a-z]+:/.test(link);
}

function targetOf(page: string, link: string): { path: string; heading: string | undefined } {
  const [file, heading] = link.split("#");
  return { path: file === "" ? join(root, page) : join(root, dirname(page), file!), heading };
}

function leadsSomewhere(page: string, link: string): boolean {
  const { path, heading } = targetOf(page, link);
  if (!existsSync(path)) return false;
  return heading === undefined || (statSync(path).isFile() && headingsOf(path).has(heading));
}

/** The anchors that GitHub gives the headings of a page. */
function headingsOf(path: string): Set<string> {
  const anchors = new Set<string>();
  for (const token of new Lexer().lex(readFileSync(path, "utf8"))) {
    if (token.type !== "heading") continue;
    const words = (token as Tokens.Heading).text.toLowerCase().replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
    const anchor = words.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
    let unique = anchor;
    for (let again = 1; anchors.has(unique); again += 1) unique = `${anchor}-${again}`;
    anchors.add(unique);
  }
  return anchors;
}
