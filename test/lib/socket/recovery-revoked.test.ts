import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { RevocationTarget, Guard } from "../../../lib/index.js";
import { breakOff, comeBack, hear, keepHeard, mark } from "../../support/returning.js";
import { closeEverything, serve, type Client, type Refusal, type ServerSocket, type Setting } from "../../support/server.js";

describe("recovery of a session", () => {
  afterEach(closeEverything);

  const ways: [string, (guarded: Guard<never, unknown>, socket: ServerSocket) => Promise<void>][] = [
    ["token", (guarded) => guarded.revoke({ tokenId: "its token" })],
    ["subject", (guarded) => guarded.revoke({ subject: "alice" })],
    ["session", (guarded, { id }) => guarded.revoke({ session: id })],
    ["all", (guarded) => guarded.revokeAll()],
  ];
  for (const [kind, revoke] of ways) {
    it(`is not possible if it was revoked by its ${kind} meanwhile, even with a fresh token`, async () => {
      const { guarded, member, token, clock } = await serveRecovering();
      const { client, socket, heard } = await member({ jti: "its token" });
      await breakOff(client, socket);
      await revoke(guarded as never, socket);
      clock.ahead = 5;
      await comeBack(client, { auth: { token: token() } });
      expect([client.recovered, client.id === socket.id, heard]).to.deep.equal([false, false, []]);
    });
  }

  it("is possible if another token or session was revoked", async () => {
    const { guarded, member } = await serveRecovering();
    const { client, socket } = await member();
    await breakOff(client, socket);
    for (const other of [{ session: "another" }, { tokenId: "another" }, { subject: "bob" }] satisfies RevocationTarget[]) await guarded.revoke(other);
    await comeBack(client);
    expect(client.recovered).to.be.true;
  });

  it("is not possible if it is revoked while a middleware works", async () => {
    const { io, guarded, member, token } = await serveRecovering({ server: { connectionStateRecovery: { skipMiddlewares: false } } });
    const { client, socket, heard } = await member({ jti: "its token" });
    await breakOff(client, socket);
    io.to("room").emit("news", 1);
    io.use((_socket, next) => void guarded.revoke({ tokenId: "its token" }).then(() => next()));
    const refusal = await comeBack(client, { auth: { token: token() } }).catch((error: unknown) => error as Refusal);
    expect(refusal).to.have.nested.property("data.code", "unavailable");
    await comeBack(client);
    const again = io.sockets.sockets.get(client.id!)!;
    await mark(client, again);
    expect([again.recovered, again.rooms.size, heard.length]).to.deep.equal([false, 1, 1]);
  });
});

async function serveRecovering(setting: Setting = { server: { connectionStateRecovery: {} } }) {
  const served = await serve(setting);
  async function member(claims = {}): Promise<{ client: Client; socket: ServerSocket; heard: unknown[][] }> {
    const { client, socket } = await served.member("/", { auth: { token: served.token(claims) } });
    await socket.join("room");
    await hear(client, socket);
    return { client, socket, heard: keepHeard(client) };
  }
  return { ...served, member };
}
