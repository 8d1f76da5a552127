import { expect } from "chai";
import type { RunningChat } from "../../modules/server/server.js";
import { closeClients, connect } from "./support/chat-client.js";
import { cleanUp, openChat } from "./support/chat-server.js";
import { cookieOf, post, signInForm } from "./support/form.js";

const csp = "default-src 'none';script-src 'self';style-src 'self';connect-src 'self';img-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'";

describe("signing in to the chat", () => {
  let server: RunningChat;
  const open = (path: string, cookie?: string): Promise<Response> => fetch(server.address + path, { redirect: "manual", headers: cookie === undefined ? {} : { cookie } });
  before(async () => { server = await openChat(); });
  after(async () => {
    closeClients();
    await cleanUp();
  });

  it("is where a page without a valid token leads", async () => {
    for (const cookie of [undefined, "access_token=nonsense", "access_token="]) {
      const response = await open("/", cookie);
      expect([response.status, response.headers.get("location")]).to.deep.equal([303, "/login"]);
    }
    expect((await open("/session")).status).to.equal(401);
  });

  it("has a strict policy on every page, and no script or style in the page itself", async () => {
    for (const path of ["/", "/login", "/session", "/page/main.js", "/nowhere"]) {
      const response = await open(path);
      expect(response.headers.get("content-security-policy"), path).to.equal(csp);
      expect(response.headers.get("x-content-type-options"), path).to.equal("nosniff");
      expect(await response.text()).not.to.match(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
    }
  });

  it("sets a cookie that scripts cannot read and other sites do not send, and leads to the chat", async () => {
    const response = await signInForm(server.address, "alice", "wonderland");
    expect([response.status, response.headers.get("location")]).to.deep.equal([303, "/"]);
    const { pair, attributes } = cookieOf(response);
    expect(pair).to.match(/^access_token=[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(attributes).to.include.members(["httponly", "samesite=lax", "path=/", "max-age=600"]).and.not.include("secure");

    expect((await open("/", pair)).status).to.equal(200);
    const session = await (await open("/session", pair)).json() as { user: object; expiresIn: number };
    expect(session.user).to.deep.equal({ id: "alice", name: "Alice", role: "member" });
    expect(session.expiresIn).to.be.within(1, 600_000);
    expect(JSON.stringify(session)).not.to.contain(pair.slice(13));
    expect((await connect(server.address, { extraHeaders: { cookie: pair } })).connected).to.equal(true);
  });

  it("is of no use to another site's page, over either transport", async () => {
    const { pair } = cookieOf(await signInForm(server.address, "alice", "wonderland"));
    for (const transport of ["polling", "websocket"] as const) {
      const foreign = connect(server.address, { extraHeaders: { cookie: pair, origin: "https://evil.example" }, transports: [transport] });
      expect(await foreign.then(() => "in", () => "out"), transport).to.equal("out");
      const own = connect(server.address, { extraHeaders: { cookie: pair, origin: server.address }, transports: [transport] });
      expect(await own.then(() => "in", () => "out"), transport).to.equal("in");
    }
  });

  it("refuses a wrong password and an unknown name alike, in about the same time", async () => {
    const time = async (user: string): Promise<number> => {
      const begin = performance.now();
      const response = await signInForm(server.address, user, "looking-glass");
      expect([response.status, response.headers.get("location"), response.headers.getSetCookie().length]).to.deep.equal([303, "/login#wrong", 0]);
      return performance.now() - begin;
    };
    let [known, unknown] = [Infinity, Infinity];
    for (const [name, stranger] of [["alice", "dora"], ["bob", "../alice"], ["carol", "alice' --"]] as const) {
      known = Math.min(known, await time(name));
      unknown = Math.min(unknown, await time(stranger));
    }
    expect(unknown).to.be.within(known / 4, known * 4);
  });

  it("refuses forms that are none", async () => {
    expect((await post(`${server.address}/handle-login`, {})).headers.get("location")).to.equal("/login#wrong");
    expect((await post(`${server.address}/handle-login`, { user: "alice", password: "w".repeat(9_000) })).status).to.equal(413);
    expect((await fetch(`${server.address}/handle-login`)).status).to.equal(404);
  });

  it("refuses forms of other sites", async () => {
    const foreign: Record<string, string>[] = [{ origin: "https://evil.example" }, { origin: "null" }, { origin: `${server.address}.evil.example` }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }];
    for (const headers of foreign) {
      expect((await signInForm(server.address, "alice", "wonderland", headers)).status, JSON.stringify(headers)).to.equal(403);
      expect((await post(`${server.address}/logout`, {}, headers)).status, JSON.stringify(headers)).to.equal(403);
    }
    expect((await signInForm(server.address, "alice", "wonderland", { origin: server.address })).status).to.equal(303);
  });

  it("ends with a sign-out that takes the cookie away", async () => {
    const response = await post(`${server.address}/logout`, {}, { origin: server.address });
    expect([response.status, response.headers.get("location")]).to.deep.equal([303, "/login#out"]);
    const { pair, attributes } = cookieOf(response);
    expect(pair).to.equal("access_token=");
    expect(attributes).to.include("expires=thu, 01 jan 1970 00:00:00 gmt");
  });

  it("lets nobody guess passwords for long", async () => {
    const statuses: number[] = [];
    for (let tries = 0; tries < 11; tries += 1) statuses.push((await signInForm(server.address, "nobody", "guess")).status);
    expect(statuses.at(-1)).to.equal(429);
    const limited = await signInForm(server.address, "alice", "wonderland");
    expect(limited.status).to.equal(429);
    expect(Number(limited.headers.get("retry-after"))).to.be.within(1, 60);
    expect(await limited.text()).to.contain("Wait a minute");
  });
});
