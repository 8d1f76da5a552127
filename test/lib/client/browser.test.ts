// Rooms of a guard client in Chromium, bundled as apps do: the page loads what it uses, and reads an encrypted room.
import type { Server as WebServer } from "node:http";
import { expect } from "chai";
import { build } from "esbuild";
import type { Browser } from "playwright-core";
import { anonymous, anyone, roomAuthEndpoint, signedBy, signer } from "../../../lib/index.js";
import { openBrowser, visit } from "../../modules/support/browser.js";
import { closeEverything, serve } from "../../support/server.js";

const room = "private-encrypted-orders";
const signs = signer({ key: "chat", secret: "a secret of the tests, twenty bytes and more", encryptionMasterKey: Buffer.alloc(32, "m").toString("base64") });

const page = `
  import { io } from "socket.io-client";
  import { guardClient } from "./lib/client/index.js";
  const client = guardClient(io({ transports: ["websocket"] }), { getToken: () => null });
  window.seen = [];
  window.join = async (name, options) => {
    const room = (window.room = await client.join(name, options));
    room.on("news", (data) => window.seen.push(data));
    window.statuses = [];
    room.subscribe(() => window.statuses.push(room.status));
    room.onPublished("typing", (data, from) => window.seen.push([data, from]));
    return room.status;
  };
`;

/** Serves the page, its bundle and the endpoint that authorizes rooms. */
async function servePage() {
  const { outputFiles } = await build({
    stdin: { contents: page, resolveDir: process.cwd() }, bundle: true, splitting: true, minify: true, format: "esm", target: "es2022", outdir: "/", entryNames: "page", chunkNames: "[name]", write: false,
  });
  const files = new Map(outputFiles.map(({ path, text }) => [path, text]));
  const served = await serve({
    authenticate: anonymous(), signer: signs, events: {},
    rooms: { lobby: { join: anyone, publish: { typing: anyone } }, "private-encrypted-*": { join: signedBy(signs) } },
  });
  const endpoint = roomAuthEndpoint({ signer: signs, allow: () => ({ user_id: "alice" }) });
  (served.io.httpServer as WebServer).on("request", (request, response) => {
    if (request.url!.startsWith("/socket.io/")) return;
    if (request.url === "/rooms/auth") return void endpoint(request, response);
    const script = files.get(request.url!);
    response.setHeader("content-type", script === undefined ? "text/html" : "text/javascript").end(script ?? '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>');
  });
  return served;
}

describe("rooms in Chromium", () => {
  let browser: Browser | undefined;
  before(async function () { browser = await openBrowser(this); });
  after(() => browser?.close());
  afterEach(closeEverything);

  it("are loaded when the page joins one, and the cipher with the first encrypted room", async () => {
    const served = await servePage();
    const { page, complaints } = await visit(browser!);
    const loaded: string[] = [];
    // chunk.js holds esbuild's own helpers.
    page.on("request", (request) => { if (/\/(?!chunk)\w+\.js$/.test(request.url())) loaded.push(new URL(request.url()).pathname); });
    await page.goto(served.address);
    await page.waitForFunction("window.join");
    expect(loaded).to.deep.equal(["/page.js"]);

    expect(await page.evaluate('join("lobby")')).to.equal("joined");
    expect(loaded).to.deep.equal(["/page.js", "/rooms.js"]);
    const other = served.connect("/", { auth: {} });
    await other.emitWithAck("guard:join", { room: "lobby" });
    await other.emitWithAck("guard:publish", { room: "lobby", event: "typing", data: true });
    await page.waitForFunction("seen.length === 1");

    expect(await page.evaluate(`join("${room}", { authEndpoint: "/rooms/auth" })`)).to.equal("joined");
    expect(loaded).to.deep.equal(["/page.js", "/rooms.js", "/salsa.js"]);
    served.guarded.room(room).emit("news", signs.encrypt(room, "news", { text: "ü" }));
    await page.waitForFunction("seen.length === 2");
    expect(await page.evaluate("seen")).to.deep.equal([[true, null], { text: "ü" }]);
    expect(signs.decrypt(room, await page.evaluate('room.encrypt("from the page")'))).to.equal("from the page");
    expect(complaints).to.deep.equal([]);
  });

  it("are joined again after the page was offline, with a new authorization", async () => {
    const served = await servePage();
    const { page } = await visit(browser!);
    await page.goto(served.address);
    await page.waitForFunction("window.join");
    await page.evaluate(`join("${room}", { authEndpoint: "/rooms/auth" })`);
    for (const { conn } of served.io.of("/").sockets.values()) conn.close();
    await page.waitForFunction('statuses.join() === "joining,joined"');
    served.guarded.room(room).emit("news", signs.encrypt(room, "news", "after"));
    await page.waitForFunction('seen[0] === "after"');
  });
});
