// A socket that is not connected yet is in `nsp._preConnectSockets`. `socket._cleanup` is called when a socket is refused or leaves.
import { expect } from "chai";
import { it } from "mocha";
import type { Socket } from "socket.io";
import { collector, connection, contract, heard } from "./contract.js";
import { insideNamespace, insideSocket } from "./inside.js";

contract("a socket that waits or leaves", (serve) => {
  it("is in nsp._preConnectSockets from before its middlewares run until it connects", async () => {
    const { io, client } = await serve();
    const { _preConnectSockets: waiting } = insideNamespace(io.sockets);
    const seen: boolean[] = [];
    io.use((socket, next) => {
      seen.push(waiting.get(socket.id) === socket);
      next();
    });
    io.on("connect", (socket) => seen.push(waiting.has(socket.id)));
    await heard(client(), "connect");
    expect(seen).to.deep.equal([true, false]);
  });

  it("is in nsp._preConnectSockets until it is refused", async () => {
    const { io, client } = await serve();
    const { _preConnectSockets: waiting } = insideNamespace(io.sockets);
    const seen: number[] = [];
    io.use((_socket, next) => { seen.push(waiting.size); next(new Error("no")); });
    await heard(client(), "connect_error");
    expect([...seen, waiting.size]).to.deep.equal([1, 0]);
  });

  it("has its replaced _cleanup called when its handshake is refused", async () => {
    const { io, client } = await serve();
    const cleaned = collector<string>(1);
    io.use((socket, next) => {
      watchCleanup(socket, () => cleaned.push("refused"));
      next(new Error("no"));
    });
    await Promise.all([heard(client(), "connect_error"), cleaned.full]);
  });

  it("has its replaced _cleanup called when it closes, before its disconnect listeners run", async () => {
    const { io, client } = await serve();
    const order = collector<string>(2);
    const connecting = connection(io);
    const opened = client();
    const socket = await connecting;
    watchCleanup(socket, () => order.push("cleanup"));
    socket.on("disconnect", () => order.push("disconnect"));
    opened.disconnect();
    expect(await order.full).to.deep.equal(["cleanup", "disconnect"]);
  });
});

function watchCleanup(socket: Socket, called: () => void): void {
  const inner = insideSocket(socket);
  const original = inner._cleanup.bind(inner);
  inner._cleanup = () => {
    called();
    original();
  };
}
