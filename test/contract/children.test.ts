// Dynamic namespaces. With `cleanupEmptyChildNamespaces`, `_remove` of an empty child deletes it, even while another
// socket is pending in it. The guard prevents that.
import { expect } from "chai";
import { it } from "mocha";
import type { Socket } from "socket.io";
import { collector, contract, heard, nextTurn } from "./contract.js";
import { insideNamespace, insideServer } from "./inside.js";

contract("children of dynamic namespaces", (serve) => {
  it("why: a refused socket deletes a child in which another one is pending, which then receives no broadcasts", async () => {
    const { io, client } = await serve({ cleanupEmptyChildNamespaces: true });
    const pending = collector<() => void>(1);
    io.of(/^\/room$/).use((socket, next) => {
      if (socket.handshake.auth["member"]) pending.push(next);
      else next(new Error("no"));
    });
    const member = client("/room", { auth: { member: true } });
    const [admit] = await pending.full as [() => void];
    await heard(client("/room"), "connect_error");
    expect(insideServer(io)._nsps.has("/room")).to.be.false;
    admit();
    await heard(member, "connect");
    const answers = await io.of("/room").fetchSockets();
    expect(answers).to.have.lengthOf(0);
  });

  it("with cleanupEmptyChildNamespaces, a child has its own _remove when new_namespace fires, and it can be replaced", async () => {
    const { io, client } = await serve({ cleanupEmptyChildNamespaces: true });
    const removed = collector<Socket>(1);
    const own: boolean[] = [];
    io.of(/^\/room$/).use((_socket, next) => next(new Error("no")));
    io.on("new_namespace", (namespace) => {
      own.push(Object.hasOwn(namespace, "_remove"));
      insideNamespace(namespace)._remove = removed.push;
    });
    await Promise.all([heard(client("/room"), "connect_error"), removed.full]);
    expect(own).to.deep.equal([true]);
    expect(insideServer(io)._nsps.has("/room")).to.be.true;
  });

  it("without cleanupEmptyChildNamespaces, a child uses the prototype's _remove and is kept", async () => {
    const { io, client } = await serve();
    const own: boolean[] = [];
    io.of(/^\/room$/);
    io.on("new_namespace", (namespace) => own.push(Object.hasOwn(namespace, "_remove")));
    const member = client("/room");
    const [[socket]] = await Promise.all([heard(io.of("/room"), "connection"), heard(member, "connect")]);
    const gone = heard(socket as Socket, "disconnect");
    member.disconnect();
    await gone;
    await nextTurn();
    expect(own).to.deep.equal([false]);
    expect(insideServer(io)._nsps.has("/room")).to.be.true;
  });

  it("io.of with a name that matches a parent creates a child and fires new_namespace", async () => {
    const { io } = await serve();
    const parent = io.of(/^\/room$/);
    const names: string[] = [];
    io.on("new_namespace", (namespace) => names.push(namespace.name));
    const child = io.of("/room");
    expect(names).to.deep.equal(["/room"]);
    expect([...(parent as unknown as { children: Set<unknown> }).children]).to.deep.equal([child]);
  });

  it("a name that matches no parent is refused; no namespace is created and no middleware runs", async () => {
    const { io, raw } = await serve();
    const attacker = await raw();
    expect(await attacker.connect("/nowhere")).to.equal('44/nowhere,{"message":"Invalid namespace"}');
    expect([...insideServer(io)._nsps.keys()]).to.deep.equal(["/"]);
  });
});
