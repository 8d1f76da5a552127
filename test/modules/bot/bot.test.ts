import { statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readOptions } from "../../../modules/bot/options.js";
import type { RunningChat } from "../../../modules/server/server.js";
import { StartError } from "../../../modules/start-error.js";
import { closeClients, connect, connectAs, deniedWith, heard } from "../support/chat-client.js";
import { cleanUp, openChat, run, temporaryFolder, type ChatProcess } from "../support/chat-server.js";

describe("the bot", () => {
  let server: RunningChat;
  let store: string;
  const bot = (words: string[], key: string, { address } = server): ChatProcess => run("modules/bot/main.ts", [...words, "--url", address], { ENV_FILE: "/nowhere/.env", BOT_API_KEY: key });
  const makeKeyIn = async (place: string, ...words: string[]): Promise<string> => (await run("lib/cli/main.ts", ["key", "create", "--store", place, "--name", "chat bot", ...words], {}).ended).output.trim();
  const makeKey = (...words: string[]): Promise<string> => makeKeyIn(store, ...words);
  before(async () => {
    const dataFolder = temporaryFolder();
    server = await openChat({ dataFolder });
    store = `file:${join(dataFolder, "chat.db")}`;
  });
  after(async () => {
    closeClients();
    await cleanUp();
  });

  it("posts with a key what it is told, or the lines that it reads", async () => {
    const [alice, key] = await Promise.all([connectAs(server.address, "alice"), makeKey("--subject", "bot", "--scope", "write")]);
    const first = heard(alice, "message");
    expect(await bot(["The build is green."], key).ended).to.deep.include({ code: 0, errors: "" });
    expect(await first).to.deep.include({ author: { id: "bot", name: "Bot" }, text: "The build is green." });

    const last = heard(alice, "message", ({ text }) => text === "line 2");
    const reader = bot([], key);
    reader.child.stdin?.end("line 1\n\nline 2\n");
    await last;
    expect(await reader.ended).to.deep.include({ code: 0, errors: "" });
  });

  it("posts with a key that was made before the chat was ever started", async () => {
    const dataFolder = join(temporaryFolder(), "data");
    const key = await makeKeyIn(`file:${join(dataFolder, "chat.db")}`, "--subject", "bot", "--scope", "write");
    expect([dataFolder, join(dataFolder, "chat.db")].map((path) => statSync(path).mode & 0o777)).to.deep.equal([0o700, 0o600]);
    expect(await bot(["hi"], key, await openChat({ dataFolder })).ended).to.deep.include({ code: 0, errors: "" });
  });

  it("may do no more than its key says, whosever key it is", async () => {
    const key = await makeKey("--subject", "carol");
    const reader = await connect(server.address, { auth: { apiKey: key } });
    expect(await reader.emitWithAck("history")).to.be.an("array");
    expect(deniedWith(await reader.emitWithAck("message", { text: "hi" })).code).to.equal("forbidden");
    expect(deniedWith(await reader.emitWithAck("signOut", "alice")).code).to.equal("forbidden");
    expect(await bot(["hi"], key).ended).to.deep.include({ code: 1, errors: "Not posted: You are not allowed to do this.\n" });
  });

  it("is told what is missing", async () => {
    expect(() => readOptions([], { DATA_DIR: "/srv/chat" })).to.throw(StartError, "key create --store file:/srv/chat/chat.db");
    expect(() => readOptions([], { DATABASE_URL: "postgres://chat:secret@localhost/chat" })).to.throw(StartError, '--store "$DATABASE_URL"');
    expect(() => readOptions(["--loud"], {})).to.throw(StartError, "Say what to post");
    expect(await bot(["hi"], "sig_nonsense").ended).to.deep.include({ code: 1, errors: "The bot is not let in: The API key cannot be read. Check that it was copied completely.\n" });
  });
});
