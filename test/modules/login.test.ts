import { expect } from "chai";
import type { RunningChat } from "../../modules/server/server.js";
import { closeClients, connect, connectAs, deniedWith, disconnected, heard, tokenOf } from "./support/chat-client.js";
import { cleanUp, openChat } from "./support/chat-server.js";
import { cookieOf, post, signInForm } from "./support/form.js";

const csp = "default-src 'none';script-src 'self';style-src 'self';connect-src 'self';img-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'";

let server: RunningChat;
const open = (path: string, cookie?: string): Promise<Response> => fetch(server.address + path, { redirect: "manual", headers: cookie === undefined ? {} : { cookie } });
const tokenFor = (cookie: string): Promise<Response> => post(`${server.address}/token`, {}, { cookie });

describe("signing in to the chat", () => {
  before(async () => { server = await openChat(); });
  after(async () => {
    closeClients();
    await cleanUp();
  });

  it("is where a page without a valid token leads", async () => {
    for (const cookie of [undefined, "sign_in=nonsense", "sign_in="]) {
      const response = await open("/", cookie);
      expect([response.status, response.headers.get("location")]).to.deep.equal([303, "/login"]);
    }
    expect((await open("/session")).status).to.equal(401);
  });

  it("has a strict policy on every page, and no script or style in the page itself", async () => {
    for (const path of ["/", "/login", "/session", "/page/main.js", "/vendor/socket.io-guard/client/index.js", "/nowhere"]) {
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
    expect(pair).to.match(/^sign_in=[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(attributes).to.include.members(["httponly", "samesite=lax", "path=/", "max-age=3600"]).and.not.include("secure");

    expect((await open("/", pair)).status).to.equal(200);
    expect(await (await open("/session", pair)).json()).to.deep.equal({ user: { id: "alice", name: "Alice", role: "member" } });
  });

  it("gives a token for a connection, which is no sign-in, as the sign-in is no token", async () => {
    const { pair } = cookieOf(await signInForm(server.address, "alice", "wonderland"));
    const response = await tokenFor(pair);
    expect(response.headers.get("cache-control")).to.equal("no-store");
    const { token } = await response.json() as { token: string };
    expect((await connect(server.address, { auth: { token } })).connected).to.equal(true);
    expect((await tokenFor(`sign_in=${token}`)).status).to.equal(401);

    for (const options of [{ auth: { token: pair.slice("sign_in=".length) } }, { extraHeaders: { cookie: pair } }]) {
      const error = await connect(server.address, options).then(() => undefined, (reason: Error & { data?: { status: number } }) => reason);
      expect(error?.data?.status).to.equal(401);
    }
  });

  it("gives no token that lives longer than the sign-in", async () => {
    const short = await openChat({ signInLife: 2_000 });
    const client = await connectAs(short.address, "alice");
    expect(await heard(client, "guard:bye")).to.deep.include({ code: "token_expired" });
  });

  it("is of no use to another site's page, over either transport", async () => {
    const token = await tokenOf(server.address, "alice");
    for (const transport of ["polling", "websocket"] as const) {
      const foreign = connect(server.address, { auth: { token }, extraHeaders: { origin: "https://evil.example" }, transports: [transport] });
      expect(await foreign.then(() => "in", () => "out"), transport).to.equal("out");
      const own = connect(server.address, { auth: { token }, extraHeaders: { origin: server.address }, transports: [transport] });
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
    expect((await signInForm(server.address, "ali\0ce", "wonderland")).headers.get("location")).to.equal("/login#wrong");
    expect((await post(`${server.address}/handle-login`, {})).headers.get("location")).to.equal("/login#wrong");
    expect((await post(`${server.address}/handle-login`, { user: "alice", password: "w".repeat(9_000) })).status).to.equal(413);
    expect((await fetch(`${server.address}/handle-login`)).status).to.equal(404);
  });

  it("refuses forms of other sites", async () => {
    const foreign: Record<string, string>[] = [{ origin: "https://evil.example" }, { origin: "null" }, { origin: `${server.address}.evil.example` }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }];
    for (const headers of foreign) {
      expect((await signInForm(server.address, "alice", "wonderland", headers)).status, JSON.stringify(headers)).to.equal(403);
      for (const path of ["/logout", "/token"]) expect((await post(server.address + path, {}, headers)).status, JSON.stringify(headers)).to.equal(403);
    }
    expect((await signInForm(server.address, "alice", "wonderland", { origin: server.address })).status).to.equal(303);
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

describe("signing out of the chat", () => {
  before(async () => { server = await openChat(); });
  after(async () => {
    closeClients();
    await cleanUp();
  });

  it("ends every connection of the user, and a cookie from before is of no use", async () => {
    const { pair } = cookieOf(await signInForm(server.address, "alice", "wonderland"));
    const [tab, otherTab, bob] = await Promise.all(["alice", "alice", "bob"].map((user) => connectAs(server.address, user)));
    const byes = Promise.all([heard(tab!, "guard:bye"), heard(otherTab!, "guard:bye")]);
    const gone = Promise.all([disconnected(tab!), disconnected(otherTab!)]);

    const response = await post(`${server.address}/logout`, {}, { origin: server.address, cookie: pair });
    expect([response.status, response.headers.get("location")]).to.deep.equal([303, "/login#out"]);
    expect(cookieOf(response).pair).to.equal("sign_in=");
    expect(cookieOf(response).attributes).to.include("expires=thu, 01 jan 1970 00:00:00 gmt");
    for (const bye of await byes) expect(bye).to.deep.include({ code: "token_revoked", reconnect: "never" });
    await gone;

    expect((await tokenFor(pair)).status).to.equal(401);
    expect((await open("/session", pair)).status).to.equal(401);
    expect((await open("/", pair)).headers.get("location")).to.equal("/login");
    expect(bob!.connected).to.equal(true);
    expect((await connectAs(server.address, "alice")).connected).to.equal(true);
  });

  it("a token that was fetched before the sign-out lets nobody in after it", async () => {
    const { pair } = cookieOf(await signInForm(server.address, "alice", "wonderland"));
    const { token } = await (await tokenFor(pair)).json() as { token: string };
    await post(`${server.address}/logout`, {}, { cookie: pair });
    const error = await connect(server.address, { auth: { token } }).then(() => undefined, (reason: Error & { data?: { code: string } }) => reason);
    expect(error?.data?.code).to.equal("token_revoked");
  });

  it("a sign-out without a sign-in ends nobody's", async () => {
    const alice = await connectAs(server.address, "alice");
    expect((await post(`${server.address}/logout`, {}, { cookie: "sign_in=nonsense" })).headers.get("location")).to.equal("/login#out");
    expect((await alice.emitWithAck("history"))).to.be.an("array");
  });

  it("is what an admin can do to others, everywhere, and nobody else can", async () => {
    const { pair } = cookieOf(await signInForm(server.address, "bob", "wonderland"));
    const [alice, bob, carol] = await Promise.all(["alice", "bob", "carol"].map((user) => connectAs(server.address, user)));
    expect(deniedWith(await alice!.emitWithAck("signOut", "bob")).code).to.equal("forbidden");
    expect((await tokenFor(pair)).status).to.equal(200);

    const bye = heard(bob!, "guard:bye");
    expect(await carol!.emitWithAck("signOut", "bob")).to.equal(true);
    expect(await bye).to.deep.include({ code: "token_revoked" });
    expect((await tokenFor(pair)).status).to.equal(401);
    expect(await carol!.emitWithAck("signOut", "nobody")).to.equal(false);
    expect(alice!.connected).to.equal(true);
  });
});
