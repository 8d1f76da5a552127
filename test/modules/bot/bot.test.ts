import { statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readOptions } from "../../../modules/bot/options.js";
import { StartError } from "../../../modules/start-error.js";
import { connect, connectAs, deniedWith, received } from "../support/chat-client.js";
import { cleanUp, openChat, run, temporaryFolder, type ChatProcess } from "../support/chat-server.js";

describe("the bot", () => {
  let address: string;
  let store: string;
  const bot = (args: string[], key: string, url = address): ChatProcess => run("modules/bot/main.ts", [...args, "--url", url], { ENV_FILE: "/nowhere/.env", BOT_API_KEY: key });
  const createKey = async (place: string, ...args: string[]): Promise<string> =>
    (await run("lib/cli/main.ts", ["key", "create", "--store", place, "--name", "chat bot", ...args], {}).ended).output.trim();
  before(async () => {
    const dataFolder = temporaryFolder();
    ({ address } = await openChat({ dataFolder }));
    store = `file:${join(dataFolder, "chat.db")}`;
  });
  after(cleanUp);

  it("posts its argument, or the lines of its standard input", async () => {
    const [alice, key] = await Promise.all([connectAs(address, "alice"), createKey(store, "--subject", "bot", "--scope", "write")]);
    const first = received(alice, "message");
    expect(await bot(["The build is green."], key).ended).to.deep.include({ code: 0, errors: "" });
    expect(await first).to.deep.include({ author: { id: "bot", name: "Bot" }, text: "The build is green." });

    const last = received(alice, "message", ({ text }) => text === "line 2");
    expect(await bot([], key).finish("line 1", "", "line 2")).to.deep.include({ code: 0, errors: "" });
    await last;
  });

  it("can use a key that was created before the first start of the chat", async () => {
    const dataFolder = join(temporaryFolder(), "data");
    const file = join(dataFolder, "chat.db");
    const key = await createKey(`file:${file}`, "--subject", "bot", "--scope", "write");
    expect([dataFolder, file].map((path) => statSync(path).mode & 0o777)).to.deep.equal([0o700, 0o600]);
    expect(await bot(["hi"], key, (await openChat({ dataFolder })).address).ended).to.deep.include({ code: 0, errors: "" });
  });

  it("may only do what the scopes of its key allow, even if the key belongs to an admin", async () => {
    const key = await createKey(store, "--subject", "carol");
    const reader = await connect(address, { auth: { apiKey: key } });
    expect(await reader.emitWithAck("history", "lobby")).to.be.an("array");
    expect(deniedWith(await reader.emitWithAck("message", { room: "lobby", text: "hi" })).code).to.equal("forbidden");
    expect(deniedWith(await reader.emitWithAck("signOut", "alice")).code).to.equal("forbidden");
    expect(await bot(["hi"], key).ended).to.deep.include({ code: 1, errors: "Not posted: You are not allowed to do this.\n" });
  });

  it("says what is missing or wrong", async () => {
    expect(() => readOptions([], { DATA_DIR: "/srv/chat" })).to.throw(StartError, "key create --store file:/srv/chat/chat.db");
    expect(() => readOptions([], { DATABASE_URL: "postgres://chat:secret@localhost/chat" })).to.throw(StartError, '--store "$DATABASE_URL"');
    expect(() => readOptions(["--loud"], {})).to.throw(StartError, "Usage: npm run bot");
    const ending = await bot(["hi"], "sig_nonsense").ended;
    expect(ending.code).to.equal(1);
    expect(ending.errors).to.match(/^The chat refused the bot: The API key /);
  });
});
