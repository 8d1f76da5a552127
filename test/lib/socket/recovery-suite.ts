// Connection state recovery, with each adapter, on the same node and on another one.
import { expect } from "chai";
import { it } from "mocha";
import { anonymous, jwt, type Authenticator } from "../../../lib/index.js";
import { answered, breakOff, comeBack, hear, keepHeard, mark, secretOf, type Secret } from "../../support/returning.js";
import { event, refusal, type Client, type Served, type ServerSocket, type Setting } from "../../support/server.js";

export interface Node extends Served {
  /** Resolves when this node has read what the others have published until now. */
  readonly caughtUp?: () => Promise<void>;
}

/** Two nodes of one cluster. Without a cluster, both are the same node. */
export type Nodes = (setting?: Setting) => Promise<readonly [first: Node, second: Node]>;

const isOf = (secret: Secret, token?: string) => ({ auth: { ...secret, ...(token !== undefined && { token }) } });

/** The socket of a client on whichever node it is. */
function socketOn({ io }: Served, client: Client, namespace = "/"): ServerSocket {
  return io.of(namespace).sockets.get(client.id!)!;
}

/** A member of "room" that has heard an event, so that it can come back. */
export async function memberOf(node: Served, namespace = "/", auth: object = { token: node.token() }) {
  const { client, socket } = await node.member(namespace, { auth: { ...auth } });
  const heard = keepHeard(client);
  Object.assign(socket.data as object, { colour: "green" });
  await socket.join("room");
  await hear(client, socket);
  heard.length = 0;
  return { client, socket, heard };
}

/** A stranger with a secret that is not its own: it is let in as itself, and gets nothing. */
async function expectNothing(node: Served, auth: object, namespace = "/"): Promise<void> {
  const thief = node.connect(namespace, auth);
  const heard = keepHeard(thief);
  await answered(thief);
  const socket = socketOn(node, thief, namespace);
  await mark(thief, socket);
  expect(socket.recovered).to.be.false;
  expect([...socket.rooms]).to.deep.equal([socket.id]);
  expect(socket.data).to.not.have.property("colour");
  expect(heard).to.deep.equal([["mark", heard[0]?.[1]]]);
  thief.disconnect();
}

/** The owner comes back and has everything: its id, rooms, data, and what it missed, in order. */
export async function expectAll(node: Node, client: Client, heard: unknown[][], missed: unknown[], auth?: Record<string, unknown>, namespace = "/"): Promise<ServerSocket> {
  const id = client.id ?? "";
  // A node that reads an event only later sends it to the client a second time. Every Socket.IO server does.
  await node.caughtUp?.();
  await comeBack(client, { address: node.address, ...(auth !== undefined && { auth }) });
  const socket = socketOn(node, client, namespace);
  await mark(client, socket);
  expect([client.recovered, socket.recovered]).to.deep.equal([true, true]);
  if (id !== "") expect(client.id).to.equal(id);
  expect([...socket.rooms].sort()).to.deep.equal([socket.id, "room"].sort());
  expect(socket.data).to.include({ colour: "green" });
  expect(heard.filter(([name]) => name !== "mark")).to.deep.equal(missed.map((one) => ["news", one]));
  return socket;
}

export function recoverySuite(nodes: Nodes): void {
  const on = { connectionStateRecovery: {} };

  it("gives a client with a valid credential of the same subject its id, rooms, data and the missed events, in order", async () => {
    const [first, second] = await nodes({ server: on });
    const { client, socket, heard } = await memberOf(first);
    const { id } = socket;
    await breakOff(client, socket);
    for (const one of [1, 2, 3]) first.io.to("room").emit("news", one);
    first.io.to("another room").emit("news", "not ours");
    const back = await expectAll(second, client, heard, [1, 2, 3]);
    expect(back.id).to.equal(id);
    expect(back.data).to.have.nested.property("user.sub", "alice");
    expect(second.guarded.session(back)).to.include({ id, subject: "alice" });
    heard.length = 0;
    second.io.to("room").emit("news", 4);
    await mark(client, back);
    expect(heard[0]).to.deep.equal(["news", 4]);
    const handled = event(back, "message");
    client.emit("message", "hello");
    expect(await handled).to.equal("hello");
  });

  it("works twice in a row", async () => {
    const [first, second] = await nodes({ server: on });
    const { client, socket, heard } = await memberOf(first);
    await breakOff(client, socket);
    first.io.to("room").emit("news", 1);
    const back = await expectAll(second, client, heard, [1]);
    await breakOff(client, back);
    heard.length = 0;
    second.io.to("room").emit("news", 2);
    await expectAll(first, client, heard, [2]);
  });

  it("works with a fresh token if the old one has expired; an expired token is refused and destroys nothing", async () => {
    const [first, second] = await nodes({ server: { connectionStateRecovery: { maxDisconnectionDuration: 7_200_000 } } });
    const { client, socket, heard } = await memberOf(first);
    const expired = first.token();
    const secret = await breakOff(client, socket);
    first.io.to("room").emit("news", 1);
    for (const node of [first, second]) node.clock.ahead = 3_600_000;
    expect((await refusal(second.connect("/", isOf(secret, expired)))).data).to.include({ code: "token_expired" });
    await expectAll(second, client, heard, [1], { token: first.token() });
  });

  it("gives nothing for the pid of another user, and the owner can still recover", async () => {
    const [first, second] = await nodes({ server: on });
    const { client, socket, heard } = await memberOf(first);
    const secret = await breakOff(client, socket);
    first.io.to("room").emit("news", 1);
    await expectNothing(second, isOf(secret, second.token({ sub: "mallory" })));
    await expectAll(second, client, heard, [1]);
  });

  it("gives nothing for a pid that was used before, or whose owner is connected", async () => {
    const [first, second] = await nodes({ server: on });
    const { client, socket, heard } = await memberOf(first);
    await expectNothing(second, isOf(secretOf(client), first.token()));
    const secret = await breakOff(client, socket);
    first.io.to("room").emit("news", 1);
    await expectAll(second, client, heard, [1]);
    await expectNothing(first, isOf(secret, first.token()));
    await expectNothing(second, isOf(secret, first.token()));
  });

  it("gives nothing for a pid whose owner has recovered and then disconnected", async () => {
    const [first, second] = await nodes({ server: on });
    const { client, socket, heard } = await memberOf(first);
    const secret = await breakOff(client, socket);
    const back = await expectAll(second, client, heard, []);
    const gone = event(back, "disconnect");
    client.disconnect();
    await gone;
    await expectNothing(first, isOf(secret, first.token()));
    await expectNothing(second, isOf(secret, first.token()));
  });

  it("gives the session to exactly one of two clients that come at the same time", async () => {
    const [first, second] = await nodes({ server: on });
    const { client, socket } = await memberOf(first);
    const secret = await breakOff(client, socket);
    const both = [first, second].map((node) => ({ node, other: node.connect("/", isOf(secret, first.token())) }));
    await Promise.all(both.map(({ other }) => answered(other)));
    expect(both.map(({ node, other }) => socketOn(node, other).recovered).sort()).to.deep.equal([false, true]);
  });

  it("works for guests with the pid alone, but never for a guest with the pid of a user, or the other way round", async () => {
    const [first, second] = await nodes({ server: on, authenticate: guestsToo() });
    const guest = await memberOf(first, "/", {});
    const user = await memberOf(first, "/", { token: first.token() });
    const ofGuest = await breakOff(guest.client, guest.socket);
    const ofUser = await breakOff(user.client, user.socket);
    first.io.to("room").emit("news", 1);
    await expectNothing(second, isOf(ofGuest, first.token()));
    await expectNothing(second, isOf(ofUser));
    await expectAll(second, guest.client, guest.heard, [1]);
    await expectAll(second, user.client, user.heard, [1]);
  });

  it("gives nothing for a pid in another namespace", async () => {
    const [first, second] = await nodes({ server: on });
    for (const { io } of [first, second]) io.of("/admin");
    const { client, socket, heard } = await memberOf(first);
    const secret = await breakOff(client, socket);
    await expectNothing(second, isOf(secret, first.token()), "/admin");
    await expectAll(second, client, heard, []);
  });

  it("gives nothing for a session that the guard has ended", async () => {
    const [first, second] = await nodes({ server: on });
    const { client, socket } = await memberOf(first);
    const secret = secretOf(client);
    const gone = event(socket, "disconnect");
    first.clock.ahead = 3_600_000;
    await gone;
    await expectNothing(second, isOf(secret, second.token()));
  });

  it("gives nothing for a session whose client has disconnected", async () => {
    const [first, second] = await nodes({ server: on });
    const { client, socket } = await memberOf(first);
    const secret = secretOf(client);
    const gone = event(socket, "disconnect");
    client.disconnect();
    await gone;
    await expectNothing(second, isOf(secret, second.token()));
  });

  it("removes the pid from handshake.auth before authenticators see it", async () => {
    const seen: object[] = [];
    const spy: Authenticator<never> = { name: "spy", authenticate: ({ auth }) => { seen.push(auth); return undefined; } };
    const [first, second] = await nodes({ server: on, authenticate: [spy, ...guestsToo()] as never });
    const { client, socket, heard } = await memberOf(first);
    await breakOff(client, socket);
    const back = await expectAll(second, client, heard, []);
    expect(back.handshake.auth).to.deep.equal({});
    expect(seen.flatMap(Object.keys)).to.deep.equal(["token", "token"]);
  });

  it("skips the middlewares of the host for a recovered socket, and for no other", async () => {
    const [first, second] = await nodes({ server: on });
    let runs = 0;
    for (const { io } of new Set([first, second])) io.use((_socket, next) => { runs += 1; next(); });
    const { client, socket, heard } = await memberOf(first);
    const secret = await breakOff(client, socket);
    await expectAll(second, client, heard, []);
    expect(runs).to.equal(1);
    await expectNothing(second, isOf(secret, first.token()));
    expect(runs).to.equal(2);
  });

  it("runs the middlewares with skipMiddlewares: false, before the rooms are joined, and loses no event meanwhile", async () => {
    const [first, second] = await nodes({ server: { connectionStateRecovery: { skipMiddlewares: false } } });
    const seen: unknown[] = [];
    const { client, socket, heard } = await memberOf(first);
    for (const { io } of new Set([first, second])) io.use((coming, next) => {
      seen.push(coming.recovered, coming.id, (coming.data as { colour?: string }).colour, [...coming.rooms]);
      io.to("room").emit("news", 2);
      // What a node has sent is in the store of the cluster when its own members hear it.
      const hearing = keepBroadcast(io);
      hearing.then(() => next()).catch(next);
    });
    await breakOff(client, socket);
    first.io.to("room").emit("news", 1);
    await expectAll(second, client, heard, [1, 2]);
    expect(seen).to.deep.equal([true, socket.id, "green", []]);
  });

  it("is still possible after a middleware has refused the owner", async () => {
    const [first, second] = await nodes({ server: { connectionStateRecovery: { skipMiddlewares: false } } });
    const { client, socket, heard } = await memberOf(first);
    let isOpen = false;
    for (const { io } of new Set([first, second])) io.use((_socket, next) => next(isOpen ? undefined : new Error("not now")));
    await breakOff(client, socket);
    first.io.to("room").emit("news", 1);
    expect(await comeBack(client, { address: second.address }).catch((error: Error) => error.message)).to.equal("not now");
    isOpen = true;
    await expectAll(first, client, heard, [1]);
  });
}

function guestsToo() {
  // Of the same keys as the other nodes' own.
  const tokens = jwt({ keys: "the first secret of the tests, thirty-two bytes and more" });
  return [tokens, anonymous()] as never;
}

/** An event of the server's own that has been through the adapter, and so all before it. */
async function keepBroadcast(io: Served["io"]): Promise<void> {
  await new Promise<void>((resolve) => { setImmediate(resolve); });
  await io.fetchSockets();
}
