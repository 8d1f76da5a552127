// Why `io.use` does not protect a whole server: it does not run for other namespaces or recovered sockets, and does not limit CONNECTs.
import { expect } from "chai";
import { it } from "mocha";
import type { Socket } from "socket.io";
import { collector, connection, contract, heard } from "./contract.js";
import { insideServer, type Done } from "./inside.js";

contract("what io.use covers", (serve) => {
  it("why: io.use covers only /, and parent.use does not apply to existing children", async () => {
    const { io, client } = await serve();
    io.of("/admin");
    const parent = io.of(/^\/child$/);
    await heard(client("/child"), "connect");
    const refuse = (_socket: Socket, next: Done): void => next(new Error("no"));
    io.use(refuse);
    parent.use(refuse);
    await Promise.all([heard(client("/"), "connect_error"), heard(client("/admin"), "connect"), heard(client("/child"), "connect")]);
  });

  it("why: each CONNECT that arrives during an asynchronous middleware creates another socket", async () => {
    const { io, raw } = await serve();
    const pending = collector<() => void>(50);
    const connected = collector<Socket>(50);
    io.use((_socket, next) => pending.push(next));
    io.on("connection", connected.push);
    const attacker = await raw();
    attacker.send(...Array.from({ length: 50 }, () => "40"));
    (await pending.full).forEach((next) => next());
    expect(new Set((await connected.full).map(({ id }) => id)).size).to.equal(50);
    expect(io.sockets.sockets.size).to.equal(50);
  });

  it("why: a refused CONNECT leaves its dynamic namespace behind, unless cleanupEmptyChildNamespaces is set", async () => {
    for (const cleanupEmptyChildNamespaces of [false, true]) {
      const { io, raw } = await serve({ cleanupEmptyChildNamespaces });
      io.of(/^\/room-\d+$/).use((_socket, next) => next(new Error("no")));
      const attacker = await raw();
      for (let room = 0; room < 20; room++) await attacker.connect(`/room-${room}`);
      expect(insideServer(io)._nsps.size).to.equal(cleanupEmptyChildNamespaces ? 1 : 21);
    }
  });

  it("why: with recovery on, no middleware runs for a recovered socket", async () => {
    const { io, raw } = await serve({ connectionStateRecovery: {} });
    let runs = 0;
    io.use((_socket, next) => { runs++; next(); });
    const first = await raw();
    const connecting = connection(io);
    const pid = (JSON.parse((await first.connect()).slice(2)) as { pid: string }).pid;
    const socket = await connecting;
    socket.emit("seen");
    const offset = (JSON.parse((await first.next()).slice(2)) as [string, string])[1];
    first.close();
    await heard(socket, "disconnect");
    const again = connection(io);
    await (await raw()).connect("/", { pid, offset });
    expect((await again).recovered).to.be.true;
    expect(runs).to.equal(1);
  });
});
