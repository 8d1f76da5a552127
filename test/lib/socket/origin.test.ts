import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { createServer, request as openRequest } from "node:http";
import { Server } from "socket.io";
import { WebSocket } from "ws";
import { guard, type GuardAuditEvents } from "../../../lib/index.js";
import { isOriginAllowed, type Origins } from "../../../lib/socket/origin.js";
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

const allowed = (origins: Origins, origin: string | undefined, rest: { host?: string; "sec-fetch-site"?: string } = {}) => isOriginAllowed({ origin, ...rest }, origins);
const same = (origin: string, host?: string) => allowed("same-origin", origin, host === undefined ? {} : { host });

describe('an Origin, with origins "same-origin"', () => {
  it("is allowed when its host equals the Host header", () => {
    for (const [origin, host] of [["https://chat.example", "chat.example"], ["http://localhost:3000", "localhost:3000"], ["http://127.0.0.1:3000", "127.0.0.1:3000"], ["http://[::1]:3000", "[::1]:3000"], ["https://xn--bcher-kva.example", "xn--bcher-kva.example"]] as const) {
      expect(same(origin, host), `${origin} at ${host}`).to.equal(true);
    }
  });

  it("may leave out the default port of its scheme", () => {
    for (const [origin, host] of [["https://chat.example", "chat.example:443"], ["http://chat.example", "chat.example:80"], ["https://chat.example:443", "chat.example"], ["http://chat.example:80", "chat.example:80"]] as const) {
      expect(same(origin, host), `${origin} at ${host}`).to.equal(true);
    }
    for (const [origin, host] of [["https://chat.example", "chat.example:80"], ["http://chat.example", "chat.example:443"], ["https://chat.example:80", "chat.example"]] as const) {
      expect(same(origin, host), `${origin} at ${host}`).to.equal(false);
    }
  });

  it("may be written in another case than the Host header", () => {
    expect(same("https://Chat.Example", "chat.example")).to.equal(true);
    expect(same("https://chat.example", "CHAT.EXAMPLE")).to.equal(true);
  });

  it("is refused when its host or port differs", () => {
    for (const origin of [
      "https://evil.example", "https://chat.example:8443", "https://a.chat.example", "https://example", "https://chat.example.evil.example", "https://evilchat.example",
      "https://chat.example.", "https://evil.example#chat.example", "https://chat.example@evil.example", "https://evil.example/chat.example", "https://evil.example?chat.example",
    ]) expect(same(origin, "chat.example"), origin).to.equal(false);
    expect(same("http://localhost:3000", "localhost:3001")).to.equal(false);
    expect(same("http://localhost:3000", "127.0.0.1:3000")).to.equal(false);
  });

  it("is refused when it is not a valid origin", () => {
    for (const origin of ["null", "", "chat.example", "//chat.example", "*", "undefined", "https://", "file://", "data:text/html,", "about:blank", "blob:null/1", "https://chat.example, https://chat.example"]) {
      expect(same(origin, "chat.example"), origin).to.equal(false);
    }
  });

  it("is refused when there is no valid Host header", () => {
    for (const host of [undefined, "", " ", "a b", "chat.example:99999", "[::1"]) expect(same("https://chat.example", host), host).to.equal(false);
  });
});

describe("an Origin, with a list of origins", () => {
  const list = ["https://chat.example", "http://localhost:3000"];

  it("is allowed when the list has it, with any Host", () => {
    for (const origin of list) for (const host of ["chat.example", "other.example"]) expect(allowed(list, origin, { host })).to.equal(true);
  });

  it("is refused when the list does not have it, even if it is the server's own", () => {
    for (const origin of ["http://chat.example", "https://chat.example:8443", "https://chat.example/", "https://chat.example.evil.example", "https://CHAT.example", "null", "", "*", "localhost:3000"]) {
      expect(allowed(list, origin, { host: "chat.example" }), origin).to.equal(false);
    }
    expect(allowed([], "https://chat.example", { host: "chat.example" })).to.equal(false);
  });
});

describe("a request without Origin", () => {
  it("is allowed, unless the browser says that another site sent it", () => {
    for (const origins of ["same-origin", ["https://chat.example"], []] as const) {
      for (const site of ["same-origin", "same-site", "none"]) expect(allowed(origins, undefined, { host: "chat.example", "sec-fetch-site": site }), site).to.equal(true);
      expect(allowed(origins, undefined, { host: "chat.example" })).to.equal(true);
      expect(allowed(origins, undefined, { host: "chat.example", "sec-fetch-site": "cross-site" })).to.equal(false);
    }
  });

  it("is the only kind for which Sec-Fetch-Site counts", () => {
    expect(allowed("same-origin", "https://chat.example", { host: "chat.example", "sec-fetch-site": "cross-site" })).to.equal(true);
    expect(allowed("same-origin", "https://evil.example", { host: "chat.example", "sec-fetch-site": "same-origin" })).to.equal(false);
  });
});

// By node:http, because fetch adds headers of its own.
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
