/** The built command line as `npx socket.io-guard` runs it: a process of its own. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { readFile, stat } from "node:fs/promises";
import { expect } from "chai";
import { PasswordHash } from "../../../lib/user-file/password-hash.js";

const repository = new URL("../../../", import.meta.url);
const main = fileURLToPath(new URL("dist/cli/main.js", repository));

async function run(args: readonly string[], input: string | Buffer = ""): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  // It may not read it.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [code, out, err] = await Promise.all([new Promise<number>((resolve) => child.once("close", resolve)), text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

describe("npx socket.io-guard", () => {
  it("is the bin of package.json, and is executable without being installed by npm", async () => {
    const { bin } = JSON.parse(await readFile(new URL("package.json", repository), "utf8")) as { bin: Record<string, string> };
    expect(bin).to.deep.equal({ "socket.io-guard": "dist/cli/main.js" });
    expect((await stat(main)).mode & 0o111).to.equal(0o111);
    expect(await readFile(main, "utf8")).to.match(/^#!\/usr\/bin\/env node\n/);
  });

  it("lists its commands", async () => {
    for (const args of [[], ["--help"], ["-h"]]) {
      const { code, out, err } = await run(args);
      expect([code, err]).to.deep.equal([0, ""]);
      expect(out).to.match(/^socket\.io-guard <command>/).and.to.match(/\n {2}hash {4}hashes a password/);
    }
  });

  it("refuses an unknown command in one sentence, with exit code 1", async () => {
    for (const name of ["hsh", "constructor", "__proto__", "--version"]) expect(await run([name])).to.deep.equal({ code: 1, out: "", err: "There is no such command. The commands are audit, doctor, hash, init, key; `socket.io-guard --help` describes them.\n" });
  });
});

describe("npx socket.io-guard hash", () => {
  it("prints nothing but the hash of a line that is piped in", async () => {
    for (const [input, password] of [["wonderland", "wonderland"], ["wonderland\n", "wonderland"], ["wonderland\r\n", "wonderland"], [" wönder land \n", " wönder land "], ["x".repeat(1_024), "x".repeat(1_024)]] as const) {
      const { code, out, err } = await run(["hash"], input);
      expect([code, err]).to.deep.equal([0, ""]);
      expect(out).to.match(/^\$argon2id\$\S+\n$/);
      expect(await new PasswordHash(out.trim()).verify(password)).to.equal(true);
    }
  });

  it("refuses an empty password, several lines, and a password that is too long", async () => {
    for (const [input, sentence] of [["", /No password was given/], ["\n", /No password was given/], ["one\ntwo\n", /has several lines/], ["one\n\n", /has several lines/], ["x".repeat(1_025), /more than 1024 bytes/], ["x".repeat(200_000), /more than 1024 bytes/]] as const) {
      const { code, out, err } = await run(["hash"], input);
      expect([code, out]).to.deep.equal([1, ""]);
      expect(err).to.match(sentence).and.to.match(/^[^\n]+\.\n$/);
    }
  });

  it("refuses a password on the command line without repeating it", async () => {
    for (const args of [["hash", "hunter2"], ["hash", "--password", "hunter2"], ["hash", "--password=hunter2"]]) {
      const { code, out, err } = await run(args, "wonderland");
      expect([code, out]).to.deep.equal([1, ""]);
      expect(err).to.match(/^hash takes no arguments/).and.not.to.include("hunter2");
    }
  });

  it("describes itself with --help", async () => {
    const { code, out } = await run(["hash", "--help"]);
    expect(code).to.equal(0);
    expect(out).to.match(/^socket\.io-guard hash\n\nAsks for a password twice/);
  });
});
