import { expect } from "chai";
import { sql } from "kysely";
import { Messages } from "../../../modules/chat/messages.js";
import { openDatabase } from "../../../modules/database/database.js";
import { Users } from "../../../modules/users/users.js";
import { freePort } from "../../support/ports.js";
import { startPostgres, type Postgres } from "../../support/postgres.js";
import { connectAs, disconnected, granted, online, received } from "../support/chat-client.js";
import { cleanUp, openChat, run, startFailure, temporaryFolder } from "../support/chat-server.js";
import { cookieOf, post, signOut } from "../support/form.js";

describe("the chat on Postgres", () => {
  let postgres: Postgres;
  const openNode = () => openChat({ secret: "the same secret on every node and after a restart", databaseUrl: postgres.url });
  before(async () => { postgres = await startPostgres(); });
  afterEach(cleanUp);
  after(() => postgres.close());

  it("keeps the audit log there, with the actor of what an admin does", async () => {
    const node = await openNode();
    const [carol] = [await connectAs(node.address, "carol"), await connectAs(node.address, "bob")];
    granted(await carol.emitWithAck("signOut", "bob"));
    await node.stop();
    const { database, close } = await openDatabase({ databaseUrl: postgres.url, dataFolder: "/nowhere" });
    const { rows } = await sql<{ type: string }>`select type from guard_audit where actor = 'carol' and subject = 'bob'`.execute(database);
    expect(rows).to.deep.equal([{ type: "revoked" }]);
    await close();
  });

  it("creates its tables, even if several nodes start at once, and keeps users and messages", async () => {
    const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase({ databaseUrl: postgres.url, dataFolder: "/nowhere" })));
    const { database } = opened[0]!;
    const dora = { id: "dora", name: "Dora", role: "member" } as const;
    expect(await Promise.all(opened.map((one) => new Users(one.database).add({ ...dora, password: "wonderland" })))).to.have.members([true, false, false, false]);
    expect(await new Users(database).signIn("dora", "wonderland")).to.deep.equal(dora);
    expect((await new Users(database).profile("dora"))?.memberSince).to.be.closeTo(Date.now(), 60_000);
    const stored = await new Messages(database).add(dora, "lobby", "Hello");
    expect(await new Messages(opened[1]!.database).history("lobby")).to.deep.equal([stored]);
    await Promise.all(opened.map(({ close }) => close()));
  });

  it("keeps messages and sign-outs over a restart", async () => {
    const first = await openNode();
    const said = granted(await (await connectAs(first.address, "alice")).emitWithAck("message", { room: "lobby", text: "Are you there?" }));
    const cookie = await cookieOf(first.address, "bob");
    await signOut(first.address, cookie);
    await first.stop();

    const again = await openNode();
    expect(granted(await (await connectAs(again.address, "carol")).emitWithAck("history", "lobby")).at(-1)).to.deep.equal(said);
    expect((await post(`${again.address}/token`, {}, { cookie })).status).to.equal(401);
  });

  it("keeps direct messages for their two users, also on another node", async () => {
    const [here, there] = await Promise.all([openNode(), openNode()]);
    const alice = await connectAs(here.address, "alice");
    const sent = granted(await alice.emitWithAck("direct", { to: "bob", text: "for bob" }));
    expect(granted(await (await connectAs(there.address, "bob")).emitWithAck("inbox"))).to.deep.equal([sent]);
    expect(granted(await (await connectAs(there.address, "carol")).emitWithAck("inbox"))).to.deep.equal([]);
  });

  it("is one chat on two nodes: messages, presence and sign-outs reach the other node", async () => {
    const [here, there] = await Promise.all([openNode(), openNode()]);
    const alice = await connectAs(here.address, "alice");
    const both = online(alice, "Alice Bob");
    const bob = await connectAs(there.address, "bob");
    await both;
    const message = received(alice, "message");
    // Longer than a Postgres notification can be.
    const long = "\u{1F600}".repeat(1_000) + "\u0001";
    await bob.emitWithAck("message", { room: "lobby", text: long });
    expect((await message).text).to.equal(long);

    const [bye, end, alone] = [received(bob, "guard:bye"), disconnected(bob), online(alice, "Alice")];
    const carol = await connectAs(here.address, "carol");
    expect(await carol.emitWithAck("signOut", "bob")).to.equal(true);
    expect(await bye).to.include({ code: "token_revoked" });
    await end;
    carol.disconnect();
    await alone;
  });

  it("does not start if Postgres cannot be reached, and does not print the password", async () => {
    const port = await freePort();
    const [unreachable, unknown] = await Promise.all([
      startFailure({ DATABASE_URL: `postgres://guard:wonderland@127.0.0.1:${port}/chat` }),
      startFailure({ DATABASE_URL: postgres.url.replace(/postgres$/, "nowhere") }),
    ]);
    expect(unreachable).to.match(new RegExp(`127\\.0\\.0\\.1:${port}/chat, cannot be used \\(ECONNREFUSED\\)\\. Check`)).and.not.contain("wonderland");
    expect(unknown).to.match(/\/nowhere, cannot be used \(3D000\)\. Check/);
  });

  it("gets users from the command line", async () => {
    const added = await run("modules/users/main.ts", ["--id", "erin", "--name", "Erin", "--role", "admin"], { DATABASE_URL: postgres.url, DATA_DIR: temporaryFolder(), ENV_FILE: "/nowhere/.env", PASSWORD: "wonderland" }).ended;
    expect(added).to.deep.include({ code: 0, output: "Erin can sign in as erin.\n", errors: "" });
    expect((await connectAs((await openNode()).address, "erin")).connected).to.equal(true);
  });
});
