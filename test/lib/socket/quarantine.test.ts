// A connection without a session: closed in time, whatever it tries; and an address that guesses waits longer and longer.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, type Denial } from "../../../lib/index.js";
import { closeEverything, connectionsOf, event, nextTurn, refusal, serve } from "../../support/server.js";

const within = 150;

describe("a connection without a session", () => {
  afterEach(closeEverything);

  it("is closed in time, and told why, if it says nothing", async () => {
    const { guarded, raw } = await serve({ login: { within } });
    const facts: unknown[] = [];
    guarded.on("refused", (fact) => facts.push(fact));
    const silent = await raw();
    await silent.closed;
    expect(silent.frames.map(String)[0]).to.match(/^44\{.*"code":"login_timeout","status":401,.*"reconnect":"never"/);
    expect(facts).to.deep.equal([{ code: "login_timeout", namespace: "", address: "127.0.0.1" }]);
  });

  it("is closed in time if it began to poll, and never polls again", async () => {
    const { io, address } = await serve({ login: { within } });
    for (let nth = 0; nth < 3; nth += 1) await (await fetch(`${address}/socket.io/?EIO=4&transport=polling`)).text();
    expect(connectionsOf(io)).to.equal(3);
    // Waiting for them to poll would take the engine's own 45 seconds.
    while (connectionsOf(io) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it("is closed in time if it asks for namespaces that do not exist, again and again", async () => {
    const { raw } = await serve({ login: { within } });
    const stranger = await raw();
    let asked = 0;
    const ask = () => stranger.send(`40/nowhere-${(asked += 1)},`);
    const often = setInterval(ask, 5);
    await stranger.closed;
    clearInterval(often);
    expect(asked).to.be.greaterThan(3);
  });

  it("is closed in time if it fails slowly: a failed try does not give it more", async () => {
    const { io, guarded, raw } = await serve({ login: { within, attempts: 100 } });
    io.of("/slow");
    guarded.of("/slow", { authenticate: { name: "slow", authenticate: () => new Promise<never>(() => undefined) } });
    const stranger = await raw();
    // A refusal that leaves nothing open would close the connection by itself: so one try stays pending.
    stranger.send("40/slow,");
    let failed = 0;
    const fail = () => { stranger.send('40{"token":"no token"}'); failed += 1; };
    const often = setInterval(fail, 20);
    await stranger.closed;
    clearInterval(often);
    expect(failed).to.be.greaterThan(2);
    expect(String(stranger.frames.at(-1))).to.contain("login_timeout");
  });

  it("is closed in time while the host's own authenticator does not answer", async () => {
    const { raw } = await serve({ login: { within }, authenticate: { name: "slow", authenticate: () => new Promise<never>(() => undefined) } as never });
    const stranger = await raw();
    stranger.send("40");
    await stranger.closed;
  });

  it("is not closed once it has one, also a guest's", async () => {
    const served = await serve({ login: { within }, authenticate: [anonymous()] as never });
    const { raw } = await served.rawMember("/", {});
    const other = await served.raw();
    await other.closed;
    expect(raw.frames.map(String).some((frame) => frame.includes("login_timeout"))).to.equal(false);
    expect(connectionsOf(served.io)).to.equal(1);
  });

  it("is one that has left all its namespaces, too", async () => {
    const { rawMember } = await serve({ login: { within } });
    const { raw } = await rawMember();
    raw.send("41");
    await raw.closed;
  });

  it("survives as many refused handshakes as login.attempts allows, while another namespace is open", async () => {
    const { io, rawMember } = await serve({ login: { attempts: 5 } });
    for (let nth = 1; nth <= 5; nth += 1) io.of(`/${nth}`);
    const { raw } = await rawMember();
    for (let nth = 1; nth <= 4; nth += 1) expect(await raw.connect(`/${nth}`, { token: "no token" })).to.contain("token_malformed");
    expect(connectionsOf(io)).to.equal(1);
    raw.send('40/5,{"token":"no token"}');
    await raw.closed;
  });
});

describe("an address that fails to log in", () => {
  afterEach(closeEverything);

  it("is asked for no credentials after ten failures, until its wait is over; whoever is connected stays", async () => {
    const { connect, member } = await serve();
    const { client } = await member();
    for (let nth = 0; nth < 10; nth += 1) expect((await refusal(connect("/", { auth: { token: "no token" } }))).data!.code).to.equal("token_malformed");
    const { data } = await refusal(connect());
    expect(data).to.include({ code: "rate_limited", status: 429, reconnect: "later" });
    expect((data as unknown as Denial).retryAfter).to.be.within(1, 1_000);
    expect(client.connected).to.equal(true);
  });

  it("does not fail by an expired token, or by none", async () => {
    const { connect, token, clock } = await serve();
    clock.ahead = -7_200_000;
    const expired = token();
    clock.ahead = 0;
    for (let nth = 0; nth < 12; nth += 1) await refusal(connect("/", { auth: nth % 2 === 0 ? {} : { token: expired } }));
    await event(connect(), "guard:session");
  });

  it("begins anew after a success", async () => {
    const { connect, member } = await serve();
    const fail = async (times: number) => { for (let nth = 0; nth < times; nth += 1) await refusal(connect("/", { auth: { token: "no token" } })); };
    await fail(9);
    await member();
    await fail(9);
    await member();
    await nextTurn();
  });

  it("is the one that the trusted proxy saw", async () => {
    const { connect, guarded } = await serve({ trustProxy: 1 });
    const addresses: string[] = [];
    guarded.on("refused", ({ address }) => addresses.push(address));
    const from = (forwarded: string, auth: object) => connect("/", { auth, extraHeaders: { "x-forwarded-for": forwarded } });
    for (let nth = 0; nth < 10; nth += 1) await refusal(from(`10.0.0.${nth}, 203.0.113.1`, { token: "no token" }));
    expect((await refusal(from("203.0.113.1", {}))).data!.code).to.equal("rate_limited");
    expect((await refusal(from("203.0.113.1, 203.0.113.2", {}))).data!.code).to.equal("token_missing");
    expect(new Set(addresses)).to.deep.equal(new Set(["203.0.113.1", "203.0.113.2"]));
  });
});
