// Recovery and revocations: what was revoked while its socket was away is given back to nobody, whatever is presented.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { createServer } from "node:http";
import { Server, type ServerOptions } from "socket.io";
import { io as openClient } from "socket.io-client";
import { Facts } from "../../../lib/facts.js";
import { compilePolicy } from "../../../lib/policy/compile.js";
import { Deadlines } from "../../../lib/session/deadlines.js";
import { Registry } from "../../../lib/session/registry.js";
import type { Revocation } from "../../../lib/session/revocation.js";
import { Revocations } from "../../../lib/session/revocations.js";
import { attach } from "../../../lib/socket/attach.js";
import { Closer } from "../../../lib/socket/closer.js";
import { Connections } from "../../../lib/socket/connections.js";
import { Counts, type Core } from "../../../lib/socket/core.js";
import { Credentials } from "../../../lib/socket/credentials.js";
import { answered, breakOff, comeBack, hear, keepHeard, mark } from "../../support/returning.js";
import { closeEverything, closeLater, listen, makeTokens, someEvents, type Client, type Refusal, type ServerSocket } from "../../support/server.js";

describe("recovery and revocations", () => {
  afterEach(closeEverything);

  it("what is revoked by its token, subject or session while away recovers nothing, even with a fresh token", async () => {
    for (const kind of ["token", "subject", "session", "all"] as const) {
      const { member, token, revoke } = await serveRevocable();
      const { client, socket, heard } = await member({ jti: "its token" });
      await breakOff(client, socket);
      revoke({ kind, value: { token: "its token", subject: "alice", session: socket.id, all: "" }[kind], issuedBefore: Date.now() });
      await comeBack(client, { auth: { token: token() } });
      expect([kind, client.recovered, client.id === socket.id, heard]).to.deep.equal([kind, false, false, []]);
    }
  });

  it("another token's or session's revocation does not matter", async () => {
    const { member, revoke } = await serveRevocable();
    const { client, socket } = await member();
    await breakOff(client, socket);
    revoke({ kind: "session", value: "another", issuedBefore: Date.now() });
    await comeBack(client);
    expect(client.recovered).to.be.true;
  });

  it("a revocation that comes while a middleware is waited for gives nothing back either", async () => {
    const { io, member, token, revoke, forget } = await serveRevocable({ connectionStateRecovery: { skipMiddlewares: false } });
    const { client, socket, heard } = await member({ jti: "its token" });
    await breakOff(client, socket);
    io.to("room").emit("news", 1);
    io.use((_socket, next) => {
      revoke({ kind: "token", value: "its token", issuedBefore: Date.now() });
      next();
    });
    const refusal = await comeBack(client, { auth: { token: token() } }).catch((error: unknown) => error as Refusal);
    expect(refusal).to.have.nested.property("data.code", "unavailable");
    forget();
    await comeBack(client);
    const again = io.sockets.sockets.get(client.id!)!;
    await mark(client, again);
    expect([again.recovered, again.rooms.size, heard.length]).to.deep.equal([false, 1, 1]);
  });
});

/** Until `guarded.revoke` is there: a server of the guard's parts, with revocations of its own. */
async function serveRevocable(options: Partial<ServerOptions> = { connectionStateRecovery: {} }) {
  const { tokens } = makeTokens();
  const web = createServer();
  const io = new Server(web, options);
  let revocations = new Revocations();
  const closer = new Closer();
  const credentials = new Credentials();
  credentials.add([tokens]);
  const policy = compilePolicy(someEvents, { undeclared: undefined, onDenied: "reject", checkTimeout: 1_000, failed: () => undefined });
  const core: Core = {
    registry: new Registry(new Deadlines()), facts: new Facts(), closer, connections: new Connections(closer), counts: new Counts(), accounts: undefined,
    credentials, onDenied: "reject", authenticateTimeout: 1_000, queue: 64, closed: false,
    covers: (revocable) => revocations.covers(revocable),
    policyOf: () => ({ policy, chain: [tokens] }),
  };
  attach(io, core, undefined);
  const address = await listen(web);
  closeLater(() => io.close());

  const token = (claims = {}) => tokens.issue({ sub: "alice", ...claims } as never, { expiresIn: "1h" });
  async function member(claims = {}): Promise<{ client: Client; socket: ServerSocket; heard: unknown[][] }> {
    const client = openClient(address, { forceNew: true, reconnection: false, transports: ["websocket"], auth: { token: token(claims) } });
    closeLater(() => client.disconnect());
    await answered(client);
    const socket = io.sockets.sockets.get(client.id!)!;
    await socket.join("room");
    await hear(client, socket);
    return { client, socket, heard: keepHeard(client) };
  }
  return {
    io, token, member,
    revoke: (record: Omit<Revocation, "expiresAt">) => revocations.add({ ...record, expiresAt: Infinity }, Date.now()),
    forget: () => { revocations = new Revocations(); },
  };
}
