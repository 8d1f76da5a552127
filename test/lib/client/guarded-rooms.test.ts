// Rooms of a guard client on a guarded server, with Pusher's own library as the backend.
import { createServer } from "node:http";
import { expect } from "chai";
import { anonymous, anyone, role, roomAuthEndpoint, signedBy, signedIn, signer } from "../../../lib/index.js";
import type { GuardRoom } from "../../../lib/client/index.js";
import { closeEverything, closeLater, event, listen, serve, type Served } from "../../support/server.js";
import { pusherOf } from "../signer/support.js";
import { becomes, failure, heard, statuses } from "./room-server.js";
import { emitted, openGuardClient, type Harness } from "./support.js";

const key = { key: "chat", secret: "a secret of the tests, twenty bytes and more" };
const masterKey = (character: string): string => Buffer.from(character.repeat(32)).toString("base64");
const verifies = signer(key);

const rooms: object = {
  "lobby": { join: anyone, presence: true, publish: { typing: signedIn, shout: role("admin") } },
  "members": { join: role("member") },
  "private-user-$id": { join: ({ user, params }: { user: { sub: string }; params: { id: string } }) => params.id === user.sub },
  "private-orders-*": { join: signedBy(verifies) },
  "private-encrypted-*": { join: signedBy(verifies) },
};

async function serveRooms(more: Parameters<typeof serve>[0] = {}): Promise<Served> {
  const tokens = (await serve()).tokens;
  const served = await serve({ authenticate: [tokens, anonymous()], rooms: rooms as never, signer: verifies, ...more });
  return { ...served, tokens, token: (claims = {}) => tokens.issue({ sub: "alice", role: "member", ...claims } as never, { expiresIn: "1h" }) };
}

/** Opens a client of this user, or a guest if there are no claims. */
function open(served: Served, claims: { sub?: string; role?: string } | null = {}): Harness {
  return openGuardClient(served, { getToken: () => (claims === null ? null : served.token(claims)) });
}

const published = (room: GuardRoom, name: string): Promise<[unknown, string | null]> =>
  new Promise((resolve) => void room.onPublished(name, (data, from) => resolve([data, from])));

/** Resolves once the ids of the members are these. */
function present(room: GuardRoom, ...ids: string[]): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (room.members.map(({ id }) => id).sort().join() !== ids.sort().join()) return;
      stop();
      resolve();
    };
    const stop = room.subscribe(look);
    look();
  });
}

/** Collects which rooms the server has let clients join. */
function joinsOf({ guarded }: Served): string[] {
  const joined: string[] = [];
  guarded.on("roomJoined", ({ room }) => joined.push(room));
  return joined;
}

function breakTransports({ io }: Served): void {
  for (const { conn } of io.of("/").sockets.values()) conn.close();
}

describe("a room of a guarded server", () => {
  afterEach(closeEverything);

  it("brings the events of the server and of other members, and shows who is present", async () => {
    const served = await serveRooms();
    const [alice, bob] = await Promise.all([open(served).client.join("lobby"), open(served, { sub: "bob" }).client.join("lobby")]);
    await Promise.all([present(alice, "alice", "bob"), present(bob, "alice", "bob")]);
    const [news, typing] = [heard(alice, "news"), published(alice, "typing")];
    served.guarded.room("lobby").emit("news", { text: "hello" });
    await bob.emit("typing", true);
    expect([await news, await typing]).to.deep.equal([{ text: "hello" }, [true, "bob"]]);
    await bob.leave();
    await present(alice, "alice");
  });

  it("rejects what its rules do not allow", async () => {
    const served = await serveRooms();
    const { client } = open(served);
    const room = await client.join("lobby");
    const errors = await Promise.all([client.join("private-user-bob"), client.join("other"), room.emit("shout"), room.emit("news")].map(failure));
    expect(errors.map(({ name, code }) => [name, code])).to.deep.equal(["forbidden", "room_unlisted", "forbidden", "event_unlisted"].map((code) => ["DenialError", code]));
  });

  it("is joined again after a reconnect, and by a recovered connection", async () => {
    for (const server of [{}, { connectionStateRecovery: {} }]) {
      const served = await serveRooms({ server });
      const joined = joinsOf(served);
      const { client, socket } = open(served);
      const room = await client.join("lobby");
      for (const count of [2, 3]) {
        const connected = event(socket, "connect");
        breakTransports(served);
        await connected;
        await becomes(room, "joined");
        expect([joined.length, room.members.map(({ id }) => id)]).to.deep.equal([count, ["alice"]]);
        const news = heard(room, "news");
        served.guarded.room("lobby").emit("news", count);
        expect(await news).to.equal(count);
      }
    }
  });

  it("is not joined again when the token is renewed, and is left if the new token does not allow it", async () => {
    const served = await serveRooms();
    const joined = joinsOf(served);
    const claims = { sub: "alice", role: "member" };
    const { client, time } = openGuardClient(served, { getToken: () => served.token(claims) });
    const [lobby, members] = await Promise.all([client.join("lobby"), client.join("members")]);
    const seen = statuses(lobby);
    const renew = async (): Promise<void> => {
      const renewed = emitted(client, "session");
      time.advance(45 * 60_000);
      await renewed;
    };
    await renew();
    await renew();
    claims.role = "visitor";
    const left = becomes(members, "left");
    await renew();
    await left;
    expect(members.denial).to.include({ code: "forbidden", room: "members" });
    expect([lobby.status, joined, seen]).to.deep.equal(["joined", ["lobby", "members"], []]);
  });

  it("becomes that of the user who signs in, and stays that of a guest who signs out if guests may be there", async () => {
    const served = await serveRooms();
    let token: string | null = null;
    const { client, socket } = openGuardClient(served, { getToken: () => token });
    const lobby = await client.join("lobby");
    const connection = socket.id;
    expect(await failure(client.join("members"))).to.include({ code: "token_missing" });
    await present(lobby);
    token = served.token();
    await client.login();
    await present(lobby, "alice");
    const members = await client.join("members");
    await client.logout();
    await Promise.all([becomes(members, "left"), present(lobby)]);
    await becomes(lobby, "joined");
    expect([members.denial?.code, socket.id]).to.deep.equal(["token_missing", connection]);
  });

  it("is joined again with a new signature after client.signIn()", async () => {
    const served = await serveRooms();
    const backend = pusherOf(key);
    const { client } = open(served, null);
    const asked: string[] = [];
    const room = await client.join("private-orders-7", { authorize: ({ room, signingId }) => { asked.push(signingId); return backend.authorizeChannel(signingId, room); } });
    await client.signIn(backend.authenticateUser(asked[0]!, { id: "alice" }));
    await becomes(room, "joined");
    const news = heard(room, "news");
    served.guarded.room("private-orders-7").emit("news", 1);
    await news;
    expect([asked.length, asked.at(-1)]).to.deep.equal([2, client.state.session!.signingId]);
  });

  it("is left after an eviction, and can be joined again by the page", async () => {
    const served = await serveRooms();
    const { client } = open(served);
    const room = await client.join("lobby");
    const received: unknown[] = [];
    room.on("news", (data) => received.push(data));
    await served.guarded.room("lobby").evict("alice");
    served.guarded.room("lobby").emit("news", "too late");
    await becomes(room, "left");
    expect(room.denial).to.include({ code: "evicted", room: "lobby" });
    const again = await client.join("lobby");
    served.guarded.room("lobby").emit("news", "again");
    await heard(again, "news");
    expect(received).to.deep.equal([]);
  });

  it("is left when new rules do not allow it or do not know it, and stays joined otherwise", async () => {
    const served = await serveRooms();
    const { client } = open(served);
    const [lobby, members, user] = await Promise.all(["lobby", "members", "private-user-alice"].map((name) => client.join(name)));
    served.guarded.updateRules({ rooms: { lobby: { join: signedIn }, members: { join: role("admin") } } });
    await Promise.all([becomes(members!, "left"), becomes(user!, "left")]);
    expect([lobby!.status, members!.denial?.code, user!.denial?.code]).to.deep.equal(["joined", "forbidden", "room_unlisted"]);
  });

  it("is joined again when its signature has expired, for as long as the endpoint signs", async () => {
    const served = await serveRooms();
    let attempts = 0;
    const endpoint = roomAuthEndpoint({ signer: verifies, allow: () => (attempts += 1) <= 2 && { user_id: "alice", exp: Date.now() / 1_000 + (attempts === 1 ? 60 : 3_600) } });
    const web = createServer((request, response) => void endpoint(request, response));
    closeLater(() => { web.close(); web.closeAllConnections(); });
    const authEndpoint = await listen(web);
    const { client } = open(served, null);
    const room = await client.join("private-orders-7", { authEndpoint });
    expect(room.members).to.deep.equal([{ id: "alice" }]);
    const seen = statuses(room);
    served.clock.advance(60_000);
    await becomes(room, "joining");
    await becomes(room, "joined");
    expect(seen).to.deep.equal(["joining", "joined"]);
    expect(attempts).to.equal(2);
    breakTransports(served);
    await becomes(room, "left");
    expect(room.error).to.include({ name: "RoomError", code: "authorization_refused", status: 403 });
  });
});

describe("an encrypted room of a guarded server", () => {
  afterEach(closeEverything);

  /** Pusher's own library as the backend, which publishes over HTTP; what it sends is relayed to the room. */
  async function backend(served: Served, character = "m") {
    const relayed: string[] = [];
    const web = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => { body += chunk.toString(); });
      request.on("end", () => {
        relayed.push(body);
        const { name, data, channels } = JSON.parse(body) as { name: string; data: string; channels: [string] };
        served.guarded.room(channels[0]).emit(name, data);
        response.setHeader("content-type", "application/json").end("{}");
      });
    });
    const { port } = new URL(await listen(web));
    closeLater(() => { web.close(); web.closeAllConnections(); });
    return { relayed, pusher: pusherOf({ ...key, encryptionMasterKeyBase64: masterKey(character), port }) };
  }

  it("carries what Pusher's library encrypts to members whom it has authorized; the server sees ciphertext", async () => {
    const served = await serveRooms();
    const { pusher, relayed } = await backend(served);
    const { client } = open(served, null);
    const room = await client.join("private-encrypted-orders", { authorize: ({ room, signingId }) => pusher.authorizeChannel(signingId, room) });
    const created = heard(room, "created");
    await pusher.trigger("private-encrypted-orders", "created", { total: "a secret total" });
    expect(await created).to.deep.equal({ total: "a secret total" });
    expect(relayed.join()).to.include("ciphertext").and.not.include("secret total");
  });

  it("goes on after the master key was changed", async () => {
    const served = await serveRooms();
    const [before, after] = [await backend(served), await backend(served, "n")];
    let { pusher } = before;
    let asked = 0;
    const { client } = open(served, null);
    const room = await client.join("private-encrypted-orders", { authorize: ({ room, signingId }) => { asked += 1; return pusher.authorizeChannel(signingId, room); } });
    ({ pusher } = after);
    for (const [index, publisher] of [before, after, before, after].entries()) {
      const created = heard(room, "created");
      await publisher.pusher.trigger("private-encrypted-orders", "created", { index });
      expect(await created).to.deep.equal({ index });
    }
    expect(asked).to.equal(2);
  });

  it("exchanges messages with signer() in both directions", async () => {
    const served = await serveRooms();
    const signs = signer({ ...key, encryptionMasterKey: masterKey("m") });
    const { client } = open(served, null);
    const room = await client.join("private-encrypted-orders", { authorize: ({ room, signingId }) => signs.authorizeRoom(signingId, room) });
    const created = heard(room, "created");
    served.guarded.room("private-encrypted-orders").emit("created", signs.encrypt("private-encrypted-orders", "created", [1, "ü"]));
    expect(await created).to.deep.equal([1, "ü"]);
    expect(signs.decrypt("private-encrypted-orders", room.encrypt({ text: "hello" }))).to.deep.equal({ text: "hello" });
  });
});
