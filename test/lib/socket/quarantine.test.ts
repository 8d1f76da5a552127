// A connection without a session is closed in time, whatever it tries.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous } from "../../../lib/index.js";
import { closeEverything, connectionsOf, serve } from "../../support/server.js";

const timeout = 150;

describe("a connection without a session", () => {
  afterEach(closeEverything);

  it("is closed in time, and told why, if it says nothing", async () => {
    const { guarded, raw } = await serve({ login: { timeout } });
    const facts: unknown[] = [];
    guarded.on("refused", (fact) => facts.push(fact));
    const silent = await raw();
    await silent.closed;
    expect(silent.frames.map(String)[0]).to.match(/^44\{.*"code":"login_timeout","status":401,.*"reconnect":"never"/);
    expect(facts).to.deep.equal([{ code: "login_timeout", namespace: "", address: "127.0.0.1", reason: "The connection had no session within `login.timeout`." }]);
  });

  it("is closed in time if it began to poll, and never polls again", async () => {
    const { io, address } = await serve({ login: { timeout } });
    for (let nth = 0; nth < 3; nth += 1) await (await fetch(`${address}/socket.io/?EIO=4&transport=polling`)).text();
    expect(connectionsOf(io)).to.equal(3);
    // Waiting for them to poll would take the engine's own 45 seconds.
    while (connectionsOf(io) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it("is closed in time if it asks for namespaces that do not exist, again and again", async () => {
    const { raw } = await serve({ login: { timeout } });
    const stranger = await raw();
    let asked = 0;
    const ask = () => stranger.send(`40/nowhere-${(asked += 1)},`);
    const often = setInterval(ask, 5);
    await stranger.closed;
    clearInterval(often);
    expect(asked).to.be.greaterThan(3);
  });

  it("is closed in time if it fails slowly: a failed try does not give it more", async () => {
    const { io, guarded, raw } = await serve({ login: { timeout, attempts: 100 } });
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
    const { raw } = await serve({ login: { timeout }, authenticate: { name: "slow", authenticate: () => new Promise<never>(() => undefined) } as never });
    const stranger = await raw();
    stranger.send("40");
    await stranger.closed;
  });

  it("is not closed once it has one, also a guest's", async () => {
    const served = await serve({ login: { timeout }, authenticate: [anonymous()] as never });
    const { raw } = await served.rawMember("/", {});
    const other = await served.raw();
    await other.closed;
    expect(raw.frames.map(String).some((frame) => frame.includes("login_timeout"))).to.equal(false);
    expect(connectionsOf(served.io)).to.equal(1);
  });

  it("is one that has left all its namespaces, too", async () => {
    const { rawMember } = await serve({ login: { timeout } });
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
