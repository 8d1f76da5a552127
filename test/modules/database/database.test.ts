import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import Libsql from "libsql";
import { Messages } from "../../../modules/chat/messages.js";
import { openFile } from "../../../modules/database/file.js";
import { StartError } from "../../../modules/start-error.js";
import { Users } from "../../../modules/users/users.js";

describe("the chat's database", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "socket.io-guard-database-"));
    path = join(folder, "chat.db");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const refused = async (sentence: RegExp): Promise<void> => {
    const error = await openFile(folder).then(() => undefined, (reason: unknown) => reason);
    expect(error).to.be.instanceOf(StartError).with.property("message").that.matches(sentence);
  };

  it("keeps users and messages", async () => {
    const { database: first, close: closeFirst } = await openFile(folder);
    const alice = { id: "alice", name: "Alice", role: "member" } as const;
    expect(await new Users(first).add({ ...alice, password: "wonderland" })).to.equal(true);
    expect(await new Users(first).add({ ...alice, password: "looking-glass" })).to.equal(false);
    const stored = await new Messages(first).add(alice, "Hello");
    await closeFirst();

    const { database: second, close: closeSecond } = await openFile(folder);
    expect(await new Users(second).signIn("alice", "wonderland")).to.deep.equal(alice);
    expect(await new Users(second).signIn("alice", "looking-glass")).to.equal(null);
    expect(await new Messages(second).history()).to.deep.equal([stored]);
    await closeSecond();
  });

  it("stores messages in the order in which they were said", async () => {
    const { database, close } = await openFile(folder);
    const users = new Users(database);
    const alice = { id: "alice", name: "Alice", role: "member" } as const;
    await users.add({ ...alice, password: "wonderland" });
    const messages = new Messages(database);
    const said = Array.from({ length: 100 }, (_, index) => index);
    const stored = await Promise.all(said.map((index) => messages.add(alice, String(index))));
    expect(stored.map(({ id }) => id)).to.deep.equal(said.map((index) => index + 1));
    await close();
  });

  for (const [name, bytes] of [["a few bytes", "garbage"], ["many bytes", "garbage ".repeat(4_000)]] as const) {
    it(`is not opened and not touched if it is ${name} of something else`, async () => {
      writeFileSync(path, bytes);
      await refused(/chat\.db cannot be opened or is damaged.*left as it was: put back a copy/);
      expect(readFileSync(path, "utf8")).to.equal(bytes);
    });
  }

  it("is not opened and not touched if its middle was written over", async () => {
    await (await openFile(folder)).close();
    const bytes = readFileSync(path).fill(0x58, 4_096);
    writeFileSync(path, bytes);
    await refused(/damaged/);
    expect(readFileSync(path).equals(bytes)).to.equal(true);
  });

  const others = [
    ["another program", "CREATE TABLE songs (title TEXT)"],
    ["another program with a guard of its own", "CREATE TABLE guard_api_keys (id TEXT PRIMARY KEY); CREATE TABLE songs (title TEXT)"],
    ["another version", "CREATE TABLE guard_api_keys (id TEXT PRIMARY KEY); PRAGMA user_version = 2"],
  ] as const;
  for (const [whose, statements] of others) {
    it(`is not opened and not touched if ${whose} wrote it`, async () => {
      const other = new Libsql(path);
      other.exec(statements);
      other.close();
      const bytes = readFileSync(path);
      await refused(/another version of the chat or another program: set DATA_DIR/);
      expect(readFileSync(path).equals(bytes)).to.equal(true);
    });
  }

  it("is not opened if it is a folder, or its own folder cannot be made", async () => {
    mkdirSync(path);
    await refused(/chat\.db cannot be opened/);
    const file = join(folder, "file");
    writeFileSync(file, "");
    const error = await openFile(join(file, "data")).then(() => undefined, (reason: unknown) => reason);
    expect(error).to.be.instanceOf(StartError).with.property("message").that.matches(/cannot be made \(ENOTDIR\): check DATA_DIR/);
  });
});
