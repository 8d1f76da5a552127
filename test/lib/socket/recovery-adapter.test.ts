// Recovery where the adapter fails, or answers what it should not.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { answered, breakOff, comeBack } from "../../support/returning.js";
import { closeEverything, nextTurn, serve } from "../../support/server.js";
import { failures, on, serveRestoring } from "./recovery-support.js";
import { memberOf } from "./recovery-suite.js";

describe("recovery where the adapter goes wrong", () => {
  afterEach(closeEverything);

  it("an adapter that throws or rejects: the client connects as any other, and the host is told", async () => {
    for (const restore of [() => { throw new Error("no store"); }, () => Promise.reject(new Error("no store"))]) {
      const node = await serveRestoring(() => restore);
      const told = failures(node);
      const { client, socket } = await memberOf(node);
      await breakOff(client, socket);
      await comeBack(client);
      expect([client.recovered, told]).to.deep.equal([false, [["recovery", "no store"]]]);
    }
  });

  it("an adapter that says with a string that it has none is no failure, and neither is an answer that the guard did not write", async () => {
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

  it("an adapter that does not answer is waited for as long as authenticateTimeout", async () => {
    const node = await serveRestoring(() => () => new Promise(() => undefined), { authenticateTimeout: 30 });
    const told = failures(node);
    const { client, socket } = await memberOf(node);
    await breakOff(client, socket);
    await comeBack(client);
    expect([client.recovered, told]).to.deep.equal([false, [["recovery", "The adapter's restoreSession took longer than `authenticateTimeout`."]]]);
  });

  it("an adapter that hands out the same twice: there are never two sockets with one id", async () => {
    let found: unknown;
    const node = await serveRestoring((original) => async (pid, offset) => (found = (await original(pid, offset)) ?? found));
    const { client, socket } = await memberOf(node);
    const secret = await breakOff(client, socket);
    await comeBack(client);
    const other = node.connect("/", { auth: { ...secret, token: node.token() } });
    await answered(other);
    expect([client.recovered, other.recovered, other.id === client.id]).to.deep.equal([true, false, false]);
  });

  it("data that the adapter cannot keep: the socket leaves as any other, and the host is told", async () => {
    for (const persist of [() => { throw new Error("no functions"); }, () => Promise.reject(new Error("no functions"))]) {
      const node = await serve({ server: on, before: ({ sockets: { adapter } }) => { Object.assign(adapter, { persistSession: persist }); } });
      const told = failures(node);
      const { client, socket } = await memberOf(node);
      await breakOff(client, socket);
      await nextTurn();
      expect([told, node.io.sockets.sockets.size, node.guarded.stats().sessions]).to.deep.equal([[["recovery", "no functions"]], 0, 0]);
    }
  });

  it("the adapter fails when it is asked again after the middlewares: refused for now, and its owner's next attempt recovers", async () => {
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
