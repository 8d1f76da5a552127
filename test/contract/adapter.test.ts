// serverSideEmit of adapters. The in-memory adapter cannot reach other nodes; the guard recognizes it by the class that defines the method.
import { expect } from "chai";
import { EventEmitter } from "node:events";
import { it } from "mocha";
import { createRequire } from "node:module";
import { connection, contract } from "./contract.js";

interface AdapterInside {
  serverSideEmit(packet: unknown[]): unknown;
}

contract("serverSideEmit of an adapter", (serve) => {
  it("only prints a warning in memory, where the base class of all adapters defines it, with and without recovery", async () => {
    for (const options of [{}, { connectionStateRecovery: {} }]) {
      const { io } = await serve(options);
      const adapter = io.sockets.adapter as unknown as AdapterInside;
      let kind = Object.getPrototypeOf(adapter) as object;
      while (!Object.hasOwn(kind, "serverSideEmit")) kind = Object.getPrototypeOf(kind) as object;
      expect(Object.getPrototypeOf(kind)).to.equal(EventEmitter.prototype);
      const { warn } = console;
      const warnings: unknown[] = [];
      console.warn = (text: unknown) => warnings.push(text);
      try {
        adapter.serverSideEmit(["hint"]);
      } finally {
        console.warn = warn;
      }
      expect(warnings).to.have.lengthOf(1);
    }
  });

  it("is defined by ClusterAdapter itself for adapters that reach other nodes", () => {
    const require = createRequire(import.meta.url);
    const { ClusterAdapter } = require("socket.io-adapter") as { ClusterAdapter: { prototype: object } };
    expect(Object.hasOwn(ClusterAdapter.prototype, "serverSideEmit")).to.equal(true);
    expect(Object.getPrototypeOf(ClusterAdapter.prototype)).to.not.equal(EventEmitter.prototype);
  });

  it("calls the listeners of the same namespace", async () => {
    const { io } = await serve();
    const heard: unknown[] = [];
    io.on("hint", (...given: unknown[]) => heard.push(given));
    (io.sockets as unknown as { _onServerSideEmit(args: unknown[]): void })._onServerSideEmit(["hint"]);
    expect(heard).to.deep.equal([[]]);
  });
});

contract("broadcast of an adapter", (serve) => {
  it("keeps a packet for recovery unless `volatile` is defined, and with false does not drop it", async () => {
    const { io, raw } = await serve({ connectionStateRecovery: {} });
    const connecting = connection(io);
    const attacker = await raw();
    await attacker.connect();
    const socket = await connecting;
    const adapter = io.sockets.adapter as unknown as { packets: unknown[]; broadcast(packet: object, options: object): void };
    const options = { rooms: new Set([socket.id]), except: new Set() };
    // A transport that waits for the network would make a volatile packet get lost.
    (socket.conn.transport as unknown as { writable: boolean }).writable = false;
    adapter.broadcast({ type: 2, data: ["news", 1] }, { ...options, flags: { local: true, volatile: false } });
    expect(adapter.packets).to.have.lengthOf(0);
    adapter.broadcast({ type: 2, data: ["news", 2] }, { ...options, flags: { local: true } });
    expect(adapter.packets).to.have.lengthOf(1);
    (socket.conn.transport as unknown as { writable: boolean }).writable = true;
    (socket.conn as unknown as { flush(): void }).flush();
    expect(await attacker.next()).to.equal('42["news",1]');
    expect(await attacker.next()).to.match(/^42\["news",2,"/);
  });

  it("knows the sockets of each room, and each socket by its own id", async () => {
    const { io, raw } = await serve();
    const connecting = connection(io);
    await (await raw()).connect();
    const socket = await connecting;
    void socket.join("lobby");
    const { rooms } = io.sockets.adapter;
    expect([...rooms.get("lobby")!]).to.deep.equal([socket.id]);
    expect([...rooms.get(socket.id)!]).to.deep.equal([socket.id]);
    void socket.leave("lobby");
    expect(rooms.has("lobby")).to.equal(false);
  });
});
