// serverSideEmit of adapters. The in-memory adapter cannot reach other nodes; the guard recognizes it by the class that defines the method.
import { expect } from "chai";
import { EventEmitter } from "node:events";
import { it } from "mocha";
import { createRequire } from "node:module";
import { contract } from "./contract.js";

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
