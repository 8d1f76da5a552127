import { expect } from "chai";
import type { RunningChat } from "../../../modules/server/server.js";
import { connect, connectAll, connectAs, denialOf, deniedWith, disconnected, received, tokenOf } from "../support/chat-client.js";
import { cleanUp, openChat } from "../support/chat-server.js";
import { cookieOf, parseCookie, post, signInForm, signOut } from "../support/form.js";
import { cpuTime } from "../../support/cpu-time.js";

const csp = "default-src 'none';script-src 'self';style-src 'self';connect-src 'self';img-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'";

let server: RunningChat;
const open = (path: string, cookie?: string): Promise<Response> => fetch(server.address + path, { redirect: "manual", headers: cookie === undefined ? {} : { cookie } });
const requestToken = (cookie: string): Promise<Response> => post(`${server.address}/token`, {}, { cookie });
const locationOf = ({ status, headers }: Response): unknown[] => [status, headers.get("location")];

describe("signing in to the chat", () => {
  before(async () => { server = await openChat(); });
  after(cleanUp);

  it("is required for the chat page", async () => {
    for (const cookie of [undefined, "sign_in=nonsense", "sign_in="]) expect(locationOf(await open("/", cookie))).to.deep.equal([303, "/login"]);
    expect((await open("/session")).status).to.equal(401);
  });

  it("is protected by a strict content security policy on every page", async () => {
    const { address } = await openChat({ production: true });
    for (const path of ["/", "/login", "/session", "/page/main.js", "/vendor/socket.io-guard/client/index.js", "/nowhere"]) {
      const response = await fetch(address + path, { redirect: "manual" });
      // The import map of the page is allowed by its hash.
      expect(response.headers.get("content-security-policy")!.replace(/ 'sha256-[\w+/=]{44}'/, ""), path).to.equal(csp);
      expect(response.headers.get("x-content-type-options"), path).to.equal("nosniff");
      expect(await response.text()).not.to.match(/<script(?! type="importmap"|[^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
    }
  });

  it("sets a cookie that scripts cannot read and other sites do not send, and redirects to the chat", async () => {
    const response = await signInForm(server.address, "alice");
    expect(locationOf(response)).to.deep.equal([303, "/"]);
    const { pair, attributes } = parseCookie(response);
    expect(pair).to.match(/^sign_in=[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(attributes).to.include.members(["httponly", "samesite=lax", "path=/", "max-age=3600"]).and.not.include("secure");
    expect((await open("/", pair)).status).to.equal(200);
    expect(await (await open("/session", pair)).json()).to.deep.equal({ user: { id: "alice", name: "Alice", role: "member" } });
  });

  it("gives tokens for connections, which are not accepted as sign-ins, nor sign-ins as tokens", async () => {
    const cookie = await cookieOf(server.address, "alice");
    const response = await requestToken(cookie);
    expect(response.headers.get("cache-control")).to.equal("no-store");
    const { token } = await response.json() as { token: string };
    expect((await connect(server.address, { auth: { token } })).connected).to.equal(true);
    expect((await requestToken(`sign_in=${token}`)).status).to.equal(401);
    for (const options of [{ auth: { token: cookie.slice("sign_in=".length) } }, { extraHeaders: { cookie } }]) {
      expect((await denialOf(connect(server.address, options))).status).to.equal(401);
    }
  });

  it("gives no token that outlives the sign-in, and the session ends with the token", async () => {
    const { address } = await openChat({ signInLifetime: 5_000 });
    let last: [bye: Promise<unknown>, end: Promise<string>] | undefined;
    await connectAs(address, "alice", { prepare: (client) => { last = [received(client, "guard:bye"), disconnected(client)]; } });
    const [bye, end] = last!;
    expect(await bye).to.include({ code: "token_expired", reconnect: "refresh" });
    expect(await end).to.equal("io server disconnect");
  });

  it("does not let pages of other sites connect, over either transport", async () => {
    const token = await tokenOf(server.address, "alice");
    for (const transport of ["polling", "websocket"] as const) {
      const outcome = (origin: string) => connect(server.address, { auth: { token }, extraHeaders: { origin }, transports: [transport] }).then(() => "accepted", () => "refused");
      expect(await outcome("https://evil.example"), transport).to.equal("refused");
      expect(await outcome(server.address), transport).to.equal("accepted");
    }
  });

  it("answers a wrong password and an unknown name alike, with about the same work", async () => {
    const work = async (user: string): Promise<number> => {
      const begin = cpuTime();
      const response = await signInForm(server.address, user, "looking-glass");
      expect([...locationOf(response), response.headers.getSetCookie()]).to.deep.equal([303, "/login#wrong", []]);
      return cpuTime() - begin;
    };
    let [known, unknown] = [Infinity, Infinity];
    for (const [name, stranger] of [["alice", "dora"], ["bob", "../alice"], ["carol", "alice' --"]] as const) {
      known = Math.min(known, await work(name));
      unknown = Math.min(unknown, await work(stranger));
    }
    expect(unknown).to.be.within(known / 4, known * 4);
  });

  it("refuses malformed forms", async () => {
    const form = `${server.address}/handle-login`;
    expect((await signInForm(server.address, "ali\0ce")).headers.get("location")).to.equal("/login#wrong");
    expect((await post(form)).headers.get("location")).to.equal("/login#wrong");
    expect((await post(form, { user: "alice", password: "w".repeat(9_000) })).status).to.equal(413);
    expect((await fetch(form)).status).to.equal(404);
  });

  it("refuses forms of other sites", async () => {
    const foreign: Record<string, string>[] = [{ origin: "https://evil.example" }, { origin: "null" }, { origin: `${server.address}.evil.example` }, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "same-site" }];
    for (const headers of foreign) {
      for (const path of ["/handle-login", "/logout", "/token"]) {
        expect((await post(server.address + path, { user: "alice", password: "wonderland" }, headers)).status, JSON.stringify(headers)).to.equal(403);
      }
    }
    expect((await signInForm(server.address, "alice", "wonderland", { origin: server.address })).status).to.equal(303);
  });

  it("is limited to ten failures a minute from one address", async () => {
    // The minute begins with the first sign-in from the address.
    const { address } = await openChat();
    for (let attempt = 0; attempt < 10; attempt += 1) await signInForm(address, "nobody", "guess");
    const limited = await signInForm(address, "alice");
    expect(limited.status).to.equal(429);
    expect(Number(limited.headers.get("retry-after"))).to.be.within(1, 60);
    expect(await limited.text()).to.match(/You can try again in \d\d seconds\./);
  });
});

describe("signing out of the chat", () => {
  before(async () => { server = await openChat(); });
  after(cleanUp);

  it("ends all connections of the user, and the cookie is no longer valid", async () => {
    const cookie = await cookieOf(server.address, "alice");
    const [tab, otherTab, bob] = await connectAll(server.address, "alice", "alice", "bob");
    const byes = Promise.all([received(tab, "guard:bye"), received(otherTab, "guard:bye")]);
    const ends = Promise.all([disconnected(tab), disconnected(otherTab)]);

    const response = await post(`${server.address}/logout`, {}, { origin: server.address, cookie });
    expect(locationOf(response)).to.deep.equal([303, "/login#out"]);
    expect(parseCookie(response)).to.deep.include({ pair: "sign_in=" }).and.nested.property("attributes").that.includes("expires=thu, 01 jan 1970 00:00:00 gmt");
    for (const bye of await byes) expect(bye).to.include({ code: "token_revoked", reconnect: "never" });
    await ends;

    expect((await requestToken(cookie)).status).to.equal(401);
    expect((await open("/session", cookie)).status).to.equal(401);
    expect((await open("/", cookie)).headers.get("location")).to.equal("/login");
    expect(bob.connected).to.equal(true);
    expect((await connectAs(server.address, "alice")).connected).to.equal(true);
  });

  it("revokes tokens that were fetched before it", async () => {
    const cookie = await cookieOf(server.address, "alice");
    const { token } = await (await requestToken(cookie)).json() as { token: string };
    await signOut(server.address, cookie);
    expect((await denialOf(connect(server.address, { auth: { token } }))).code).to.equal("token_revoked");
  });

  it("without a valid sign-in ends no sessions", async () => {
    const alice = await connectAs(server.address, "alice");
    expect((await signOut(server.address, "sign_in=nonsense")).headers.get("location")).to.equal("/login#out");
    expect(await alice.emitWithAck("history", "lobby")).to.be.an("array");
  });

  it("of other users is only allowed to admins", async () => {
    const cookie = await cookieOf(server.address, "bob");
    const [alice, bob, carol] = await connectAll(server.address, "alice", "bob", "carol");
    expect(deniedWith(await alice.emitWithAck("signOut", "bob")).code).to.equal("forbidden");
    expect((await requestToken(cookie)).status).to.equal(200);

    const bye = received(bob, "guard:bye");
    expect(await carol.emitWithAck("signOut", "bob")).to.equal(true);
    expect(await bye).to.include({ code: "token_revoked" });
    expect((await requestToken(cookie)).status).to.equal(401);
    expect(await carol.emitWithAck("signOut", "nobody")).to.equal(false);
    expect(alice.connected).to.equal(true);
  });
});
