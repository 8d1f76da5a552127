// What a page shows: the state of a client, and who is told when it changes.
import { expect } from "chai";
import type { ClientState } from "../../../lib/client/index.js";
import { denial } from "../../../lib/protocol.js";
import { closeEverything, event } from "../../support/server.js";
import { emitted, openGuardClient, wireServer, type Harness } from "./support.js";

/** Resolves with the next state of this status. */
function becomes({ client }: Harness, status: ClientState["status"]): Promise<ClientState> {
  return new Promise((resolve) => {
    const stop = client.subscribe(() => {
      if (client.state.status !== status) return;
      stop();
      resolve(client.state);
    });
  });
}

/** Collects the status after each change. */
function follow({ client }: Harness): string[] {
  const seen: string[] = [client.state.status];
  client.subscribe(() => seen.push(client.state.status));
  return seen;
}

describe("the state of a guard client", () => {
  afterEach(closeEverything);

  it("is connecting, and then connected with the session", async () => {
    const server = await wireServer();
    const all = openGuardClient(server);
    expect(all.client.state).to.deep.equal({ status: "connecting", session: null, denial: null, reconnectIn: null });
    const { session, ...rest } = await becomes(all, "connected");
    expect(session).to.include({ subject: "alice", expiresIn: 3_600_000 });
    expect(rest).to.deep.equal({ status: "connected", denial: null, reconnectIn: null });
  });

  it("is the same object until something changes, and another one after a renewal", async () => {
    const server = await wireServer();
    const { client, time, socket } = openGuardClient(server);
    await emitted(client, "session");
    const before = client.state;
    await client.emitGuarded("ask");
    socket.emit("never");
    await client.emitGuarded("deny").catch(() => undefined);
    expect(client.state).to.equal(before);
    server.judgeRefresh = () => 7_200_000;
    time.advance(45 * 60_000);
    await emitted(client, "session");
    expect([before.session!.expiresIn, client.state.session!.expiresIn]).to.deep.equal([3_600_000, 7_200_000]);
  });

  it("tells a guest from a user, who signs in and out on one connection", async () => {
    const server = await wireServer(({ token }) => (token === undefined ? null : 3_600_000));
    const { client } = openGuardClient(server, { getToken: () => null });
    await emitted(client, "session");
    const subjects = [client.state.session!.subject];
    client.subscribe(() => subjects.push(client.state.session!.subject));
    await client.login("token");
    await client.logout();
    expect(subjects).to.deep.equal([null, "alice", null]);
  });

  it("keeps the session while socket.io-client reconnects a lost transport", async () => {
    const server = await wireServer();
    const all = openGuardClient(server);
    await emitted(all.client, "session");
    const { session } = all.client.state;
    const lost = becomes(all, "reconnecting");
    server.breakTransports();
    expect(await lost).to.deep.equal({ status: "reconnecting", session, denial: null, reconnectIn: null });
    expect((await becomes(all, "connected")).session).not.to.equal(session);
  });

  it("is reconnecting while the server cannot be reached, and changes once for all attempts", async () => {
    const all = openGuardClient({ address: "http://127.0.0.1:1" });
    const seen = follow(all);
    for (let attempts = 0; attempts < 3; attempts += 1) await event(all.socket, "connect_error");
    expect(seen).to.deep.equal(["connecting", "reconnecting"]);
    expect(all.client.state).to.deep.equal({ status: "reconnecting", session: null, denial: null, reconnectIn: null });
  });

  it("says why and for how long the client waits before it reconnects", async () => {
    const server = await wireServer();
    const all = openGuardClient(server);
    await emitted(all.client, "session");
    const { session } = all.client.state;
    const seen = follow(all);
    const waiting = becomes(all, "reconnecting");
    server.end(denial("server_closing"));
    expect(await waiting).to.deep.equal({ status: "reconnecting", session, denial: denial("server_closing"), reconnectIn: 500 });
    const back = emitted(all.client, "session");
    all.time.advance(500);
    await back;
    expect(seen).to.deep.equal(["connected", "reconnecting", "connected"]);
  });

  it("is reconnecting while getToken fails", async () => {
    const server = await wireServer();
    const all = openGuardClient(server, { getToken: () => { throw new Error("The network is down."); } });
    expect(await becomes(all, "reconnecting")).to.deep.equal({ status: "reconnecting", session: null, denial: null, reconnectIn: 500 });
  });

  it("is disconnected with the denial that ended the session for good, until login() connects again", async () => {
    const server = await wireServer();
    const all = openGuardClient(server);
    await emitted(all.client, "session");
    const seen = follow(all);
    const ended = becomes(all, "disconnected");
    server.end(denial("session_ended", { message: "An admin has signed you out." }));
    expect(await ended).to.deep.equal({ status: "disconnected", session: null, denial: denial("session_ended", { message: "An admin has signed you out." }), reconnectIn: null });
    const loggedIn = all.client.login();
    expect(all.client.state).to.deep.equal({ status: "connecting", session: null, denial: null, reconnectIn: null });
    await loggedIn;
    expect(seen).to.deep.equal(["connected", "disconnected", "connecting", "connected"]);
  });

  it("is disconnected without a denial before the app connects, and after it disconnects", async () => {
    const server = await wireServer();
    const all = openGuardClient(server, { socket: { autoConnect: false } });
    const seen = follow(all);
    all.socket.connect();
    await emitted(all.client, "session");
    all.socket.disconnect();
    expect(all.client.state).to.deep.equal({ status: "disconnected", session: null, denial: null, reconnectIn: null });
    expect(seen).to.deep.equal(["disconnected", "connecting", "connected", "disconnected"]);
  });

  it("is disconnected if the server gives no reason, or if reconnection is off", async () => {
    const server = await wireServer();
    const one = openGuardClient(server);
    const still = openGuardClient(server, { socket: { reconnection: false } });
    await Promise.all([emitted(one.client, "session"), emitted(still.client, "session")]);
    const dropped = becomes(one, "disconnected");
    server.io.of("/").sockets.get(one.socket.id!)!.disconnect();
    expect((await dropped).denial).to.equal(null);
    const lost = becomes(still, "disconnected");
    server.breakTransports();
    expect((await lost).denial).to.equal(null);
    expect(still.ended).to.deep.equal([{ denial: null, reconnectIn: null }]);
  });

  it("is told to subscribers before other listeners, until they unsubscribe, and without `this`", async () => {
    const server = await wireServer();
    const { client } = openGuardClient(server);
    const { subscribe } = client;
    const told: string[] = [];
    client.on("session", () => told.push(`session while ${client.state.status}`));
    const stop = subscribe(() => told.push("state"));
    await emitted(client, "session");
    stop();
    stop();
    server.breakTransports();
    await emitted(client, "session");
    expect(told).to.deep.equal(["state", "session while connected", "session while connected"]);
  });

  it("stays as it is after close()", async () => {
    const server = await wireServer();
    const all = openGuardClient(server);
    await emitted(all.client, "session");
    const seen = follow(all);
    all.client.close();
    all.socket.disconnect();
    expect([all.client.state.status, seen]).to.deep.equal(["connected", ["connected"]]);
  });
});
