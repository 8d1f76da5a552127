// A connection that does not get a session is closed after login.timeout, even if it keeps sending.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous } from "../../../lib/index.js";
import { closeEverything, connectionsOf, event, serve } from "../../support/server.js";

const timeout = 150;
// For those who do something meanwhile, on a machine that is busy.
const longer = 1_000;

describe("a connection without a session", () => {
  afterEach(closeEverything);

  it("is closed after login.timeout, and told why, if it sends nothing", async () => {
    const { guarded, raw } = await serve({ login: { timeout } });
    const facts: unknown[] = [];
    guarded.on("refused", (fact) => facts.push(fact));
    const silent = await raw();
    await silent.closed;
    expect(silent.frames.map(String)[0]).to.match(/^44\{.*"code":"login_timeout","status":401,.*"reconnect":"never"/);
    expect(facts).to.deep.equal([{ code: "login_timeout", namespace: "", address: "127.0.0.1", reason: "the connection had no session within `login.timeout`" }]);
  });

  it("is reported with the address that a trusted proxy saw", async () => {
    const { guarded, raw } = await serve({ trustProxy: 1, login: { timeout } });
    const addresses: unknown[] = [];
    guarded.on("refused", ({ address }) => addresses.push(address));
    await (await raw({ headers: { "X-Forwarded-For": "192.0.2.1" } })).closed;
    expect(addresses).to.deep.equal(["192.0.2.1"]);
  });

  it("is closed after login.timeout if it opened a polling transport and never polls again", async () => {
    const { io, address } = await serve({ login: { timeout } });
    const closed: Promise<unknown>[] = [];
    io.engine.on("connection", (connection) => closed.push(event(connection as never, "close")));
    for (let nth = 0; nth < 3; nth += 1) await (await fetch(`${address}/socket.io/?EIO=4&transport=polling`)).text();
    expect(closed).to.have.length(3);
    // Waiting for them to poll would take the engine's own 45 seconds.
    await Promise.all(closed);
    expect(connectionsOf(io)).to.equal(0);
  });

  it("is closed after login.timeout if it keeps asking for namespaces that do not exist", async () => {
    const { raw } = await serve({ login: { timeout: longer } });
    const stranger = await raw();
    let asked = 0;
    const ask = () => stranger.send(`40/nowhere-${(asked += 1)},`);
    const often = setInterval(ask, 5);
    await stranger.closed;
    clearInterval(often);
    expect(asked).to.be.greaterThan(3);
  });

  it("is closed after login.timeout if it keeps failing: a failed attempt does not give it more time", async () => {
    const { io, guarded, raw } = await serve({ login: { timeout: longer, attempts: 100 } });
    io.of("/slow");
    guarded.of("/slow", { authenticate: { name: "slow", authenticate: () => new Promise<never>(() => undefined) } });
    const stranger = await raw();
    // A refusal that leaves nothing open would close the connection: so one handshake stays pending.
    stranger.send("40/slow,");
    let failed = 0;
    const fail = () => { stranger.send('40{"token":"no token"}'); failed += 1; };
    const often = setInterval(fail, 20);
    await stranger.closed;
    clearInterval(often);
    expect(failed).to.be.greaterThan(2);
    expect(String(stranger.frames.at(-1))).to.contain("login_timeout");
  });

  it("is closed after login.timeout while an authenticator does not answer", async () => {
    const { raw } = await serve({ login: { timeout }, authenticate: { name: "slow", authenticate: () => new Promise<never>(() => undefined) } as never });
    const stranger = await raw();
    stranger.send("40");
    await stranger.closed;
  });

  it("stays open once it has a session, even a guest's", async () => {
    const served = await serve({ login: { timeout: longer }, authenticate: [anonymous()] as never });
    const { raw } = await served.rawMember("/", {});
    const other = await served.raw();
    await other.closed;
    expect(raw.frames.map(String).some((frame) => frame.includes("login_timeout"))).to.equal(false);
    expect(connectionsOf(served.io)).to.equal(1);
  });

  it("is closed after login.timeout once it has left all its namespaces", async () => {
    const { rawMember } = await serve({ login: { timeout: longer } });
    const { raw } = await rawMember();
    raw.send("41");
    await raw.closed;
  });

  it("stays open for one refused handshake fewer than login.attempts, while another namespace is open", async () => {
    const { io, rawMember } = await serve({ login: { attempts: 5 } });
    for (let nth = 1; nth <= 5; nth += 1) io.of(`/${nth}`);
    const { raw } = await rawMember();
    for (let nth = 1; nth <= 4; nth += 1) expect(await raw.connect(`/${nth}`, { token: "no token" })).to.contain("token_malformed");
    expect(connectionsOf(io)).to.equal(1);
    raw.send('40/5,{"token":"no token"}');
    await raw.closed;
  });
});
