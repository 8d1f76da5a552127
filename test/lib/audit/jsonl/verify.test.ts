import { copyFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { verify } from "../../../../lib/audit/jsonl/verify.js";
import { draws, randomFrom, seed } from "../../../support/draws.js";
import { closeEverything } from "../../../support/server.js";
import { key, opened, records, written } from "./support.js";

afterEach(closeEverything);

/** What is found after a change of the file's text. The text is then as it was. */
async function foundAfter(path: string, change: (text: string) => string, withKey?: string): Promise<string | undefined> {
  const text = await readFile(path, "latin1");
  await writeFile(path, change(text), "latin1");
  const { flaw } = await verify(path, withKey);
  await writeFile(path, text, "latin1");
  return flaw && `${flaw.line}: ${flaw.problem}`;
}

const lines = (text: string) => text.split("\n").slice(0, -1);
const joined = (all: readonly string[]) => all.map((line) => `${line}\n`).join("");

describe("The verification of audit files", () => {
  it("accepts what was written, with a key and without", async () => {
    const plain = await verify(await written(12));
    expect(plain).to.deep.include({ flaw: undefined, notes: [], files: 1, lines: 13, firstSeq: 1 });
    expect(plain.last.seq).to.equal(13);
    const path = await written(12, { key });
    expect((await verify(path, key)).flaw).to.equal(undefined);
    expect((await verify(path)).flaw?.problem).to.include("hash is wrong");
    expect((await verify(path, `${key}.`)).flaw?.line).to.equal(1);
  });

  it("finds every change of a single byte", async () => {
    const path = await written(8, { key });
    const { length } = await readFile(path);
    const random = randomFrom(seed());
    for (let draw = 0; draw < draws(6_000); draw += 1) {
      const [at, by] = [Math.floor(random() * length), 1 + Math.floor(random() * 255)];
      const line = 1 + lines((await readFile(path, "latin1")).slice(0, at) + "\n").length - 1;
      const found = await foundAfter(path, (text) => text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ by) + text.slice(at + 1), key);
      expect(Number(found?.split(":")[0]), `byte ${at} xor ${by}: ${found}`).to.be.within(line, line + 1);
    }
  });

  it("finds every line that was removed, doubled, exchanged or added", async () => {
    const path = await written(8);
    const random = randomFrom(seed());
    for (let draw = 0; draw < draws(2_000); draw += 1) {
      const one = Math.floor(random() * 9);
      const other = (one + 1 + Math.floor(random() * 8)) % 9;
      const changes: readonly [string, (all: string[]) => string[]][] = [
        ["removed", (all) => all.toSpliced(one, 1)],
        ["cut off", (all) => all.slice(0, one)],
        ["doubled", (all) => all.toSpliced(one, 0, all[one]!)],
        ["copied", (all) => all.toSpliced(other, 0, all[one]!)],
        ["exchanged", (all) => all.map((line, nth) => (nth === one ? all[other]! : nth === other ? all[one]! : line))],
        ["added", (all) => all.toSpliced(one, 0, '{"time":1,"type":"action"}')],
      ];
      const [what, change] = changes[draw % changes.length]!;
      let first = 0;
      const found = await foundAfter(path, (text) => {
        const [before, after] = [lines(text), change(lines(text))];
        while (before[first] === after[first]) first += 1;
        return joined(after);
      });
      expect(Number(found?.split(":")[0]), `line ${one + 1} ${what} (${other + 1}): ${found}`).to.equal(first + 1);
    }
  });

  it("finds out that lines at the end are missing by the head file, and that the head file is missing", async () => {
    const path = await written(8);
    expect(await foundAfter(path, (text) => joined(lines(text).slice(0, -2)))).to.equal("8: 2 lines are missing at the end");
    expect(await foundAfter(path, (text) => text.slice(0, -40))).to.equal("9: 1 line is missing at the end");
    await rm(`${path}.head`);
    expect((await verify(path)).flaw).to.deep.equal({ path, line: 10, problem: "the head file is missing, cannot be read or was not made with the key, so that lines may be missing at the end" });
  });

  it("finds out that lines at the end are missing if the head file was made anew without the key, also after a process has gone on", async () => {
    const path = await written(8, { key });
    const kept = lines(await readFile(path, "utf8")).slice(0, -2);
    const { seq, hash } = JSON.parse(kept.at(-1)!) as { seq: number; hash: string };
    await writeFile(path, joined(kept));
    await writeFile(`${path}.head`, `${JSON.stringify({ seq, hash, file: 1, seal: hash })}\n`);
    expect((await verify(path, key)).flaw?.problem).to.include("was not made with the key");
    const store = opened(path, { key });
    await store.write(records(8, 9));
    await store.close();
    expect((await verify(path, key)).flaw).to.deep.include({ path, line: 8 });
  });

  it("finds out that lines and the head file were removed while no process wrote", async () => {
    for (const options of [{}, { key }, { maxFileSize: 1_000 }]) {
      const path = await written(8, options);
      await rm(`${path}.head`);
      const store = opened(path, options);
      await store.write(records(8, 9));
      await store.close();
      expect((await verify(path, "key" in options ? key : undefined)).flaw?.problem).to.include("the head file was missing");
    }
  });

  it("does not take an unfinished last line for a change, but tells of it", async () => {
    const path = await written(8);
    await writeFile(path, `${await readFile(path, "utf8")}{"seq":10,"time":17`);
    const { flaw, notes } = await verify(path);
    expect([flaw, notes]).to.deep.equal([undefined, ["The last line is unfinished (19 bytes): the process was stopped while it wrote. The next process that writes the file cuts it off."]]);
    const store = opened(path);
    await store.write(records(8, 9));
    await store.close();
    expect((await verify(path)).notes).to.deep.equal([`Line 10 of ${path}: a process was stopped while it wrote, and 19 bytes of an unfinished line were cut off.`]);
  });

  it("finds out that lines were removed while no process wrote, also after one has gone on", async () => {
    const path = await written(8);
    const text = await readFile(path, "utf8");
    await writeFile(path, joined(lines(text).slice(0, -2)));
    const store = opened(path);
    await store.write(records(8, 10));
    await store.close();
    expect((await verify(path)).flaw).to.deep.equal({ path, line: 8, problem: "when the file was opened here, it was not as it had been left: 9 lines had been written before" });
  });

  it("finds files that are missing, exchanged or cut among those that were rotated", async () => {
    const path = await written(60, { maxFileSize: 1_000, maxFiles: 4 });
    const { flaw, notes, files, firstSeq } = await verify(path);
    expect([flaw, files]).to.deep.equal([undefined, 4]);
    expect(notes).to.deep.equal([`The log begins with line ${firstSeq}: earlier files were removed because of \`maxFiles\`.`]);
    const numbers = Array.from({ length: 60 }, (_, nth) => nth);
    const [one, two, three] = await Promise.all(numbers.map(async (nth) => await readFile(`${path}.${nth}`).then(() => nth, () => 0))).then((all) => all.filter((nth) => nth > 0)) as [number, number, number];
    const without = async (name: string) => {
      await rename(name, `${path}-aside`);
      const { flaw: found } = await verify(path);
      await rename(`${path}-aside`, name);
      return found?.problem;
    };
    expect(await without(`${path}.${one}`)).to.equal(`the earlier files ${one} to ${one} are missing, and were not removed by jsonlAudit()`);
    expect(await without(`${path}.${two}`)).to.equal(`file ${two} is missing, or files were exchanged`);
    expect(await without(path)).to.match(/^\d+ lines? (is|are) missing at the end$/);
    const last = await readFile(`${path}.${three}`, "utf8");
    await writeFile(`${path}.${three}`, joined(lines(last).slice(0, -1)));
    expect((await verify(path)).flaw).to.deep.include({ path, line: 1 });
    await writeFile(`${path}.${three}`, last);
    expect((await verify(path)).flaw).to.equal(undefined);
    await copyFile(`${path}.${two}`, `${path}.${three}`);
    expect((await verify(path)).flaw?.problem).to.equal(`this is file ${two}, under the name of file ${three}`);
  });
});
