import { expect } from "chai";
import { Messages } from "../../../modules/chat/messages.js";
import { openDatabase } from "../../../modules/database/database.js";
import { Users } from "../../../modules/users/users.js";
import { freePort } from "../../support/real-server.js";
import { startPostgres, type Postgres } from "../../support/postgres.js";
import { closeClients, connectAs, disconnected, granted, heard } from "../support/chat-client.js";
import { cleanUp, openChat, refusal, run, temporaryFolder } from "../support/chat-server.js";
import { cookieOf, post, signInForm } from "../support/form.js";

describe("the chat on Postgres", function () {
  this.timeout(60_000);
  const secret = "the same secret on every node and after a restart";
  let postgres: Postgres;
  before(async () => { postgres = await startPostgres(); });
  afterEach(async () => {
    closeClients();
    await cleanUp();
  });
  after(() => postgres.close());

  it("makes its tables, also when several nodes start at once, and keeps users and messages", async () => {
    const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase({ databaseUrl: postgres.url, dataFolder: "/nowhere" })));
    const { database } = opened[0]!;
    const dora = { id: "dora", name: "Dora", role: "member" } as const;
    expect(await Promise.all(opened.map((one) => new Users(one.database).add({ ...dora, password: "wonderland" })))).to.have.members([true, false, false, false]);
    expect(await new Users(database).signIn("dora", "wonderland")).to.deep.equal(dora);
    expect((await new Users(database).profile("dora"))?.memberSince).to.be.closeTo(Date.now(), 60_000);
    const stored = await new Messages(database).add(dora, "Hello");
    expect(await new Messages(opened[1]!.database).history()).to.deep.equal([stored]);
    await Promise.all(opened.map(({ close }) => close()));
  });

  it("messages and sign-outs survive a restart", async () => {
    const first = await openChat({ secret, databaseUrl: postgres.url });
    const alice = await connectAs(first.address, "alice");
    const said = granted(await alice.emitWithAck("message", { text: "Are you there?" }));
    const { pair: cookie } = cookieOf(await signInForm(first.address, "bob", "wonderland"));
    await post(`${first.address}/logout`, {}, { cookie });
    await first.stop();

    const again = await openChat({ secret, databaseUrl: postgres.url });
    const carol = await connectAs(again.address, "carol");
    expect(granted(await carol.emitWithAck("history")).at(-1)).to.deep.equal(said);
    expect((await post(`${again.address}/token`, {}, { cookie })).status).to.equal(401);
  });

  it("two servers that share it are one chat: words, presence and sign-outs reach the other", async () => {
    const [here, there] = await Promise.all([openChat({ secret, databaseUrl: postgres.url }), openChat({ secret, databaseUrl: postgres.url })]);
    const alice = await connectAs(here.address, "alice");
    const both = heard(alice, "present", (users) => users.length === 2);
    const bob = await connectAs(there.address, "bob");
    await both;
    const answer = heard(alice, "message");
    // More than a notification of Postgres takes.
    const long = "\u{1F600}".repeat(1_000) + "\u0001";
    await bob.emitWithAck("message", { text: long });
    expect((await answer).text).to.equal(long);

    const bye = heard(bob, "guard:bye");
    const gone = disconnected(bob);
    const alone = heard(alice, "present", (users) => users.length === 1);
    const carol = await connectAs(here.address, "carol");
    expect(await carol.emitWithAck("signOut", "bob")).to.equal(true);
    expect(await bye).to.deep.include({ code: "token_revoked" });
    await gone;
    carol.disconnect();
    await alone;
  });

  it("does not start where it cannot be reached, and says so without the password", async () => {
    const port = await freePort();
    const [nothing, nobody] = await Promise.all([
      refusal({ DATABASE_URL: `postgres://guard:wonderland@127.0.0.1:${port}/chat` }),
      refusal({ DATABASE_URL: postgres.url.replace(/postgres$/, "nowhere") }),
    ]);
    expect(nothing).to.match(new RegExp(`127\\.0\\.0\\.1:${port}/chat, cannot be used \\(ECONNREFUSED\\): check`)).and.not.contain("wonderland");
    expect(nobody).to.match(/\/nowhere, cannot be used \(3D000\): check/);
  });

  it("gets users from the command line", async () => {
    const words = ["--id", "erin", "--name", "Erin", "--role", "admin"];
    const added = await run("modules/users/main.ts", words, { DATABASE_URL: postgres.url, DATA_DIR: temporaryFolder(), ENV_FILE: "/nowhere/.env", PASSWORD: "wonderland" }).ended;
    expect(added).to.deep.include({ code: 0, output: "Erin can sign in as erin.\n", errors: "" });
    const chat = await openChat({ secret, databaseUrl: postgres.url });
    expect((await connectAs(chat.address, "erin")).connected).to.equal(true);
  });
});
