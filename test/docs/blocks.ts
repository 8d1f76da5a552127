// The fenced blocks of code of README.md, SECURITY.md and docs/*.md.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Lexer, walkTokens, type Token } from "marked";

export interface Block {
  /** The page, such as `docs/tokens.md`. */
  readonly page: string;
  /** The line of the page on which the code begins. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

// The tests run from build/, where there are no pages; they are started in the folder of the package.
export const root = process.cwd();

export const pages: readonly string[] = ["README.md", "SECURITY.md", ...readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];

export function blocksOf(page: string): Block[] {
  const source = readFileSync(join(root, page), "utf8");
  const blocks: Block[] = [];
  let position = 0;
  void walkTokens(new Lexer().lex(source), (token: Token) => {
    if (token.type !== "code") return;
    const { lang = "", text } = token as { lang?: string; text: string };
    // The first line of a block is searched, because the lexer removes the indentation of a block in a list.
    position = source.indexOf(text.split("\n")[0]!, source.indexOf("```", position));
    blocks.push({ page, line: source.slice(0, position).split("\n").length, language: lang, text });
    position += text.length;
  });
  return blocks;
}

/** The name of the file that a block is: its first line, such as `// server.mjs` or `# nginx.conf`. */
export function fileNameOf({ text }: Block): string | undefined {
  return /^(?:\/\/|#) ([\w.-]+\.\w+)$/m.exec(text.split("\n")[0]!)?.[1];
}
