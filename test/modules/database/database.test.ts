import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import Libsql from "libsql";
import { Messages } from "../../../modules/chat/messages.js";
import { openFile } from "../../../modules/database/file.js";
import { Users } from "../../../modules/users/users.js";
import { cleanUp, startError, temporaryFolder } from "../support/chat-server.js";

const alice = { id: "alice", name: "Alice", role: "member" } as const;
const bob = { id: "bob", name: "Bob", role: "member" } as const;

describe("the chat's database file", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder, "chat.db");
  });
  afterEach(cleanUp);

  /** The file is refused with this message, and not changed. */
  const expectRefused = async (message: RegExp): Promise<void> => {
    const bytes = readFileSync(path);
    expect(await startError(() => openFile(folder))).to.match(message);
    expect(readFileSync(path).equals(bytes)).to.equal(true);
  };

  it("keeps users and messages", async () => {
    const first = await openFile(folder);
    expect(await new Users(first.database).add({ ...alice, password: "wonderland" })).to.equal(true);
    expect(await new Users(first.database).add({ ...alice, password: "looking-glass" })).to.equal(false);
    const stored = await new Messages(first.database).add(alice, "lobby", "Hello");
    await first.close();

    const second = await openFile(folder);
    expect(await new Users(second.database).signIn("alice", "wonderland")).to.deep.equal(alice);
    expect(await new Users(second.database).signIn("alice", "looking-glass")).to.equal(null);
    expect(await new Messages(second.database).history("lobby")).to.deep.equal([stored]);
    await second.close();
  });

  it("is opened if an earlier version wrote it, which had no direct messages and no rooms", async () => {
    const first = await openFile(folder);
    await new Users(first.database).add({ ...alice, password: "wonderland" });
    const stored = await new Messages(first.database).add(alice, "lobby", "Hello");
    await first.database.schema.dropIndex("messages_by_room").execute();
    for (const column of ["recipient", "room"]) await first.database.schema.alterTable("messages").dropColumn(column).execute();
    await first.close();

    const { database, close } = await openFile(folder);
    const direct = await new Messages(database).addDirect(alice, alice, "A note");
    expect(await new Messages(database).direct("alice")).to.deep.equal([direct]);
    expect(await new Messages(database).direct("bob")).to.deep.equal([]);
    expect(await new Messages(database).history("lobby")).to.deep.equal([stored]);
    await close();
  });

  it("is opened if an earlier version wrote it, which had direct messages without a room", async () => {
    const first = await openFile(folder);
    for (const user of [alice, bob]) await new Users(first.database).add({ ...user, password: "wonderland" });
    const sent = [await new Messages(first.database).addDirect(alice, bob, "Psst"), await new Messages(first.database).addDirect(bob, alice, "Yes?")];
    await first.database.schema.dropIndex("messages_by_room").execute();
    await first.database.schema.alterTable("messages").dropColumn("room").execute();
    await first.close();

    const { database, close } = await openFile(folder);
    expect(await new Messages(database).history("private-direct-alice.bob")).to.deep.equal(sent);
    expect(await new Messages(database).history("lobby")).to.deep.equal([]);
    await close();
  });

  it("stores messages in the order in which they were sent", async () => {
    const { database, close } = await openFile(folder);
    await new Users(database).add({ ...alice, password: "wonderland" });
    const messages = new Messages(database);
    const numbers = Array.from({ length: 100 }, (_, index) => index + 1);
    const stored = await Promise.all(numbers.map((number) => messages.add(alice, "lobby", String(number))));
    expect(stored.map(({ id }) => id)).to.deep.equal(numbers);
    await close();
  });

  for (const bytes of ["garbage", "garbage ".repeat(4_000)]) {
    it(`is refused and not changed if it consists of ${bytes.length} other bytes`, async () => {
      writeFileSync(path, bytes);
      await expectRefused(/chat\.db cannot be opened or is damaged.*was not changed\. Restore a copy/);
    });
  }

  it("is refused and not changed if a part of it was overwritten", async () => {
    await (await openFile(folder)).close();
    writeFileSync(path, readFileSync(path).fill(0x58, 4_096));
    await expectRefused(/damaged/);
  });

  for (const [origin, statements] of [
    ["another program", "CREATE TABLE songs (title TEXT)"],
    ["another program that uses the guard", "CREATE TABLE guard_api_keys (id TEXT PRIMARY KEY); CREATE TABLE songs (title TEXT)"],
    ["another version", "CREATE TABLE guard_api_keys (id TEXT PRIMARY KEY); PRAGMA user_version = 2"],
  ] as const) {
    it(`is refused and not changed if it belongs to ${origin}`, async () => {
      const other = new Libsql(path);
      other.exec(statements);
      other.close();
      await expectRefused(/another version of the chat or to another program\. Set DATA_DIR/);
    });
  }

  it("is refused if it is a folder, or if its folder cannot be created", async () => {
    mkdirSync(path);
    expect(await startError(() => openFile(folder))).to.match(/chat\.db cannot be opened/);
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(await startError(() => openFile(join(file, "data")))).to.match(/cannot be created \(ENOTDIR\)\. Check DATA_DIR/);
  });
});
