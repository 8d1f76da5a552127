// Encrypted rooms of a guard client, in Pusher's format: the server never sees the key, and a new key is fetched once when it is needed.
import { createHash } from "node:crypto";
import { secretbox } from "@noble/ciphers/salsa.js";
import { expect } from "chai";
import type { GuardRoom, JoinOptions } from "../../../lib/client/index.js";
import { closeEverything, event, nextTurn } from "../../support/server.js";
import { becomes, failure, heard, openRooms, type RoomHarness } from "./room-server.js";

const name = "private-encrypted-orders";
const key = (text: string): string => createHash("sha256").update(text).digest("base64");

/** A publisher, without the code under test. */
function encrypt(secret: string, text: string): { nonce: string; ciphertext: string } {
  const nonce = Buffer.from(createHash("sha256").update(text).digest().subarray(0, 24));
  return { nonce: nonce.toString("base64"), ciphertext: Buffer.from(secretbox(Buffer.from(secret, "base64"), nonce).seal(Buffer.from(text))).toString("base64") };
}

/** A backend that gives these keys, one after another, and the last one again and again. */
function backend(...keys: (string | Error)[]): Required<Pick<JoinOptions, "authorize">> & { asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    authorize: () => {
      const given = keys[Math.min(asked++, keys.length - 1)]!;
      if (given instanceof Error) throw given;
      return { auth: "key:signature", shared_secret: given };
    },
  };
}

async function openRoom(...keys: (string | Error)[]): Promise<RoomHarness & { room: GuardRoom; asked: () => number; errors: Error[]; received: unknown[]; publish: (secret: string, data: unknown) => void }> {
  const harness = await openRooms();
  const { authorize, asked } = backend(...keys);
  const room = await harness.join(name, { authorize });
  const [errors, received]: [Error[], unknown[]] = [[], []];
  room.onError((error) => errors.push(error));
  room.on("news", (data) => received.push(data));
  const publish = (secret: string, data: unknown): void => harness.server.send("guard:room", { room: name, event: "news", data: encrypt(secret, JSON.stringify(data)) });
  return { ...harness, room, asked, errors, received, publish };
}

describe("an encrypted room", () => {
  afterEach(closeEverything);

  it("decrypts the events of the server, and sends its key nowhere", async () => {
    const { room, server, publish } = await openRoom(key("one"));
    const arrived = heard(room, "news");
    publish(key("one"), { total: 10, note: "Grüße 🎉" });
    expect(await arrived).to.deep.equal({ total: 10, note: "Grüße 🎉" });
    expect(server.sent("guard:join")).to.deep.equal([{ room: name, auth: "key:signature" }]);
  });

  it("takes messages as Pusher's libraries publish them: as text, and with text that is no JSON", async () => {
    const { room, server } = await openRoom(key("one"));
    for (const [text, data] of [['"quoted"', "quoted"], ["plain text", "plain text"], ["null", null]] as const) {
      const arrived = heard(room, "news");
      server.send("guard:room", { room: name, event: "news", data: JSON.stringify(encrypt(key("one"), text)) });
      expect(await arrived).to.equal(data);
    }
  });

  it("encrypts and decrypts what the page sends in its own way", async () => {
    const { room, join } = await openRoom(key("one"));
    const other = await join(name);
    for (const data of [{ to: "bob" }, [], 0, "", null, "ü".repeat(100_000)]) {
      const message = room.encrypt(data);
      expect(Object.keys(message)).to.deep.equal(["nonce", "ciphertext"]);
      expect(Buffer.from(message.nonce, "base64")).to.have.lengthOf(24);
      expect(other.decrypt(message)).to.deep.equal(data);
      expect(other.decrypt(JSON.stringify(message))).to.deep.equal(data);
    }
    expect(room.decrypt(room.encrypt(undefined))).to.equal(null);
    expect(room.encrypt(1).nonce).not.to.equal(room.encrypt(1).nonce);
  });

  it("reads the messages of Pusher's own tests", async () => {
    // pusher-http-go, crypto_test.go: the room private-encrypted-bla, and the master key "This is a string that is 32 chars".
    const { room } = await openRoom(Buffer.from("004831f99d2a4e86723e893caded3a2897deeddbed9514fe9497dcddc52bd50b", "hex").toString("base64"));
    expect(room.decrypt({ nonce: "sjklahvpWWQgAjTx5FfYHCCxd2AmaL9T", ciphertext: "zoDEe8dA3nDXKsybAWce/hXGW4szJw==" })).to.equal("Hello!");
  });

  it("refuses what was changed or is no message", async () => {
    const { room } = await openRoom(key("one"));
    const { nonce, ciphertext } = room.encrypt("data");
    const changed = Buffer.from(ciphertext, "base64");
    changed[0]! ^= 1;
    for (const message of [{ nonce, ciphertext: changed.toString("base64") }, { nonce: "AAAA", ciphertext }, { nonce, ciphertext: "" }, { nonce, ciphertext: "no base64!" }, { nonce }, {}, null, "", "text", 1]) {
      expect(() => room.decrypt(message as never), JSON.stringify(message)).to.throw("cannot be decrypted").that.includes({ name: "RoomError", code: "decryption_failed", room: name });
    }
  });

  it("needs a key of 32 bytes from the backend", async () => {
    const { join, server } = await openRooms();
    for (const shared_secret of [undefined, "", "AAAA", "no base64!", 1]) {
      const error = await failure(join(name, { authorize: () => ({ auth: "key:signature", shared_secret } as never) }));
      expect(error, String(shared_secret)).to.include({ name: "RoomError", code: "authorization_failed" });
      expect(error.message).to.match(/shared_secret/);
    }
    expect(await failure(join(name))).to.include({ name: "RoomError", code: "authorization_failed" });
    expect(server.sent("guard:join")).to.deep.equal([]);
  });

  it("fetches a new key for the first message that it cannot decrypt, and keeps the order", async () => {
    const { room, asked, errors, received, publish, server } = await openRoom(key("one"), key("two"));
    publish(key("one"), 1);
    publish(key("two"), 2);
    publish(key("one"), 3);
    publish(key("two"), 4);
    while (received.length < 4) await heard(room, "news");
    expect([received, errors, asked()]).to.deep.equal([[1, 2, 3, 4], [], 2]);
    // It is still a member: it only asked for the key.
    expect(server.sent("guard:join")).to.have.lengthOf(1);
  });

  it("drops what the new key does not open either, tells of it, and does not ask again at once", async () => {
    const { asked, errors, received, publish, room, time } = await openRoom(key("one"));
    for (const data of [1, 2, 3]) publish(key("other"), data);
    publish(key("one"), 4);
    await heard(room, "news");
    publish(key("other"), 5);
    publish(key("one"), 6);
    await heard(room, "news");
    expect([received, asked()]).to.deep.equal([[4, 6], 2]);
    expect(errors.map((error) => (error as Error & { code: string }).code)).to.deep.equal(Array(4).fill("decryption_failed"));
    time.advance(1_000);
    publish(key("other"), 7);
    publish(key("one"), 8);
    await heard(room, "news");
    expect(asked()).to.equal(3);
  });

  it("waits longer each time that a new key does not help", async () => {
    const { asked, errors, publish, time } = await openRoom(key("one"));
    const drop = async (): Promise<void> => {
      const { length } = errors;
      publish(key("other"), 1);
      while (errors.length === length) await nextTurn();
    };
    await drop();
    for (const [index, wait] of [500, 1_000, 2_000].entries()) {
      time.advance(wait - 1);
      await drop();
      expect(asked()).to.equal(index + 2);
      time.advance(1);
      await drop();
      expect(asked()).to.equal(index + 3);
    }
  });

  it("stays joined if the backend cannot give a new key", async () => {
    const { room, errors, publish } = await openRoom(key("one"), Object.assign(new Error("no"), { status: 403 }));
    publish(key("other"), 1);
    publish(key("one"), 2);
    expect(await heard(room, "news")).to.equal(2);
    expect(errors.map((error) => (error as Error & { code: string }).code)).to.deep.equal(["authorization_refused", "decryption_failed"]);
    expect(room.status).to.equal("joined");
  });

  it("uses the new key after it was joined again", async () => {
    const { room, asked, server, publish } = await openRoom(key("one"), key("two"));
    server.renew("bob");
    await server.seen("guard:join", 2);
    await becomes(room, "joined");
    publish(key("two"), "new");
    expect(await heard(room, "news")).to.equal("new");
    expect(asked()).to.equal(2);
  });

  it("delivers nothing to a page that leaves while the room waits for a new key", async () => {
    const { room, received, asked, publish, socket } = await openRoom(key("one"), key("two"));
    publish(key("two"), 1);
    while (asked() < 2) await event(socket, "guard:room");
    await room.leave();
    await nextTurn();
    expect(received).to.deep.equal([]);
  });

  it("has no events of its members, so that nothing leaves or arrives unencrypted", async () => {
    const { room, server, publish } = await openRoom(key("one"));
    room.onPublished("news", () => { throw new Error("It is not encrypted."); });
    expect(await failure(room.emit("news", "secret"))).to.include({ message: "An encrypted room has no events of its members. Send what `encrypt()` returns as an event of your own." });
    server.send("guard:published", { room: name, event: "news", data: "posing as a member", from: "bob" });
    publish(key("one"), 1);
    await heard(room, "news");
    expect(server.sent("guard:publish")).to.deep.equal([]);
  });

  it("cannot be read any more after it was left", async () => {
    const { room } = await openRoom(key("one"));
    const message = room.encrypt("data");
    await room.leave();
    expect(() => room.decrypt(message)).to.throw("The room was left.");
    expect(() => room.encrypt("data")).to.throw("The room was left.");
  });
});

describe("a room whose name does not begin with private-encrypted-", () => {
  afterEach(closeEverything);

  it("has nothing to encrypt with", async () => {
    const { join } = await openRooms();
    const room = await join("private-orders", { authorize: () => ({ auth: "key:signature", shared_secret: key("one") }) });
    expect(() => room.encrypt("data")).to.throw("The room is not encrypted");
    expect(() => room.decrypt({ nonce: "", ciphertext: "" })).to.throw("The room is not encrypted");
  });
});
