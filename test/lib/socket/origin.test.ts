import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { createServer, request as openRequest } from "node:http";
import { Server } from "socket.io";
import { WebSocket } from "ws";
import { guard, type GuardAuditEvents } from "../../../lib/index.js";
import { closeEverything, closeLater, listen, makeTokens, serve, someEvents } from "../../support/server.js";

const good = "https://chat.example";
const evil = "https://evil.example";

describe("origins", () => {
  afterEach(closeEverything);

  it("refuses a polling handshake of another origin with 403 before a connection opens, and emits an audit event with both hosts", async () => {
    const { address, guarded, io } = await serve({ origins: [good] });
    const facts: GuardAuditEvents["refused"][] = [];
    guarded.on("refused", (fact) => facts.push(fact));
    let opened = 0;
    io.engine.on("connection", () => opened++);
    const answer = await poll(address, { Origin: evil });
    expect(answer).to.deep.equal({ status: 403, body: "Connections from this origin are not allowed." });
    expect(opened).to.equal(0);
    expect(facts).to.deep.equal([{ code: "origin_forbidden", namespace: "", address: "127.0.0.1", origin: evil, host: new URL(address).host }]);
    expect((await poll(address, { Origin: good })).status).to.equal(200);
  });

  it("reports a refused client with the address that a trusted proxy saw", async () => {
    const { address, guarded } = await serve({ origins: [good], trustProxy: 1 });
    const addresses: string[] = [];
    guarded.on("refused", (fact) => addresses.push(fact.address));
    await poll(address, { Origin: evil, "X-Forwarded-For": "192.0.2.1" });
    expect(addresses).to.deep.equal(["192.0.2.1"]);
  });

  it("refuses later requests and the upgrade of a session that another origin opened", async () => {
    const { address } = await serve({ origins: [good] });
    const sid = sidOf((await poll(address, { Origin: good })).body);
    expect((await poll(address, { Origin: evil }, `&sid=${sid}`, "40")).status).to.equal(403);
    expect((await poll(address, { Origin: evil }, `&sid=${sid}`)).status).to.equal(403);
    expect(await upgrade(address, { Origin: evil }, `&sid=${sid}`)).to.equal(403);
    expect((await poll(address, { Origin: good }, `&sid=${sid}`, "40")).status).to.equal(200);
    expect(await upgrade(address, { Origin: good }, `&sid=${sid}`)).to.equal("open");
  });

  it("refuses a websocket of another origin", async () => {
    const { address } = await serve({ origins: [good] });
    for (const origin of [evil, "null", "https://chat.example.evil.example", "http://chat.example", "https://CHAT.example:443", good.toUpperCase(), ""]) {
      expect(await upgrade(address, { Origin: origin }), origin).to.equal(403);
    }
    expect(await upgrade(address, { Origin: good })).to.equal("open");
  });

  it("allows a request without an Origin, unless Sec-Fetch-Site is cross-site", async () => {
    const { address } = await serve({ origins: [good] });
    expect((await poll(address, {})).status).to.equal(200);
    expect((await poll(address, { "Sec-Fetch-Site": "same-origin" })).status).to.equal(200);
    expect((await poll(address, { "Sec-Fetch-Site": "cross-site" })).status).to.equal(403);
    expect(await upgrade(address, { "Sec-Fetch-Site": "cross-site" })).to.equal(403);
  });

  it("with \"same-origin\" compares the host of the Origin with the Host header", async () => {
    const { address } = await serve({ origins: "same-origin" });
    const { host, port } = new URL(address);
    expect((await poll(address, { Origin: address })).status).to.equal(200);
    expect((await poll(address, { Origin: `https://${host}` })).status).to.equal(200);
    for (const origin of [evil, "null", "http://127.0.0.1", `http://127.0.0.1:${port}1`, `http://${host}.evil.example`, `http://evil.example/@${host}`]) {
      expect((await poll(address, { Origin: origin })).status, origin).to.equal(403);
    }
  });

  it("applies to engines that are attached after guard() was called", async () => {
    const io = new Server();
    const { tokens } = makeTokens();
    guard(io, { authenticate: tokens, events: someEvents, origins: [good] });
    closeLater(() => io.close());
    for (let engine = 0; engine < 2; engine += 1) {
      const web = createServer();
      io.attach(web);
      const address = await listen(web);
      closeLater(() => { web.closeAllConnections(); web.close(); });
      expect((await poll(address, { Origin: evil })).status).to.equal(403);
      expect(await upgrade(address, { Origin: evil })).to.equal(403);
      expect(await upgrade(address, { Origin: good })).to.equal("open");
    }
  });

  it("applies although cors allows every origin", async () => {
    const { address } = await serve({ origins: [good], server: { cors: { origin: "*" } } });
    expect((await poll(address, { Origin: evil })).status).to.equal(403);
  });

  it("checks nothing when the option is left out", async () => {
    const { address } = await serve();
    expect((await poll(address, { Origin: evil })).status).to.equal(200);
    expect(await upgrade(address, { Origin: evil })).to.equal("open");
  });
});

function poll(address: string, headers: Record<string, string>, query = "", body?: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = openRequest(`${address}/socket.io/?EIO=4&transport=polling${query}`, { method: body === undefined ? "GET" : "POST", headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk)).on("end", () => resolve({ status: response.statusCode!, body: text }));
    });
    request.on("error", reject).end(body);
  });
}

const sidOf = (opened: string): string => (JSON.parse(opened.slice(1)) as { sid: string }).sid;

function upgrade(address: string, headers: Record<string, string>, query = ""): Promise<number | "open"> {
  const socket = new WebSocket(`${address.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket${query}`, { headers });
  return new Promise((resolve) => {
    socket.once("open", () => { resolve("open"); socket.terminate(); });
    socket.once("unexpected-response", (_request, response) => { resolve(response.statusCode!); response.destroy(); });
  });
}
