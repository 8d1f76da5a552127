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
  it("is what package.json says, and is a script that can be run, also when npm has not installed it", async () => {
    const { bin } = JSON.parse(await readFile(new URL("package.json", repository), "utf8")) as { bin: Record<string, string> };
    expect(bin).to.deep.equal({ "socket.io-guard": "dist/cli/main.js" });
    expect((await stat(main)).mode & 0o111).to.equal(0o111);
    expect(await readFile(main, "utf8")).to.match(/^#!\/usr\/bin\/env node\n/);
  });

  it("lists its commands", async () => {
    for (const args of [[], ["--help"], ["-h"]]) {
      const { code, out, err } = await run(args);
      expect([code, err]).to.deep.equal([0, ""]);
      expect(out).to.match(/^socket\.io-guard <command>/).and.to.match(/\n {2}hash {4}makes the hash of a password/);
    }
  });

  it("refuses a command that there is not, in one sentence and with exit code 1", async () => {
    for (const name of ["hsh", "constructor", "__proto__", "--version"]) expect(await run([name])).to.deep.equal({ code: 1, out: "", err: "There is no such command: socket.io-guard knows hash, key, and --help says what they do.\n" });
  });
});

describe("npx socket.io-guard hash", () => {
  it("prints the hash alone of the line that is piped in", async () => {
    for (const [input, password] of [["wonderland", "wonderland"], ["wonderland\n", "wonderland"], ["wonderland\r\n", "wonderland"], [" wönder land \n", " wönder land "], ["x".repeat(1_024), "x".repeat(1_024)]] as const) {
      const { code, out, err } = await run(["hash"], input);
      expect([code, err]).to.deep.equal([0, ""]);
      expect(out).to.match(/^\$argon2id\$\S+\n$/);
      expect(await new PasswordHash(out.trim()).verify(password)).to.equal(true);
    }
  });

  it("refuses no password, several lines and too long a one", async () => {
    for (const [input, sentence] of [["", /No password was given/], ["\n", /No password was given/], ["one\ntwo\n", /has several lines/], ["one\n\n", /has several lines/], ["x".repeat(1_025), /more than 1024 bytes/], ["x".repeat(200_000), /more than 1024 bytes/]] as const) {
      const { code, out, err } = await run(["hash"], input);
      expect([code, out]).to.deep.equal([1, ""]);
      expect(err).to.match(sentence).and.to.match(/^[^\n]+\.\n$/);
    }
  });

  it("takes no password from the command line, and does not repeat it", async () => {
    for (const args of [["hash", "hunter2"], ["hash", "--password", "hunter2"], ["hash", "--password=hunter2"]]) {
      const { code, out, err } = await run(args, "wonderland");
      expect([code, out]).to.deep.equal([1, ""]);
      expect(err).to.match(/^hash takes no arguments/).and.not.to.include("hunter2");
    }
  });

  it("says how it is used", async () => {
    const { code, out } = await run(["hash", "--help"]);
    expect(code).to.equal(0);
    expect(out).to.match(/^socket\.io-guard hash\n\nAsks for a password twice/);
  });
});
