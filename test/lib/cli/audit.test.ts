/** `npx socket.io-guard audit`, as a process of its own. */
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { closeEverything } from "../../support/server.js";
import { key, newPath, opened, records, written } from "../audit/jsonl/support.js";

const main = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));

function start(args: readonly string[]) {
  return spawn(process.execPath, [main, "audit", ...args], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, AUDIT_KEY: key, NO_KEY: "" } });
}

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const child = start(args);
  const [code, out, err] = await Promise.all([new Promise<number>((resolve) => child.once("close", resolve)), text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

afterEach(closeEverything);

describe("npx socket.io-guard audit", () => {
  it("verify says what it has verified, and else names the first line that is wrong, with exit code 1", async () => {
    const path = await written(3, { key });
    const { code, out, err } = await run("verify", path, "--key-env", "AUDIT_KEY");
    expect([code, err]).to.deep.equal([0, ""]);
    expect(out).to.match(/^4 lines in 1 file are as they were written\.\nfirst 1, last 4 [\w-]{43}\n$/);
    expect(await run("verify", path)).to.deep.include({ code: 1, out: "", err: `${path}:1: its hash is wrong: it, or the line before it, was changed, or the key is another one. If the log has a \`key\`, give it with --key-env.\n` });
    await writeFile(path, (await readFile(path, "utf8")).replace("number 1", "number 7"));
    expect(await run("verify", path, "--key-env", "AUDIT_KEY")).to.deep.include({ code: 1, err: `${path}:3: its hash is wrong: it, or the line before it, was changed, or the key is another one.\n` });
  });

  it("show prints the records that are asked for, without control characters", async () => {
    const path = await newPath();
    const store = opened(path);
    const now = Date.now();
    await store.write([
      { time: now - 7_200_000, type: "denied", subject: "alice", event: "old", code: "forbidden" },
      { time: now, type: "denied", subject: "alice", event: "ban\u001b[31m\n", code: "forbidden", count: 3, first: now, last: now },
      { time: now, type: "connected", subject: "alice" },
      { time: now, type: "denied", subject: "bob", code: "forbidden" },
    ]);
    await store.close();
    const at = new Date(now).toISOString();
    const shown = await run("show", path, "--subject", "alice", "--since", "1h", "--type", "denied");
    expect(shown).to.deep.equal({ code: 0, err: "", out: `${at} denied forbidden subject=alice event="ban\\u001b[31m\\n" count=3 first=${at} last=${at}\n` });
    expect((await run("show", path)).out.split("\n")).to.have.lengthOf(5);
    expect((await run("show", path, "--since", at.slice(0, 10))).out.split("\n").length).to.be.within(4, 5);
  });

  it("tail goes on with what is added, also in a new file", async () => {
    const path = await newPath();
    const store = opened(path, { maxFileSize: 1_000 });
    await store.write(records(0, 1));
    const child = start(["tail", path]);
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => { out += chunk.toString(); });
    const printed = async (nth: number) => { while (!out.includes(`number ${nth}"`)) await new Promise((resolve) => child.stdout.once("data", resolve)); };
    await printed(0);
    for (const nth of [1, 5, 9, 13]) {
      await store.write(records(nth, nth + 4));
      await printed(nth + 3);
    }
    child.kill();
    expect([...out.matchAll(/number (\d+)"/g)].map(([, nth]) => Number(nth))).to.deep.equal(Array.from({ length: 17 }, (_, nth) => nth));
    expect(await readFile(`${path}.1`, "utf8")).to.include("number 1");
  });

  it("refuses what it does not know in one sentence", async () => {
    const path = await written(1);
    const wrong: readonly (readonly string[])[] = [[], ["verify"], ["prove", path], ["verify", path, path], ["verify", path, "--since", "1h"], ["verify", path, "--key-env", "NO_KEY"], ["show", path, "--since", "soon"], ["verify", `${path}.none`], ["show", `${path}.none`]];
    const answers = await Promise.all(wrong.map((args) => run(...args)));
    for (const { code, out, err } of answers) expect([code, out, err.split("\n").length], err).to.deep.equal([1, "", 2]);
  });
});
