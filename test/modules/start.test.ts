import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { closeClients, connectAs, disconnected, heard } from "./support/chat-client.js";
import { cleanUp, run, runNode, settingsIn, startServer, temporaryFolder, type ChatServer } from "./support/chat-server.js";
import { cookieOf, signInForm } from "./support/form.js";

describe("the chat starts and stops", () => {
  let folder: string;
  let envFile: string;
  let secret: string;
  before(() => {
    folder = temporaryFolder();
    envFile = join(folder, ".env");
  });
  after(async () => {
    closeClients();
    await cleanUp();
  });

  /** Clients are told to come back later, and the exit code is 0. */
  async function stopsCleanly(server: ChatServer, signal: NodeJS.Signals): Promise<void> {
    const alice = await connectAs(server.address, "alice");
    const bye = heard(alice, "guard:bye");
    const gone = disconnected(alice);
    expect(await server.stop(signal)).to.deep.include({ code: 0, signal: null, errors: "" });
    expect(await bye).to.deep.include({ code: "server_closing", reconnect: "later" });
    await gone;
  }

  it("makes .env with a fresh secret, says where it is open and to whom, and stops on SIGTERM", async () => {
    const server = await startServer({}, folder);
    secret = readFileSync(envFile, "utf8");
    expect(secret).to.match(/^LOCAL_JWT_SECRET=[\w-]{43}$/m);
    expect(statSync(envFile).mode & 0o777).to.equal(0o600);
    expect(server.output()).to.match(/open at http:\/\/localhost:\d+\n/).and.match(/alice \(member\), bob \(member\), carol \(admin\) with the password wonderland/);
    await stopsCleanly(server, "SIGTERM");
  });

  it("starts as npm start starts it, from TypeScript", async () => {
    const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: { start: string } };
    const server = runNode(scripts.start.replace(/^node /, "").split(" "), settingsIn(folder));
    await server.printed(/open at/);
    server.child.kill("SIGTERM");
    expect(await server.ended).to.deep.include({ code: 0, signal: null, errors: "" });
  });

  it("keeps its .env and its users from then on, and stops on SIGINT", async () => {
    const server = await startServer({}, folder);
    expect(readFileSync(envFile, "utf8")).to.equal(secret);
    expect((await signInForm(server.address, "carol", "wonderland")).headers.get("location")).to.equal("/");
    await stopsCleanly(server, "SIGINT");
  });

  it("has no accounts in production but those that were added", async () => {
    const own = temporaryFolder();
    const added = await run("modules/users/main.ts", ["--id", "dora", "--name", "Dora Maar", "--role", "member"], settingsIn(own, { PASSWORD: "weeping woman" })).ended;
    expect(added).to.deep.include({ code: 0, output: "Dora Maar can sign in as dora.\n", errors: "" });

    const server = await startServer({ NODE_ENV: "production", HOST: "127.0.0.1" }, own);
    expect(server.output()).not.to.match(/alice|wonderland/);
    expect((await signInForm(server.address, "alice", "wonderland")).headers.get("location")).to.equal("/login#wrong");
    const response = await signInForm(server.address, "dora", "weeping woman");
    expect(cookieOf(response).attributes).to.include("secure");
    expect(await server.stop()).to.deep.include({ code: 0, errors: "" });
  });
});
