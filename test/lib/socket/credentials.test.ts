// What an authenticator reads leaves with nobody: `fetchSockets()` and cluster adapters publish the handshake.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous } from "../../../lib/index.js";
import { closeEverything, serve, type Served } from "../../support/server.js";

describe("credentials of a handshake", () => {
  afterEach(closeEverything);
  const cookie = "access_token";

  it("are gone from handshake.auth, and other fields stay", async () => {
    const { io, member, token } = await serve();
    const auth = { token: token(), room: "lobby" };
    const seen: unknown[] = [];
    io.use((socket, next) => { seen.push({ ...socket.handshake.auth }); next(); });
    const { socket } = await member("/", { auth });
    expect(seen).to.deep.equal([{ room: "lobby" }]);
    expect(await published(io)).to.not.contain(auth.token);
    expect(socket.handshake.auth).to.deep.equal({ room: "lobby" });
  });

  it("are gone from the cookie header, and other cookies stay as they came", async () => {
    const { io, raw, token } = await serve({ cookie, origins: "same-origin" });
    const held = token();
    const client = await raw({ headers: { Cookie: `theme=dark%20blue; ${cookie}=${held}; a b="1"; access_token2=x; =odd` } });
    expect(await client.connect()).to.match(/^40/);
    expect(await published(io)).to.not.contain(held);
    const [socket] = await io.fetchSockets();
    expect(socket!.handshake.headers.cookie).to.equal("theme=dark%20blue; a b=\"1\"; access_token2=x; =odd");
  });

  it("are gone from the Authorization header", async () => {
    const { io, raw, token } = await serve();
    const held = token();
    const client = await raw({ headers: { Authorization: `Bearer ${held}` } });
    expect(await client.connect()).to.match(/^40/);
    expect(await published(io)).to.not.contain(held);
  });

  it("serve a second namespace of the same connection all the same", async () => {
    const { io, raw, token } = await serve({ cookie, origins: "same-origin" });
    io.of("/admin");
    const held = token();
    const client = await raw({ headers: { Cookie: `${cookie}=${held}` } });
    expect(await client.connect()).to.match(/^40/);
    expect(await client.connect("/admin")).to.match(/^40/);
    expect(await published(io)).to.not.contain(held);
    expect(await published(io, "/admin")).to.not.contain(held);
  });

  it("of one namespace are gone also from a namespace whose authenticators read none", async () => {
    const { io, guarded, raw, token } = await serve({ cookie, origins: "same-origin" });
    guarded.of("/public", { authenticate: anonymous() });
    io.of("/public");
    const held = token();
    const client = await raw({ headers: { Cookie: `${cookie}=${held}; theme=dark`, Authorization: `Bearer ${held}` } });
    expect(await client.connect("/public", { token: held })).to.match(/^40/);
    expect(await published(io, "/public")).to.contain("theme=dark").and.not.contain(held);
  });

  it("a cookie that no serializer would write refuses nobody, and does not end the process", async () => {
    const { raw, token } = await serve({ cookie, origins: "same-origin" });
    const client = await raw({ headers: { Cookie: `a b=1; =2; \u00e9=3; ${cookie}=${token()}` } });
    expect(await client.connect()).to.match(/^40/);
  });

  it("an own __proto__ in handshake.auth reaches nobody who copies it", async () => {
    const { io, raw, token } = await serve();
    const copies: Record<string, unknown>[] = [];
    io.use((socket, next) => { copies.push(Object.assign({}, socket.handshake.auth)); next(); });
    const client = await raw();
    client.send(`40{"__proto__":{"isAdmin":true},"token":"${token()}"}`);
    expect(await client.next()).to.match(/^40/);
    expect(copies).to.deep.equal([{}]);
    expect(copies[0]!["isAdmin"]).to.equal(undefined);
  });

  it("a token in the query string is no credential", async () => {
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
