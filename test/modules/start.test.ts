import { once } from "node:events";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { connectAll, connectAs, disconnected, granted, received } from "./support/chat-client.js";
import { cleanUp, openChat, run, runNode, settingsIn, startFailure, startServer, temporaryFolder, type ChatServer } from "./support/chat-server.js";
import { parseCookie, signInForm } from "./support/form.js";

describe("starting and stopping the chat", () => {
  let folder: string;
  let secret: string;
  const envFile = (): string => join(folder, ".env");
  before(() => { folder = temporaryFolder(); });
  after(cleanUp);

  async function expectCleanStop(server: ChatServer, signal: NodeJS.Signals, transport: "polling" | "websocket"): Promise<void> {
    const alice = await connectAs(server.address, "alice", { transports: [transport] });
    const [bye, end] = [received(alice, "guard:bye"), disconnected(alice)];
    expect(await server.stop(signal)).to.deep.include({ code: 0, signal: null, errors: "" });
    expect(await bye).to.include({ code: "server_closing", reconnect: "later" });
    expect(await end).to.equal("io server disconnect");
  }

  it("creates .env with a new secret, prints the address and the accounts, and tells clients when it stops on SIGTERM", async () => {
    const server = await startServer({}, folder);
    secret = readFileSync(envFile(), "utf8");
    expect(secret).to.match(/^LOCAL_JWT_SECRET=[\w-]{43}$/m);
    expect(statSync(envFile()).mode & 0o777).to.equal(0o600);
    expect(server.output()).to.match(/open at http:\/\/localhost:\d+\n/).and.match(/alice \(member\), bob \(member\), carol \(admin\) with the password wonderland/);
    await expectCleanStop(server, "SIGTERM", "polling");
  });

  it("keeps .env and the users, and stops on SIGINT", async () => {
    const server = await startServer({}, folder);
    expect(readFileSync(envFile(), "utf8")).to.equal(secret);
    expect((await signInForm(server.address, "carol")).headers.get("location")).to.equal("/");
    await expectCleanStop(server, "SIGINT", "websocket");
  });

  it("works with the command of npm start", async () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: { start: string } };
    const server = runNode(scripts.start.replace(/^node /, "").split(" "), settingsIn(folder));
    await server.printed(/open at/);
    server.child.kill("SIGTERM");
    expect(await server.ended).to.deep.include({ code: 0, signal: null, errors: "" });
  });

  it("has only accounts that were added in production", async () => {
    const own = temporaryFolder();
    const added = await run("modules/users/main.ts", ["--id", "dora", "--name", "Dora Maar", "--role", "member"], settingsIn(own, { PASSWORD: "weeping woman" })).ended;
    expect(added).to.deep.include({ code: 0, output: "Dora Maar can sign in as dora.\n", errors: "" });

    const server = await startServer({ NODE_ENV: "production", HOST: "127.0.0.1" }, own);
    expect(server.output()).not.to.match(/alice|wonderland/);
    expect((await signInForm(server.address, "alice")).headers.get("location")).to.equal("/login#wrong");
    expect(parseCookie(await signInForm(server.address, "dora", "weeping woman")).attributes).to.include("secure");
    expect(await server.stop()).to.deep.include({ code: 0, errors: "" });
  });

  it("keeps every message that was answered or received when the process is killed", async () => {
    const own = temporaryFolder();
    const server = await startServer({ LOCAL_JWT_SECRET: "the same secret before and after the kill", MESSAGE_LIMIT: "1000/10s" }, own);
    const [alice, bob] = await connectAll(server.address, "alice", "bob");
    const known = new Set<string>();
    await new Promise<void>((resolve) => {
      const note = (text: string): void => { if (known.add(text).size >= 40) resolve(); };
      bob.on("message", ({ text }) => note(text));
      // The history holds 50 messages. The server is killed while the last ones are on their way.
      for (let index = 0; index < 50; index += 1) void alice.emitWithAck("message", { room: "lobby", text: `number ${index}` }).then((answer) => note(granted(answer).text), () => undefined);
    });
    await server.stop("SIGKILL");

    const again = await openChat({ dataFolder: join(own, "data") });
    const history = granted(await (await connectAs(again.address, "carol")).emitWithAck("history", "lobby"));
    expect(history.map(({ text }) => text)).to.include.members([...known]);
  });
});

// One test for each kind of error. The tests of the modules have the others.
describe("the chat does not start, and says in one sentence what to do,", () => {
  after(cleanUp);

  it("if the secret is missing or short", async () => {
    const [missing, short] = await Promise.all([startFailure({ LOCAL_JWT_SECRET: "" }), startFailure({ LOCAL_JWT_SECRET: "hunter2" })]);
    expect(missing).to.match(/LOCAL_JWT_SECRET is missing\. Put/);
    expect(short).to.match(/LOCAL_JWT_SECRET.*32/).and.not.contain("hunter2");
  });

  it("if the port is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    expect(await startFailure({ PORT: String(port) }).finally(() => other.close())).to.match(new RegExp(`Port ${port} is in use\\. .*PORT=`));
  });

  it("if the database is damaged, which it does not change", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "data", "chat.db");
    mkdirSync(join(folder, "data"));
    writeFileSync(path, "garbage");
    expect(await startFailure({}, folder)).to.match(/chat\.db.*damaged.*was not changed/);
    expect(readFileSync(path, "utf8")).to.equal("garbage");
  });
});
