import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { answered, breakOff, comeBack, hear, keepHeard, mark, secretOf } from "../../support/returning.js";
import { closeEverything, event, namespacesOf, nextTurn, refusal, serve } from "../../support/server.js";
import { kept, on } from "./recovery-support.js";
import { memberOf } from "./recovery-suite.js";

describe("recovery on a server that the host configures", () => {
  afterEach(closeEverything);

  it("works with an adapter that the host sets after guard(io)", async () => {
    const node = await serve();
    expect(Object.hasOwn(node.io.sockets.adapter, "persistSession")).to.be.false;
    const other = await serve({ server: on });
    other.io.adapter(other.io.adapter()!);
    const { client, socket, heard } = await memberOf(other);
    const secret = await breakOff(client, socket);
    other.io.to("room").emit("news", 1);
    const thief = other.connect("/", { auth: { ...secret, token: other.token({ sub: "mallory" }) } });
    await answered(thief);
    expect(thief.recovered).to.be.false;
    await comeBack(client);
    await mark(client, other.io.sockets.sockets.get(client.id!)!);
    expect([client.recovered, heard[0]]).to.deep.equal([true, ["news", 1]]);
  });

  it("leaves pid, offset and the adapter alone if it is off", async () => {
    const node = await serve();
    const { socket } = await node.member("/", { auth: { token: node.token(), pid: "mine", offset: "mine too" } });
    expect(socket.handshake.auth).to.deep.equal({ pid: "mine", offset: "mine too" });
    for (const name of ["persistSession", "restoreSession"]) expect(Object.hasOwn(node.io.sockets.adapter, name)).to.be.false;
  });

  it("works in a dynamic namespace, with cleanupEmptyChildNamespaces as long as a socket is in it", async () => {
    for (const cleanupEmptyChildNamespaces of [false, true]) {
      const node = await serve({ server: { ...on, cleanupEmptyChildNamespaces } });
      node.io.of(/^\/room-\d$/);
      const { client, socket, heard } = await memberOf(node, "/room-1");
      const other = await memberOf(node, "/room-1");
      await breakOff(client, socket);
      node.io.of("/room-1").to("room").emit("news", 1);
      await comeBack(client);
      await mark(client, node.io.of("/room-1").sockets.get(client.id!)!);
      expect([client.recovered, heard[0]]).to.deep.equal([true, ["news", 1]]);
      client.disconnect();
      const left = event(other.socket, "disconnect");
      other.client.disconnect();
      await left;
      while (cleanupEmptyChildNamespaces && namespacesOf(node.io).includes("/room-1")) await nextTurn();
    }
  });

  it("is not possible in a namespace that was empty and removed: the client connects as a new one", async () => {
    const node = await serve({ server: { ...on, cleanupEmptyChildNamespaces: true } });
    node.io.of(/^\/room-\d$/);
    const { client, socket } = await memberOf(node, "/room-1");
    await breakOff(client, socket);
    await comeBack(client);
    expect(client.recovered).to.be.false;
  });

  it("shows handlers the user as it is now", async () => {
    const node = await serve({ server: on });
    const { client, socket } = await memberOf(node, "/", { token: node.token({ role: "admin" }) });
    await breakOff(client, socket);
    expect(JSON.stringify([...kept(node.io).values()])).to.not.include("admin");
    await comeBack(client, { auth: { token: node.token({ role: "member" }) } });
    expect(node.io.sockets.sockets.get(client.id!)!.data).to.deep.include({ colour: "green" }).and.have.nested.property("user.role", "member");
  });

  it("refuses a client whose key was dropped or whose user does not exist, before it asks the adapter", async () => {
    let isGone = false;
    const node = await serve({ server: on, findUser: () => (isGone ? null : { name: "alice" }) });
    const { client, socket, heard } = await memberOf(node);
    const secret = await breakOff(client, socket);
    isGone = true;
    await node.guarded.userChanged("alice");
    expect((await refusal(node.connect("/", { auth: { ...secret, token: node.token() } }))).data).to.include({ code: "user_unknown" });
    isGone = false;
    await comeBack(client);
    expect([client.recovered, heard.length, secretOf(client).pid]).to.deep.equal([true, 0, secret.pid]);
  });

  it("sends missed events without any notice of the guard among them", async () => {
    const node = await serve({ server: on });
    const { client, socket } = await node.member();
    const heard = keepHeard(client);
    await hear(client, socket);
    const denied = event(client, "guard:denied");
    client.emit("unknown");
    await denied;
    await breakOff(client, socket);
    await comeBack(client);
    await mark(client, node.io.sockets.sockets.get(client.id!)!);
    expect([client.recovered, heard.map(([name]) => name)]).to.deep.equal([true, ["heard", "mark"]]);
  });
});
