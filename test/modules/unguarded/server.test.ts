import { expect } from "chai";
import { io, type Socket } from "socket.io-client";
import { openUnguarded, type Unguarded } from "../../../modules/unguarded/server.js";

const next = (socket: Socket, event: string): Promise<unknown> => new Promise((resolve) => { socket.once(event, resolve); });

describe("the unguarded server", () => {
  let server: Unguarded;
  const sockets: Socket[] = [];
  before(async () => { server = await openUnguarded(); });
  after(async () => {
    for (const socket of sockets) socket.disconnect();
    await server.close();
  });
  const open = (auth: object): Socket => {
    const socket = io(server.address, { auth, transports: ["websocket"], forceNew: true, reconnection: false });
    sockets.push(socket);
    return socket;
  };

  it("only listens on this machine", () => { expect(server.address).to.match(/^http:\/\/127\.0\.0\.1:\d+$/); });

  it("refuses a connection without a token, with an expired one, and with one of another server", async () => {
    const other = await openUnguarded();
    const tokens = [undefined, server.issue("alice", -60), other.issue("alice", 60)];
    await other.close();
    for (const token of tokens) expect(await next(open({ token }), "connect_error")).to.have.property("message", "unauthorized");
  });

  it("stays up whatever a client sends", async () => {
    const socket = open({ token: server.issue("alice", 60) });
    await next(socket, "connect");
    const deep: unknown = JSON.parse("[".repeat(1_900) + "]".repeat(1_900));
    for (const args of [[], [null], ["text"], [{}, "no ack"], [{ text: deep }], [{ userId: deep }]]) {
      for (const event of ["message", "join", "debug", "error", "sessions"]) socket.emit(event, ...args);
    }
    expect(await socket.emitWithAck("message", { text: deep })).to.have.nested.property("stored.from", "alice");
    expect(await socket.emitWithAck("message", { userId: "bob", text: "hello" })).to.deep.equal({ stored: { from: "bob", text: "hello" } });
  });
});
