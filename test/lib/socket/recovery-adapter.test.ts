import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { answered, breakOff, comeBack } from "../../support/returning.js";
import { closeEverything, nextTurn, serve } from "../../support/server.js";
import { failures, on, serveRestoring } from "./recovery-support.js";
import { memberOf } from "./recovery-suite.js";

describe("recovery, if the adapter misbehaves", () => {
  afterEach(closeEverything);

  it("connects the client as a new one and emits failed if the adapter throws or rejects", async () => {
    for (const restore of [() => { throw new Error("no store"); }, () => Promise.reject(new Error("no store"))]) {
      const node = await serveRestoring(() => restore);
      const told = failures(node);
      const { client, socket } = await memberOf(node);
      await breakOff(client, socket);
      await comeBack(client);
      expect([client.recovered, told]).to.deep.equal([false, [["recovery", "no store"]]]);
    }
  });

  it("emits no failed if the adapter rejects with a string, or returns a session that the guard did not write", async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the redis-streams adapter rejects with this string
    for (const restore of [() => Promise.reject("session or offset not found"), () => ({ sid: "x", rooms: ["room"], data: {}, missedPackets: [] }), () => null]) {
      const node = await serveRestoring(() => restore);
      const told = failures(node);
      const { client, socket } = await memberOf(node);
      await breakOff(client, socket);
      await comeBack(client);
      expect([client.recovered, told, node.io.sockets.sockets.get(client.id!)!.rooms.size]).to.deep.equal([false, [], 1]);
    }
  });

  it("waits no longer than authenticateTimeout for an adapter that does not answer", async () => {
    const node = await serveRestoring(() => () => new Promise(() => undefined), { authenticateTimeout: 30 });
    const told = failures(node);
    const { client, socket } = await memberOf(node);
    await breakOff(client, socket);
    await comeBack(client);
    expect([client.recovered, told]).to.deep.equal([false, [["recovery", "The adapter's restoreSession took longer than `authenticateTimeout`."]]]);
  });

  it("never makes two sockets with one id, even if the adapter returns a session twice", async () => {
    let found: unknown;
    const node = await serveRestoring((original) => async (pid, offset) => (found = (await original(pid, offset)) ?? found));
    const { client, socket } = await memberOf(node);
    const secret = await breakOff(client, socket);
    await comeBack(client);
    const other = node.connect("/", { auth: { ...secret, token: node.token() } });
    await answered(other);
    expect([client.recovered, other.recovered, other.id === client.id]).to.deep.equal([true, false, false]);
  });

  it("emits failed if the adapter cannot keep socket.data, and the socket leaves as usual", async () => {
    for (const persist of [() => { throw new Error("no functions"); }, () => Promise.reject(new Error("no functions"))]) {
      const node = await serve({ server: on, before: ({ sockets: { adapter } }) => { Object.assign(adapter, { persistSession: persist }); } });
      const told = failures(node);
      const { client, socket } = await memberOf(node);
      await breakOff(client, socket);
      await nextTurn();
      expect([told, node.io.sockets.sockets.size, node.guarded.stats().sessions]).to.deep.equal([[["recovery", "no functions"]], 0, 0]);
    }
  });

  it("refuses the client as unavailable if the adapter fails after the middlewares, and the next attempt recovers", async () => {
    let questions = 0;
    const node = await serveRestoring((original) => (pid, offset) => ((questions += 1) === 2 ? null : original(pid, offset)), { server: { connectionStateRecovery: { skipMiddlewares: false } } });
    const { client, socket } = await memberOf(node);
    await breakOff(client, socket);
    const refused = await comeBack(client).catch((error: unknown) => error);
    expect(refused).to.have.nested.property("data.code", "unavailable");
    await comeBack(client);
    expect(client.recovered).to.be.true;
  });
});
