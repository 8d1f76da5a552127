// Clients that reset their connections at any instant of a handshake. None of them may end the process or stay counted.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { Child, startProcess } from "../../support/child.js";
import { draws, seed } from "../../support/draws.js";
import { eventually } from "../../support/eventually.js";
import type { Commands } from "../../support/resetting-clients.js";
import { closeEverything, connectionsOf, refusal, serve } from "../../support/server.js";

const atOnce = 20;

class ResettingClients extends Child<Commands> {
  static async start(): Promise<ResettingClients> {
    return new ResettingClients(await startProcess("test/support/resetting-clients.ts", false));
  }
}

describe("a client that resets its connection in the handshake", () => {
  afterEach(closeEverything);

  it("neither ends the process nor stays counted, whenever it does so", async () => {
    const clients = await ResettingClients.start();
    const { io, address, connect, member } = await serve({ login: { timeout: 3_000 }, limits: { connections: { address: atOnce / 2 } } });
    // A busy server is late: when it reads the address of a client, the operating system may have forgotten it.
    const busy = setInterval(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30), 40);
    try {
      await clients.ask("storm", { port: Number(new URL(address).port), clients: draws(20_000), atOnce, seed: seed() });
    } finally {
      clearInterval(busy);
      await clients.kill();
    }
    await eventually(() => connectionsOf(io) === 0, "all connections are closed");
    const members = await Promise.all(Array.from({ length: atOnce / 2 }, () => member()));
    expect(members).to.have.length(atOnce / 2);
    // None was taken off the count twice.
    expect((await refusal(connect("/"))).data?.code).to.equal("connection_limit");
  });
});
