import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { denial } from "../../../lib/protocol.js";
import { execArgv, program } from "../../support/programs.js";
import { closeEverything, event, nextTurn } from "../../support/server.js";
import { guardedClient, told, wireServer, type Harness, type WireServer } from "./support.js";

type During = readonly [what: string, begin: (server: WireServer, guarded: Harness) => Promise<unknown>];

const during: readonly During[] = [
  ["before it connects", async () => undefined],
  ["while getToken is asked", async (_server, { client }) => { await event(client.io, "open"); await nextTurn(); }],
  ["while a CONNECT waits for its answer", async (server) => { server.judge = () => "silence"; await server.seen("connects", 1); }],
  ["when it has a session", async (_server, { guarded }) => told(guarded, "session")],
  ["while a renewal waits for its answer", async (server, { guarded, time }) => {
    server.judgeRefresh = () => "silence";
    await told(guarded, "session");
    time.advance(45 * 60_000);
    await server.seen("refreshes", 1);
  }],
  ["while it waits to renew again", async (server, { guarded, time, client }) => {
    server.judgeRefresh = () => denial("unavailable");
    await told(guarded, "session");
    time.advance(45 * 60_000);
    await server.seen("refreshes", 1);
    await client.emitWithAck("ask");
  }],
  ["while it waits to connect again", async (server, { guarded }) => { server.judge = () => denial("unavailable"); await told(guarded, "ended"); }],
  ["while it stays away", async (server, { guarded }) => { server.judge = () => denial("user_unknown"); await told(guarded, "ended"); }],
  ["while login() waits", async (server, { guarded }) => {
    server.judgeRefresh = () => "silence";
    await told(guarded, "session");
    guarded.login().catch(() => undefined);
    await server.seen("refreshes", 1);
  }],
];

const ours = ["connect", "disconnect", "connect_error", "guard:bye", "guard:denied", "guard:session"];

describe("close()", () => {
  afterEach(closeEverything);

  for (const [what, begin] of during) {
    it(`${what}, leaves no timer and no listener`, async () => {
      const server = await wireServer();
      const hangs = what === "while getToken is asked";
      const all = guardedClient(server, hangs ? { getToken: () => new Promise(() => undefined) } : {});
      await begin(server, all);
      const { active } = all.client;
      all.guarded.close();
      all.guarded.close();
      expect([all.time.timers.size, all.client.active]).to.deep.equal([0, active]);
      for (const name of ours) expect(all.client.listeners(name), name).to.deep.equal([]);
      await nextTurn();
      expect(all.time.timers.size).to.equal(0);
    });
  }

  it("rejects a login that waits", async () => {
    const server = await wireServer(() => "silence");
    const { guarded } = guardedClient(server);
    const failed = guarded.login().then(() => undefined, (error: Error) => error.message);
    await server.seen("connects", 1);
    guarded.close();
    expect(await failed).to.equal("The guarded client was closed.");
  });

  it("lets a process exit, with real timers", async () => {
    const server = await wireServer();
    const script = `
      import { io } from "socket.io-client";
      import { guardClient } from ${JSON.stringify(program("lib/client/index.ts"))};
      const socket = io(${JSON.stringify(server.address)}, { transports: ["websocket"] });
      const guarded = guardClient(socket, { getToken: () => "token" });
      guarded.on("session", () => { guarded.close(); socket.disconnect(); });
    `;
    const child = spawn(process.execPath, [...execArgv, "--input-type=module", "--eval", script], { stdio: "inherit" });
    expect(await once(child, "exit")).to.deep.equal([0, null]);
    expect(server.connects).to.deep.equal([{ token: "token" }]);
  });
});
