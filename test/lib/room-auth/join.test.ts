// The whole way: a client asks the endpoint with its signingId, joins with the answer, and reads what a backend has encrypted.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, every, granted, signedBy, signedIn, signer, some, type SessionNotice, type Signer } from "../../../lib/index.js";
import type { EncryptedMessage } from "../../../lib/protocol.js";
import { open } from "../../../lib/signer/encryption.js";
import { closeEverything, event, makeTokens, type Client, type Served } from "../../support/server.js";
import { join, left, publish, serveRooms, userOf } from "../rooms/support.js";
import { key, pusherOf } from "../signer/support.js";
import { ask, serveEndpoint } from "./support.js";

const room = "private-encrypted-orders";
const masterKey = Buffer.alloc(32, 1);
const verifies = signer(key);
const signs = signer({ ...key, encryptionMasterKey: masterKey });

/** A guest, and its signingId. */
async function guestOf(served: Served): Promise<{ client: Client; signingId: string }> {
  const client = served.connect("/", { auth: {} });
  const { signingId } = await event<SessionNotice>(client, "guard:session");
  return { client, signingId: signingId! };
}

function serveSigned(backend: Signer = verifies): Promise<Served> {
  const { tokens } = makeTokens();
  return serveRooms({ "private-*": { join: signedBy(backend) }, [room]: { join: signedBy(backend) } }, { authenticate: [tokens, anonymous()] as never, signer: backend });
}

/** What a member does who has only the shared secret. */
function read(sharedSecret: unknown, message: EncryptedMessage): unknown {
  const bytes = open(Buffer.from(String(sharedSecret), "base64"), message);
  return bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString());
}

describe("A client that was authorized by the endpoint", () => {
  afterEach(closeEverything);

  it("joins the room that it asked for, and no other, and nobody else joins with its answer", async () => {
    const served = await serveSigned();
    const { address } = await serveEndpoint({ allow: () => ({ user_id: 7, user_info: "Alice" }) });
    const [alice, bob] = [await guestOf(served), await guestOf(served)];
    const { body } = await ask(address, "private-orders-7", {}, alice.signingId);
    expect((await join(alice.client, "private-orders-8", body)).error!.code).to.equal("signature_invalid");
    expect((await join(bob.client, "private-orders-7", body)).error!.code).to.equal("signature_invalid");
    expect(await join(alice.client, "private-orders-7", body)).to.deep.equal({ room: "private-orders-7", members: [{ id: "7", info: "Alice" }] });
  });

  it("reads an encrypted room whose server has no master key, whoever authorizes and encrypts", async () => {
    const served = await serveSigned();
    const { address } = await serveEndpoint({ signer: signs });
    const pusher = pusherOf({ ...key, encryptionMasterKeyBase64: masterKey.toString("base64") });
    const [alice, bob] = [await guestOf(served), await guestOf(served)];
    const secrets = [(await ask(address, room, {}, alice.signingId)).body, pusher.authorizeChannel(bob.signingId, room) as unknown as Record<string, unknown>];
    for (const [index, { client }] of [alice, bob].entries()) expect((await join(client, room, secrets[index])).room).to.equal(room);
    const heard = [alice, bob].map(({ client }) => event<{ data: EncryptedMessage }>(client, "guard:room"));
    served.guarded.room(room).emit("created", signs.encrypt(room, "created", { total: 12 }));
    for (const [index, { data }] of (await Promise.all(heard)).entries()) {
      expect(data).to.have.all.keys("nonce", "ciphertext");
      expect(read(secrets[index]!["shared_secret"], data)).to.deep.equal({ total: 12 });
    }
  });

  it("reads on after the keys were rotated: it asks once more as soon as it cannot decrypt", async () => {
    const rotated = signer({ key: "chat-2", secret: "the second secret of the tests, twenty bytes", encryptionMasterKey: Buffer.alloc(32, 2), previous: [{ ...key, encryptionMasterKey: masterKey, acceptUntil: Date.now() + 60_000 }] });
    const served = await serveSigned(rotated);
    const { address } = await serveEndpoint({ signer: rotated });
    const { client, signingId } = await guestOf(served);
    const before = signs.authorizeRoom(signingId, room);
    expect((await join(client, room, { ...before })).room).to.equal(room);
    const heard = event<{ data: EncryptedMessage }>(client, "guard:room");
    served.guarded.room(room).emit("created", rotated.encrypt(room, "created", "after"));
    const { data } = await heard;
    expect(read(before.shared_secret, data)).to.equal(undefined);
    expect(read((await ask(address, room, {}, signingId)).body["shared_secret"], data)).to.equal("after");
  });

  it("leaves when the exp of the member is over", async () => {
    const served = await serveSigned();
    const { address } = await serveEndpoint({ allow: () => ({ user_id: "alice", exp: Date.now() / 1_000 + 60 }) });
    const { client, signingId } = await guestOf(served);
    const gone = left(client);
    expect((await join(client, "private-a", (await ask(address, "private-a", {}, signingId)).body)).room).to.equal("private-a");
    served.clock.advance(60_000);
    expect(await gone).to.include({ code: "signature_expired", room: "private-a" });
  });
});

describe("A user whose token holds grants", () => {
  afterEach(closeEverything);

  const rooms = { "private-*": { join: granted(), publish: { typing: granted(), draw: granted() } }, "both-rooms-$id": { join: every(signedIn, some(signedBy(verifies), granted())) } };
  const grants = { "private-group-7": ["join", "publish:typing"], "private-orders-*": ["join", "publish:*"], "both-rooms-1": ["join"] };

  it("joins and publishes what they allow", async () => {
    const served = await serveRooms(rooms, { signer: verifies });
    const { client } = await userOf(served, "alice", { rooms: grants });
    for (const [name, code] of [["private-group-7", undefined], ["private-group-8", "forbidden"], ["private-orders-1", undefined], ["both-rooms-1", undefined], ["both-rooms-2", "forbidden"]] as const) {
      expect((await join(client, name)).error?.code, name).to.equal(code);
    }
    for (const [name, sent, code] of [["private-group-7", "typing", undefined], ["private-group-7", "draw", "forbidden"], ["private-orders-1", "draw", undefined]] as const) {
      expect((await publish(client, name, sent)).error?.code, `${name} ${sent}`).to.equal(code);
    }
  });

  it("leaves in the moment in which a new token grants less", async () => {
    const served = await serveRooms(rooms);
    const { client } = await userOf(served, "alice", { rooms: grants });
    await join(client, "private-group-7");
    const gone = left(client);
    await client.emitWithAck("guard:refresh", { token: served.token({ sub: "alice", rooms: { "private-orders-*": ["join"] } }) });
    expect(await gone).to.include({ code: "forbidden", room: "private-group-7" });
  });
});
