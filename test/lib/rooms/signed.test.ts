// Rooms whose members a backend authorizes, with the signature of Pusher's libraries.
import { createRequire } from "node:module";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, every, signedBy, signedIn, signer, type SessionNotice } from "../../../lib/index.js";
import { closeEverything, event, makeTokens, type Served } from "../../support/server.js";
import { heard, join, left, publish, serveRooms, userOf } from "./support.js";

interface PusherLibrary { authorizeChannel(socketId: string, channel: string, member?: object): { auth: string; channel_data?: string } }
const Pusher = createRequire(import.meta.url)("pusher") as new (options: object) => PusherLibrary;
const key = { key: "chat", secret: "a secret of the tests, twenty bytes and more" };
const signs = signer(key);
const rooms = { "private-orders-*": { join: signedBy(signs), publish: { typing: signedBy(signs) } }, "presence-desk": { join: signedBy(signs) }, "staff-room-$n": { join: every(signedIn, signedBy(signs)) } };

function start(): Promise<Served> {
  const { tokens } = makeTokens();
  return serveRooms(rooms, { authenticate: [tokens, anonymous()] as never });
}

const signingIdOf = (served: Served, socket: object): string => served.guarded.session(socket as never)!.signingId!;

describe("A room with signedBy(signer)", () => {
  afterEach(closeEverything);

  it("admits who brings the signature of Pusher's own library for this session and room", async () => {
    const served = await start();
    const { client, socket } = await userOf(served);
    const signed = new Pusher({ appId: "1", ...key }).authorizeChannel(signingIdOf(served, socket), "private-orders-7");
    expect(await join(client, "private-orders-7", signed)).to.deep.equal({ room: "private-orders-7" });
  });

  it("denies everybody else as signature_invalid, and lets nobody in", async () => {
    const served = await start();
    const { client, socket } = await userOf(served);
    const other = await userOf(served, "bob");
    const id = signingIdOf(served, socket);
    const right = signs.authorizeRoom(id, "private-orders-7");
    for (const [why, given] of Object.entries({
      "no signature": {},
      "of another room": signs.authorizeRoom(id, "private-orders-8"),
      "of another session": signs.authorizeRoom(signingIdOf(served, other.socket), "private-orders-7"),
      "with data that was not signed": { ...right, channel_data: '{"user_id":"admin"}' },
      "of a user": signs.authenticateUser(id, { id: "alice" }),
      "of another key": signer({ ...key, secret: "another secret of the tests, twenty bytes" }).authorizeRoom(id, "private-orders-7"),
    })) expect((await join(client, "private-orders-7", given)).error, why).to.include({ code: "signature_invalid", event: "guard:join", room: "private-orders-7" });
    expect([...socket.rooms]).to.deep.equal([socket.id]);
  });

  it("admits guests, whom the backend knows; together with other checks it does not", async () => {
    const served = await start();
    const guest = served.connect("/", { auth: {} });
    const { signingId } = await event<SessionNotice>(guest, "guard:session");
    expect((await join(guest, "private-orders-7", signs.authorizeRoom(signingId!, "private-orders-7"))).room).to.equal("private-orders-7");
    expect((await join(guest, "staff-room-1", signs.authorizeRoom(signingId!, "staff-room-1"))).error!.code).to.equal("token_missing");
  });

  it("shows the member that the signature names, and publishes as this member", async () => {
    const served = await start();
    const { client, socket } = await userOf(served);
    const member = { user_id: "7", user_info: { name: "Alice" } };
    const answer = await join(client, "presence-desk", signs.authorizeRoom(signingIdOf(served, socket), "presence-desk", member));
    expect(answer).to.deep.equal({ room: "presence-desk", members: [{ id: "7", info: { name: "Alice" } }] });
    const orders = await userOf(served, "bob");
    for (const each of [{ client, socket }, orders]) await join(each.client, "private-orders-1", signs.authorizeRoom(signingIdOf(served, each.socket), "private-orders-1", { user_id: each === orders ? "8" : "7" }));
    const got = event(orders.client, "guard:published");
    expect((await publish(client, "private-orders-1", "typing")).room).to.equal("private-orders-1");
    expect(await got).to.include({ from: "7" });
  });

  it("ends when the signature expires, and the client is told", async () => {
    const served = await start();
    const { client, socket } = await userOf(served);
    const exp = Date.now() / 1_000 + 60;
    const gone = left(client);
    const spied = heard(client, "news");
    const authorization = signs.authorizeRoom(signingIdOf(served, socket), "private-orders-7", { user_id: "alice", exp });
    expect((await join(client, "private-orders-7", authorization)).room).to.equal("private-orders-7");
    served.clock.advance(60_000);
    expect(await gone).to.include({ code: "signature_expired", room: "private-orders-7" });
    served.io.to("private-orders-7").emit("news");
    expect(await spied.settled()).to.deep.equal([]);
    expect((await join(client, "private-orders-7", authorization)).error!.code).to.equal("signature_expired");
  });

  it("ends when the key that signed is no longer accepted", async () => {
    const { tokens } = makeTokens();
    const rotated = signer({ key: "new", secret: "the new secret of the tests, twenty bytes", previous: [{ ...key, acceptUntil: Date.now() + 60_000 }] });
    const served = await serveRooms({ "private-orders-*": { join: signedBy(rotated) } }, { authenticate: [tokens] as never });
    const { client, socket } = await userOf(served);
    const gone = left(client);
    expect((await join(client, "private-orders-7", signs.authorizeRoom(signingIdOf(served, socket), "private-orders-7"))).room).to.equal("private-orders-7");
    served.clock.advance(60_000);
    expect(await gone).to.include({ code: "signature_expired" });
  });

  it("evicts by the id that the signature names, too", async () => {
    const served = await start();
    const { client, socket } = await userOf(served);
    await join(client, "presence-desk", signs.authorizeRoom(signingIdOf(served, socket), "presence-desk", { user_id: "7" }));
    const gone = left(client);
    await served.guarded.room("presence-desk").evict("7");
    expect(await gone).to.include({ code: "evicted" });
    expect(served.guarded.room("presence-desk").members()).to.deep.equal([]);
  });
});
