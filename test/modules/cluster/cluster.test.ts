import { expect } from "chai";
import { startPostgres, type Postgres } from "../../support/postgres.js";
import { freePort } from "../../support/real-server.js";
import { needRedis, startRedis, type Redis } from "../../support/redis.js";
import { closeClients, connect, connectAs, disconnected, granted, heard, tokenOf, type ChatClient } from "../support/chat-client.js";
import { cleanUp, refusal, startServer, temporaryFolder, type ChatServer, type Environment } from "../support/chat-server.js";
import { cookieOf, post, signInForm } from "../support/form.js";

const program = "modules/cluster/main.ts";

async function startCluster(environment: Environment): Promise<ChatServer & { nodes: number[] }> {
  const server = await startServer(environment, temporaryFolder(), program, ["3"]);
  const [list] = await server.printed(/Its nodes are .*\./);
  return { ...server, nodes: [...list.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid)) };
}

/** The primary hands each connection to the next node: these six are two on each of three. */
async function connectSix(address: string): Promise<ChatClient[]> {
  const users = ["alice", "alice", "alice", "bob", "bob", "bob"];
  const tokens = await Promise.all(["alice", "bob"].map((user) => tokenOf(address, user)));
  const clients: ChatClient[] = [];
  for (const user of users) clients.push(await connect(address, { auth: { token: tokens[user === "alice" ? 0 : 1]! }, transports: ["websocket"] }));
  return clients;
}

/** Says it until the server takes it and all hear it: nodes find each other one after the other, and come back so after a loss. */
async function hasListeners(text: string, speaker: ChatClient, listeners: readonly ChatClient[]): Promise<void> {
  const all = Promise.all(listeners.map((client) => heard(client, "message", (message) => message.text === text))).then(() => true);
  const pause = () => new Promise<false>((resolve) => setTimeout(() => resolve(false), 250));
  do await speaker.timeout(1_000).emitWithAck("message", { text }).catch(() => undefined);
  while (!(await Promise.race([all, pause()])));
}

async function stopsCleanly(server: ChatServer, died: number): Promise<void> {
  const alice = await connectAs(server.address, "alice", ["websocket"]);
  const bye = heard(alice, "guard:bye");
  const ending = await server.stop("SIGTERM");
  expect(ending).to.deep.include({ code: 0, signal: null });
  expect(ending.errors.match(/Node \d ended/g) ?? []).to.have.lengthOf(died);
  expect(await bye).to.deep.include({ code: "server_closing" });
}

async function isOneChat(server: ChatServer): Promise<void> {
  const { address } = server;
  const clients = await connectSix(address);
  const carol = await connectAs(address, "carol", ["websocket"]);
  await hasListeners("Is everybody there?", carol, [carol, ...clients]);

  const words = Promise.all([carol, ...clients].map((client) => heard(client, "message", ({ text }) => text === "Hello, all nodes")));
  const said = granted(await clients[0]!.emitWithAck("message", { text: "Hello, all nodes" }));
  for (const message of await words) expect(message).to.deep.equal(said);

  const [alices, bobs] = [clients.slice(0, 3), clients.slice(3)];
  const byes = Promise.all(alices.map((client) => heard(client, "guard:bye")));
  const { pair } = cookieOf(await signInForm(address, "alice", "wonderland"));
  await post(`${address}/logout`, {}, { cookie: pair });
  for (const bye of await byes) expect(bye).to.deep.include({ code: "token_revoked" });
  // Each request may come to another node.
  for (let node = 0; node < 3; node += 1) expect((await post(`${address}/token`, {}, { cookie: pair, connection: "close" })).status).to.equal(401);

  const gone = Promise.all(bobs.map(disconnected));
  expect(await carol.emitWithAck("signOut", "bob")).to.equal(true);
  await gone;
  expect(await carol.emitWithAck("history")).to.deep.include(said);
}

describe("three nodes behind one port", function () {
  this.timeout(100_000);
  let postgres: Postgres;
  let server: ChatServer & { nodes: number[] };
  before(async () => { postgres = await startPostgres(); });
  afterEach(closeClients);
  after(async () => {
    await cleanUp();
    await postgres.close();
  });

  describe("on Postgres alone", () => {
    before(async () => { server = await startCluster({ DATABASE_URL: postgres.url }); });

    it("are one chat", () => isOneChat(server));

    it("outlive one that dies: the others stay, and it is started again", async () => {
      const clients = await connectSix(server.address);
      await hasListeners("All here?", clients[0]!, clients);
      let lost = 0;
      const two = new Promise<void>((resolve) => {
        for (const client of clients) client.once("disconnect", () => { if ((lost += 1) === 2) resolve(); });
      });
      process.kill(server.nodes[1]!, "SIGKILL");
      await two;
      await server.printed(/Node 2 is back/);
      const left = clients.filter(({ connected }) => connected);
      for (const client of left) granted(await client.emitWithAck("message", { text: "Still here" }));
      expect(left).to.have.lengthOf(4);
      expect((await connectSix(server.address)).every(({ connected }) => connected)).to.equal(true);
    });

    it("outlive the loss of Postgres, and are one chat again when it is back", async () => {
      const clients = await connectSix(server.address);
      await hasListeners("All here still?", clients[0]!, clients);
      await postgres.kill();
      expect(await clients[0]!.emitWithAck("message", { text: "Is anybody there?" })).to.have.property("error");
      await postgres.start();
      await hasListeners("Back again", clients[0]!, clients);
    });

    it("stop cleanly", () => stopsCleanly(server, 1));
  });

  describe("with Redis", () => {
    let redis: Redis;
    before(async function () {
      needRedis(this);
      redis = await startRedis();
      server = await startCluster({ DATABASE_URL: postgres.url, REDIS_URL: redis.url });
    });
    after(() => redis?.close());

    it("are one chat", () => isOneChat(server));

    it("outlive its loss, and are one chat again when it is back", async () => {
      const clients = await connectSix(server.address);
      await hasListeners("All here?", clients[0]!, clients);
      await redis.kill();
      // What is revoked cannot be known now.
      for (let code = ""; code !== "unavailable";) {
        const answer = await clients[0]!.emitWithAck("history");
        if ("error" in answer && "code" in answer.error) ({ code } = answer.error);
      }
      await redis.start();
      await hasListeners("Back again", clients[0]!, clients);
    });

    it("stop cleanly", () => stopsCleanly(server, 0));

    it("do not start where it cannot be reached", async () => {
      const port = await freePort();
      expect(await refusal({ REDIS_URL: `redis://:wonderland@127.0.0.1:${port}` })).to.match(new RegExp(`127\\.0\\.0\\.1:${port}, cannot be used \\(ECONNREFUSED\\): check`)).and.not.contain("wonderland");
    });
  });

  it("do not start without a database that they share, without a number, or where one cannot, and say so once", async () => {
    const nowhere = `postgres://127.0.0.1:${await freePort()}/chat`;
    const [alone, many, unreachable] = await Promise.all([
      refusal({}, temporaryFolder(), program, ["3"]),
      refusal({ DATABASE_URL: nowhere }, temporaryFolder(), program, ["many"]),
      refusal({ DATABASE_URL: nowhere }, temporaryFolder(), program, ["3"]),
    ]);
    expect(alone).to.match(/need a database that they share: set DATABASE_URL/);
    expect(many).to.match(/Say how many nodes.*npm run start:cluster -- 3/);
    expect(unreachable).to.match(/cannot be used \(ECONNREFUSED\)/);
  });
});
