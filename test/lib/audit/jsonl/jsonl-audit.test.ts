import { mkdir, readFile, readdir, rename, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { spawn } from "node:child_process";
import { hostname } from "node:os";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { jsonlAudit } from "../../../../lib/audit/index.js";
import { verify } from "../../../../lib/audit/jsonl/verify.js";
import { draws } from "../../../support/draws.js";
import { execArgv, program } from "../../../support/programs.js";
import { closeEverything } from "../../../support/server.js";
import { actionsIn, key, newPath, opened, records, written } from "./support.js";

afterEach(closeEverything);

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return "done";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

/** Kills a process that writes to this file, once it has written at least so many records. Returns how many it said it had written. */
async function killedWriter(path: string, least: number): Promise<number> {
  const child = spawn(process.execPath, [...execArgv, program("test/lib/audit/jsonl/writer.ts"), path], { stdio: ["ignore", "pipe", "inherit"] });
  // It prints after each write how many records are written.
  let done = 0;
  child.stdout.on("data", (chunk: Buffer) => { done = Math.max(done, ...chunk.toString().split("\n").map(Number)); });
  const closed = once(child, "close");
  while (done < least && child.exitCode === null) await Promise.race([once(child.stdout, "data"), closed]);
  child.kill("SIGKILL");
  await closed;
  expect(child.signalCode).to.equal("SIGKILL");
  return done;
}

describe("jsonlAudit()", () => {
  it("writes each record as a line of JSON with a number and a hash, for its owner alone", async () => {
    const path = await written(2, { sync: "always" });
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n").map((line) => JSON.parse(line) as { hash: string });
    expect(lines.map(({ hash, ...rest }) => rest)).to.deep.equal([
      { seq: 1, time: (lines[0] as unknown as { time: number }).time, type: "file", file: 1, oldest: 1, previous: "A".repeat(43) },
      ...records(0, 2).map((record, nth) => ({ seq: nth + 2, ...record })),
    ]);
    for (const name of [path, `${path}.head`]) expect((await stat(name)).mode & 0o777).to.equal(0o600);
    expect(await readdir(dirname(path))).to.have.members(["audit.jsonl", "audit.jsonl.head"]);
  });

  it("continues its chain after a restart, and over rotated files, of which it keeps the newest", async () => {
    const path = await newPath();
    for (let from = 0; from < 100; from += 10) {
      const store = opened(path, { key, maxFileSize: 2_000, maxFiles: 3 });
      await store.write(records(from, from + 10));
      await store.close();
    }
    const { flaw, files } = await verify(path, key);
    expect([flaw, files]).to.deep.equal([undefined, 3]);
    const kept = await actionsIn(path);
    expect(kept).to.deep.equal(records(100 - kept.length, 100).map(({ action }) => action));
    expect(kept.length).to.be.within(10, 60);
  });

  it("goes on in a new file if its own was moved away, and tells if it was removed or cut", async () => {
    const path = await newPath();
    const store = opened(path);
    await store.write(records(0, 3));
    await rename(path, `${path}.1`);
    await store.write(records(3, 6));
    expect((await verify(path)).flaw).to.equal(undefined);
    expect(await actionsIn(path)).to.have.lengthOf(6);
    await truncate(path, 300);
    await store.write(records(6, 9));
    expect((await verify(path)).flaw?.problem).to.include("it was not as it had been left");
    await rm(path);
    await store.write(records(9, 12));
    expect((await actionsIn(path)).slice(-3)).to.deep.equal(["number 9", "number 10", "number 11"]);
    expect((await verify(path)).flaw?.problem).to.be.a("string");
  });

  it("rejects while the file cannot be written, and goes on when it can", async () => {
    const path = await newPath();
    const store = opened(path);
    await store.write(records(0, 3));
    const folder = dirname(path);
    await rename(folder, `${folder}-away`);
    expect(await store.write(records(3, 6)).then(() => "written", ({ code }: { code: string }) => code)).to.equal("ENOENT");
    await rename(`${folder}-away`, folder);
    await store.write(records(3, 6));
    expect((await verify(path)).flaw).to.equal(undefined);
    expect(await actionsIn(path)).to.have.lengthOf(6);
  });

  it("does not start if the disk is full, or if the path cannot be a file", async () => {
    const path = await newPath();
    await symlink("/dev/full", path);
    expect(codeOf(() => opened(path))).to.equal("audit_file_unusable");
    await mkdir(join(dirname(path), "folder"));
    expect(codeOf(() => opened(join(dirname(path), "folder")))).to.equal("audit_file_unusable");
    await rm(path);
    expect(codeOf(() => opened(path)), "nothing stays locked").to.equal("done");
  });

  it("refuses a file that another process writes, and takes over the lock of one that was killed", async () => {
    const path = await newPath();
    const first = opened(path);
    expect(codeOf(() => opened(path))).to.equal("audit_file_locked");
    await first.close();
    const child = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"]);
    await once(child, "spawn");
    await writeFile(`${path}.lock`, `${hostname()}\n${child.pid}\n`);
    expect(codeOf(() => opened(path))).to.equal("audit_file_locked");
    child.kill("SIGKILL");
    await once(child, "exit");
    const second = opened(path);
    await second.close();
    await writeFile(`${path}.lock`, `another-host\n1\n`);
    expect(codeOf(() => opened(path))).to.equal("audit_file_locked");
    await utimes(`${path}.lock`, 0, 0);
    expect(codeOf(() => opened(path))).to.equal("done");
  });

  for (let log = 1; log <= draws(40); log += 1) {
    it(`leaves a chain that continues and verifies when its process is killed five times while it writes: log ${log}`, async () => {
      const path = await newPath();
      let before = 0;
      for (let nth = 0; nth < 5; nth += 1) {
        const done = await killedWriter(path, log + 10 * nth);
        const { flaw, lines } = await verify(path, key);
        expect(flaw).to.equal(undefined);
        expect(lines - before).to.be.at.least(done);
        before = lines;
      }
      const store = opened(path, { key, maxFileSize: 20_000, maxFiles: 10_000 });
      await store.write(records(0, 1));
      await store.close();
      expect((await verify(path, key)).flaw).to.equal(undefined);
    });
  }

  it("needs options that are right, and does not take a missing key for none", async () => {
    const path = await newPath();
    const wrong: readonly [object, string][] = [
      [{ path: undefined }, "option_missing"], [{ path: "" }, "option_invalid"], [{ sync: "sometimes" }, "option_invalid"], [{ maxFiles: 1 }, "option_invalid"], [{ maxFileSize: 10 }, "option_invalid"],
      [{ key: "short" }, "secret_too_short"], [{ key: undefined }, "option_undefined"], [{ key: 7 }, "option_invalid"], [{ file: "x" }, "option_unknown"],
    ];
    for (const [given, code] of wrong) expect(codeOf(() => jsonlAudit({ path, ...given })), JSON.stringify(given)).to.equal(code);
  });
});
