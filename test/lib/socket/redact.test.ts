// `fetchSockets()` and cluster adapters publish the handshake: credentials must not be in it.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous } from "../../../lib/index.js";
import { closeEverything, serve, type Served } from "../../support/server.js";

describe("credentials of a handshake", () => {
  afterEach(closeEverything);
  const cookie = "access_token";

  it("are removed from handshake.auth, and other fields stay", async () => {
    const { io, member, token } = await serve();
    const auth = { token: token(), room: "lobby" };
    const seen: unknown[] = [];
    io.use((socket, next) => { seen.push({ ...socket.handshake.auth }); next(); });
    const { socket } = await member("/", { auth });
    expect(seen).to.deep.equal([{ room: "lobby" }]);
    expect(await published(io)).to.not.contain(auth.token);
    expect(socket.handshake.auth).to.deep.equal({ room: "lobby" });
  });

  it("are removed from the cookie header, and other cookies stay as they came", async () => {
    const { io, raw, token } = await serve({ cookie, origins: "same-origin" });
    const held = token();
    const client = await raw({ headers: { Cookie: `theme=dark%20blue; ${cookie}=${held}; a b="1"; access_token2=x; =odd` } });
    expect(await client.connect()).to.match(/^40/);
    expect(await published(io)).to.not.contain(held);
    const [socket] = await io.fetchSockets();
    expect(socket!.handshake.headers.cookie).to.equal("theme=dark%20blue; a b=\"1\"; access_token2=x; =odd");
  });

  it("are removed from the Authorization header", async () => {
    const { io, raw, token } = await serve();
    const held = token();
    const client = await raw({ headers: { Authorization: `Bearer ${held}` } });
    expect(await client.connect()).to.match(/^40/);
    expect(await published(io)).to.not.contain(held);
  });

  it("can still be used for a second namespace of the connection", async () => {
    const { io, raw, token } = await serve({ cookie, origins: "same-origin" });
    io.of("/admin");
    const held = token();
    const client = await raw({ headers: { Cookie: `${cookie}=${held}` } });
    expect(await client.connect()).to.match(/^40/);
    expect(await client.connect("/admin")).to.match(/^40/);
    expect(await published(io)).to.not.contain(held);
    expect(await published(io, "/admin")).to.not.contain(held);
  });

  it("are also removed in a namespace whose authenticators do not read them", async () => {
    const { io, guarded, raw, token } = await serve({ cookie, origins: "same-origin" });
    guarded.of("/public", { authenticate: anonymous() });
    io.of("/public");
    const held = token();
    const client = await raw({ headers: { Cookie: `${cookie}=${held}; theme=dark`, Authorization: `Bearer ${held}` } });
    expect(await client.connect("/public", { token: held })).to.match(/^40/);
    expect(await published(io, "/public")).to.contain("theme=dark").and.not.contain(held);
  });

  it("may stand beside a cookie that no serializer would write", async () => {
    const { raw, token } = await serve({ cookie, origins: "same-origin" });
    const client = await raw({ headers: { Cookie: `a b=1; =2; \u00e9=3; ${cookie}=${token()}` } });
    expect(await client.connect()).to.match(/^40/);
  });

  it("do not include __proto__, which is removed from handshake.auth as well", async () => {
    const { io, raw, token } = await serve();
    const copies: Record<string, unknown>[] = [];
    io.use((socket, next) => { copies.push(Object.assign({}, socket.handshake.auth)); next(); });
    const client = await raw();
    client.send(`40{"__proto__":{"isAdmin":true},"token":"${token()}"}`);
    expect(await client.next()).to.match(/^40/);
    expect(copies).to.deep.equal([{}]);
    expect(copies[0]!["isAdmin"]).to.equal(undefined);
  });

  it("are not read from the query string", async () => {
    const { connect, token } = await serve();
    const client = connect("/", { auth: {}, query: { token: token() } });
    const error = await new Promise<{ data?: { code: string } }>((resolve) => client.once("connect_error", resolve));
    expect(error.data?.code).to.equal("token_missing");
  });
});

async function published(io: Served["io"], namespace = "/"): Promise<string> {
  const sockets = await io.of(namespace).fetchSockets();
  expect(sockets).to.have.lengthOf(1);
  return JSON.stringify(sockets.map(({ handshake, data }) => ({ handshake, data: data as unknown })));
}
