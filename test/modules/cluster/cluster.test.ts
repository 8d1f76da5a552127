import { existsSync, readFileSync } from "node:fs";
import { expect } from "chai";
import { startPostgres, type Postgres } from "../../support/postgres.js";
import { freePort } from "../../support/ports.js";
import { needRedis, startRedis, type Redis } from "../../support/redis.js";
import { connect, connectAs, disconnected, granted, received, tokenOf, type ChatClient } from "../support/chat-client.js";
import { cleanUp, cleanUpLater, startFailure, startServer, temporaryFolder, type ChatServer, type Environment } from "../support/chat-server.js";
import { openAdmin } from "../support/panel.js";
import { cookieOf, post, signOut } from "../support/form.js";

const program = "modules/cluster/main.ts";
const websocket = { transports: ["websocket" as const] };

async function startCluster(environment: Environment): Promise<ChatServer & { nodes: number[] }> {
  const server = await startServer({ MESSAGE_LIMIT: "1000/10s", ...environment }, temporaryFolder(), program, ["3"]);
  const [list] = await server.printed(/Nodes: .*\n/);
  return { ...server, nodes: [...list.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid)) };
}

/** Connects alice and bob three times each. The primary gives each connection to the next node, so each of three nodes gets two. */
async function connectSix(address: string): Promise<ChatClient[]> {
  const clients: ChatClient[] = [];
  for (const user of ["alice", "bob"]) {
    const token = await tokenOf(address, user);
    for (let count = 0; count < 3; count += 1) clients.push(await connect(address, { auth: { token }, ...websocket }));
  }
  return clients;
}

/** Repeats a message until all listeners have received it. Nodes need some time to find each other, also after a failure. */
async function reachesAll(text: string, speaker: ChatClient, listeners: readonly ChatClient[]): Promise<void> {
  const all = Promise.all(listeners.map((client) => received(client, "message", (message) => message.text === text))).then(() => true);
  const pause = () => new Promise<false>((resolve) => setTimeout(() => resolve(false), 250));
  do await speaker.timeout(1_000).emitWithAck("message", { room: "lobby", text }).catch(() => undefined);
  while (!(await Promise.race([all, pause()])));
}

async function expectCleanStop(server: ChatServer, deadNodes: number): Promise<void> {
  const bye = received(await connectAs(server.address, "alice", websocket), "guard:bye");
  const ending = await server.stop("SIGTERM");
  expect(ending).to.deep.include({ code: 0, signal: null });
  expect(ending.errors.match(/Node \d ended/g) ?? []).to.have.lengthOf(deadNodes);
  expect(await bye).to.include({ code: "server_closing" });
}

async function expectOneChat({ address }: ChatServer): Promise<void> {
  const clients = await connectSix(address);
  const carol = await connectAs(address, "carol", websocket);
  await reachesAll("Is everybody there?", carol, [carol, ...clients]);

  const messages = Promise.all([carol, ...clients].map((client) => received(client, "message", ({ text }) => text === "Hello, all nodes")));
  const said = granted(await clients[0]!.emitWithAck("message", { room: "lobby", text: "Hello, all nodes" }));
  for (const message of await messages) expect(message).to.deep.equal(said);

  const byes = Promise.all(clients.slice(0, 3).map((client) => received(client, "guard:bye")));
  const cookie = await cookieOf(address, "alice");
  await signOut(address, cookie);
  for (const bye of await byes) expect(bye).to.include({ code: "token_revoked" });
  // Each request may reach another node.
  for (let node = 0; node < 3; node += 1) expect((await post(`${address}/token`, {}, { cookie, connection: "close" })).status).to.equal(401);

  const ends = Promise.all(clients.slice(3).map(disconnected));
  expect(await carol.emitWithAck("signOut", "bob")).to.equal(true);
  await ends;
  expect(await carol.emitWithAck("history", "lobby")).to.deep.include(said);
}

describe("three nodes behind one port", function () {
  this.timeout(100_000);
  let postgres: Postgres;
  let server: ChatServer & { nodes: number[] };
  before(async () => { postgres = await startPostgres(); });
  after(async () => {
    await cleanUp();
    await postgres.close();
  });

  describe("on Postgres alone", () => {
    before(async () => { server = await startCluster({ DATABASE_URL: postgres.url }); });

    it("are one chat", () => expectOneChat(server));

    it("show an admin the sessions of all nodes, and end any of them", async () => {
      const clients = await connectSix(server.address);
      await reachesAll("All in the list?", clients[0]!, clients);
      const admin = await openAdmin(server.address, "carol");
      const { sessions, incomplete } = granted(await admin.emitWithAck("sessions"));
      const own = sessions.filter(({ id }) => clients.some((client) => client.id === id));
      expect({ incomplete, nodes: new Set(own.map(({ node }) => node)), count: own.length }).to.deep.equal({ incomplete: false, nodes: new Set(["1", "2", "3"]), count: 6 });

      // One of them is on another node than the admin.
      for (const client of clients.slice(0, 3)) {
        const by = received(client, "signedOut");
        expect(await admin.emitWithAck("endSession", client.id!)).to.equal(true);
        expect(await by).to.equal("Carol");
      }
      const report = new Promise((resolve) => { admin.on("endedSessions", ({ took: _, ...ended }) => { if (ended.user === "bob") resolve(ended); }); });
      await (await connectAs(server.address, "carol", websocket)).emitWithAck("signOut", "bob");
      expect(await report).to.deep.equal({ user: "bob", sessions: 3, nodes: 3 });
    });

    it("survive the death of one node, which is restarted", async () => {
      const clients = await connectSix(server.address);
      await reachesAll("All here?", clients[0]!, clients);
      let lost = 0;
      const two = new Promise<void>((resolve) => {
        for (const client of clients) client.once("disconnect", () => { if ((lost += 1) === 2) resolve(); });
      });
      process.kill(server.nodes[1]!, "SIGKILL");
      await two;
      await server.printed(/Node 2 is back/);
      const left = clients.filter(({ connected }) => connected);
      for (const client of left) granted(await client.emitWithAck("message", { room: "lobby", text: "Still here" }));
      expect(left).to.have.lengthOf(4);
      expect((await connectSix(server.address)).every(({ connected }) => connected)).to.equal(true);
    });

    it("survive an outage of Postgres, and are one chat again after it", async () => {
      const clients = await connectSix(server.address);
      await reachesAll("All here still?", clients[0]!, clients);
      await postgres.kill();
      expect(await clients[0]!.emitWithAck("message", { room: "lobby", text: "Is anybody there?" })).to.have.property("error");
      await postgres.start();
      await reachesAll("Back again", clients[0]!, clients);
    });

    it("stop cleanly", () => expectCleanStop(server, 1));
  });

  describe("with Redis", () => {
    let redis: Redis;
    before(async function () {
      needRedis(this);
      redis = await startRedis();
      cleanUpLater(() => redis.close());
      server = await startCluster({ DATABASE_URL: postgres.url, REDIS_URL: redis.url });
    });

    it("are one chat", () => expectOneChat(server));

    it("survive an outage of Redis, and are one chat again after it", async () => {
      const clients = await connectSix(server.address);
      await reachesAll("All here?", clients[0]!, clients);
      await redis.kill();
      // Without Redis the guard does not know what is revoked, and denies events.
      for (let code = ""; code !== "unavailable";) {
        const answer = await clients[0]!.emitWithAck("history", "lobby");
        if ("error" in answer && "code" in answer.error) ({ code } = answer.error);
      }
      await redis.start();
      await reachesAll("Back again", clients[0]!, clients);
    });

    it("stop cleanly", () => expectCleanStop(server, 0));

    it("do not start if Redis cannot be reached", async () => {
      const port = await freePort();
      expect(await startFailure({ REDIS_URL: `redis://:wonderland@127.0.0.1:${port}` })).to.match(new RegExp(`127\\.0\\.0\\.1:${port}, cannot be used \\(ECONNREFUSED\\)\\. Check`)).and.not.contain("wonderland");
    });
  });

  it("bring their own Postgres if there is none, which ends with them", async () => {
    const cluster = await startServer({}, temporaryFolder(), program, ["2"]);
    expect(cluster.output()).to.match(/decision of the guard is one line/);
    await cluster.printed(/share a Postgres of their own[^]*Nodes: /);
    const client = await connectAs(cluster.address, "alice", websocket);
    granted(await client.emitWithAck("message", { room: "lobby", text: "Hello" }));
    await cluster.printed(/node \d +[\d:]+ +allowed +message +alice +role member/);
    const family = descendants(cluster.child.pid!);
    if (process.platform === "linux") expect(family.length).to.be.above(2);
    // As Ctrl-C does: the nodes and their primary get the signal, but Postgres, in a group of its own, does not.
    expect(await cluster.stop("SIGINT")).to.deep.include({ code: 0, signal: null });
    expect(family.filter((pid) => existsSync(`/proc/${pid}`))).to.deep.equal([]);
  });

  it("do not start without a number, or without Postgres, and say so once", async () => {
    const DATABASE_URL = `postgres://127.0.0.1:${await freePort()}/chat`;
    const fail = (environment: Environment, count: string) => startFailure(environment, temporaryFolder(), program, [count]);
    const [many, unreachable] = await Promise.all([fail({ DATABASE_URL }, "many"), fail({ DATABASE_URL }, "3")]);
    expect(many).to.match(/Give the number of nodes.*npm run start:cluster -- 3/);
    expect(unreachable).to.match(/cannot be used \(ECONNREFUSED\)/);
  });
});

/** The processes that this one has started, and those that they have started. Only Linux lists them. */
function descendants(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(path)) return [];
  const children = readFileSync(path, "utf8").split(" ").filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}
