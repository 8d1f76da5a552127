import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { denial } from "../../../lib/protocol.js";
import { execArgv, program } from "../../support/programs.js";
import { closeEverything, event, nextTurn } from "../../support/server.js";
import { openGuardClient, emitted, wireServer, type Harness, type WireServer } from "./support.js";

type Moment = readonly [when: string, begin: (server: WireServer, client: Harness) => Promise<unknown>];

const moments: readonly Moment[] = [
  ["before it connects", async () => undefined],
  ["while getToken is pending", async (_server, { socket }) => { await event(socket.io, "open"); await nextTurn(); }],
  ["while a CONNECT waits for its answer", async (server) => { server.judge = () => "silence"; await server.seen("connects", 1); }],
  ["when it has a session", async (_server, { client }) => emitted(client, "session")],
  ["while a renewal waits for its answer", async (server, { client, time }) => {
    server.judgeRefresh = () => "silence";
    await emitted(client, "session");
    time.advance(45 * 60_000);
    await server.seen("refreshes", 1);
  }],
  ["while it waits to retry a renewal", async (server, { client, time, socket }) => {
    server.judgeRefresh = () => denial("unavailable");
    await emitted(client, "session");
    time.advance(45 * 60_000);
    await server.seen("refreshes", 1);
    await socket.emitWithAck("ask");
    await nextTurn();
  }],
  ["while it waits to reconnect", async (server, { client }) => { server.judge = () => denial("unavailable"); await emitted(client, "ended"); }],
  ["after it was refused for good", async (server, { client }) => { server.judge = () => denial("user_unknown"); await emitted(client, "ended"); }],
  ["while login() is pending", async (server, { client }) => {
    server.judgeRefresh = () => "silence";
    await emitted(client, "session");
    client.login().catch(() => undefined);
    await server.seen("refreshes", 1);
  }],
];

const guardListeners = ["connect", "disconnect", "connect_error", "guard:bye", "guard:denied", "guard:session"];

describe("close()", () => {
  afterEach(closeEverything);

  for (const [when, begin] of moments) {
    it(`leaves no timer and no listener when it is called ${when}`, async () => {
      const server = await wireServer();
      const hangs = when === "while getToken is pending";
      const all = openGuardClient(server, hangs ? { getToken: () => new Promise(() => undefined) } : {});
      await begin(server, all);
      const { active } = all.socket;
      all.client.close();
      all.client.close();
      expect([all.time.timers.size, all.socket.active]).to.deep.equal([0, active]);
      for (const name of guardListeners) expect(all.socket.listeners(name), name).to.deep.equal([]);
      await nextTurn();
      expect(all.time.timers.size).to.equal(0);
    });
  }

  it("rejects a pending login", async () => {
    const server = await wireServer(() => "silence");
    const { client } = openGuardClient(server);
    const failed = client.login().then(() => undefined, (error: Error) => error.message);
    await server.seen("connects", 1);
    client.close();
    expect(await failed).to.equal("The guard client was closed.");
  });

  it("lets the process exit", async () => {
    const server = await wireServer();
    const script = `
      import { io } from "socket.io-client";
      import { guardClient } from ${JSON.stringify(program("lib/client/index.ts"))};
      const socket = io(${JSON.stringify(server.address)}, { transports: ["websocket"] });
      const client = guardClient(socket, { getToken: () => "token" });
      client.on("session", () => { client.close(); socket.disconnect(); });
    `;
    const child = spawn(process.execPath, [...execArgv, "--input-type=module", "--eval", script], { stdio: "inherit" });
    expect(await once(child, "exit")).to.deep.equal([0, null]);
    expect(server.connects).to.deep.equal([{ token: "token" }]);
  });
});
