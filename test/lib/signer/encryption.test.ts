import { createServer } from "node:http";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import type { EncryptedMessage } from "../../../lib/protocol.js";
import { isEncryptedRoom } from "../../../lib/room-name.js";
import { open, seal } from "../../../lib/signer/encryption.js";
import { sharedSecretOf } from "../../../lib/signer/master-key.js";
import { signer } from "../../../lib/signer/signer.js";
import { encryptedNames, secretboxes } from "./known-answers.js";
import { codeOf, key, pusherOf } from "./support.js";
import { listenOnNewPort } from "../../support/ports.js";

// What the package pusher itself decrypts with.
const nacl = createRequire(createRequire(import.meta.url).resolve("pusher"))("tweetnacl") as { secretbox: { open(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | null } };

const room = "private-encrypted-orders";
const masterKey = Buffer.alloc(32, 1);
const own = signer({ ...key, encryptionMasterKey: masterKey });
const data = [null, "text", 1, { deep: [{ "ą§¶™€łü€ß£": "\ud800 \u0000 \n" }] }, [], ""];

/** Decrypts as a member does, who has only the shared secret. */
function read(sharedSecret: string, { nonce, ciphertext }: EncryptedMessage): unknown {
  const bytes = nacl.secretbox.open(Buffer.from(ciphertext, "base64"), Buffer.from(nonce, "base64"), Buffer.from(sharedSecret, "base64"));
  return bytes === null ? undefined : JSON.parse(Buffer.from(bytes).toString());
}

const sharedSecretFrom = (backend: typeof own) => backend.authorizeRoom("1.2", room).shared_secret!;

describe("Messages of encrypted rooms", () => {
  it("are those of Pusher's server libraries", () => {
    for (const { channel, master_key_utf8, nonce, ciphertext, plaintext } of secretboxes) {
      const secret = sharedSecretOf(channel, Buffer.from(master_key_utf8));
      const opened = open(secret, { nonce, ciphertext });
      expect(opened === undefined ? null : Buffer.from(opened).toString()).to.equal(plaintext);
      if (plaintext !== null) expect(seal(secret, Buffer.from(plaintext), Buffer.from(nonce, "base64"))).to.deep.equal({ nonce, ciphertext });
    }
  });

  it("are known by the names of their rooms, as Pusher's server libraries know them", () => {
    for (const { channel, encrypted } of encryptedNames) expect(isEncryptedRoom(channel), channel).to.equal(encrypted);
  });

  it("by the package pusher are decrypted", async () => {
    const api = createServer((request, response) => void text(request).then((body) => { bodies.push(body); response.end("{}"); }));
    const bodies: string[] = [];
    const port = await listenOnNewPort(api);
    try {
      const pusher = pusherOf({ ...key, encryptionMasterKeyBase64: masterKey.toString("base64"), port: String(port) });
      for (const sent of data) await pusher.trigger(room, "created", sent);
      const received = bodies.map((body) => own.decrypt(room, JSON.parse((JSON.parse(body) as { data: string }).data) as EncryptedMessage));
      expect(received).to.deep.equal(data);
    } finally {
      api.close();
    }
  });

  it("are decrypted by a member who has the shared secret, also one that the package pusher gave", () => {
    const pusher = pusherOf({ ...key, encryptionMasterKeyBase64: masterKey.toString("base64") });
    const { shared_secret } = pusher.authorizeChannel("1.2", room) as { shared_secret: string };
    for (const sent of data) {
      const message = own.encrypt(room, "created", sent);
      expect(message).to.have.all.keys("nonce", "ciphertext");
      expect(read(shared_secret, message)).to.deep.equal(sent);
      expect(own.decrypt(room, message)).to.deep.equal(sent);
    }
  });

  it("never repeat a nonce, and have 24 random bytes as one", () => {
    const nonces = Array.from({ length: 1_000 }, () => own.encrypt(room, "created", 1).nonce);
    expect(new Set(nonces).size).to.equal(1_000);
    for (const nonce of nonces) expect(Buffer.from(nonce, "base64")).to.have.length(24);
  });

  it("cannot be decrypted for another room, with another key, or after a change of any byte", () => {
    const message = own.encrypt(room, "created", { total: 1 });
    expect(own.decrypt("private-encrypted-other", message)).to.equal(undefined);
    expect(signer({ ...key, encryptionMasterKey: Buffer.alloc(32, 2) }).decrypt(room, message)).to.equal(undefined);
    for (const part of ["nonce", "ciphertext"] as const) {
      const bytes = Buffer.from(message[part], "base64");
      for (let place = 0; place < bytes.length; place += 1) {
        const changed = Buffer.from(bytes);
        changed[place]! ^= 1;
        expect(own.decrypt(room, { ...message, [part]: changed.toString("base64") })).to.equal(undefined);
      }
    }
  });

  it("of another form are not decrypted", () => {
    const { nonce, ciphertext } = own.encrypt(room, "created", 1);
    const wrong = [null, undefined, "text", {}, [], { nonce }, { ciphertext }, { nonce: 1, ciphertext }, { nonce: "", ciphertext }, { nonce, ciphertext: "" }, { nonce: nonce.slice(4), ciphertext },
      { nonce, ciphertext: ciphertext.slice(4) }, { nonce: `${nonce} `, ciphertext }, { nonce, ciphertext: `*${ciphertext}` }];
    for (const given of wrong) expect(own.decrypt(room, given as never), JSON.stringify(given)).to.equal(undefined);
  });

  it("need an encrypted room, the name of the event, data that is JSON, and a master key", () => {
    for (const other of ["private-orders", "private--encrypted-a", undefined]) {
      expect(codeOf(() => own.encrypt(other as never, "created", 1))).to.equal("option_invalid");
      expect(codeOf(() => own.decrypt(other as never, { nonce: "", ciphertext: "" }))).to.equal("option_invalid");
    }
    for (const wrong of [undefined, () => 1, 1n]) expect(codeOf(() => own.encrypt(room, "created", wrong))).to.equal("option_invalid");
    expect(codeOf(() => own.encrypt(room, { total: 1 } as never, undefined))).to.equal("option_invalid");
    expect(codeOf(() => signer(key).encrypt(room, "created", 1))).to.equal("option_missing");
    expect(codeOf(() => signer(key).decrypt(room, { nonce: "", ciphertext: "" }))).to.equal("option_missing");
  });
});

describe("When the master key is rotated", () => {
  const rotated = (acceptUntil: number) => signer({ key: "chat-2", secret: key.secret, encryptionMasterKey: Buffer.alloc(32, 2), previous: [{ ...key, encryptionMasterKey: masterKey, acceptUntil }] });

  it("the old one still decrypts until its end, and nothing new is encrypted with it", () => {
    const old = own.encrypt(room, "created", "before");
    expect(rotated(Date.now() + 60_000).decrypt(room, old)).to.equal("before");
    expect(rotated(Date.now() - 1).decrypt(room, old)).to.equal(undefined);
    expect(own.decrypt(room, rotated(Infinity).encrypt(room, "created", "after"))).to.equal(undefined);
  });

  it("a member who cannot decrypt a message asks for authorization once more, and then can", () => {
    const backend = rotated(Date.now() + 60_000);
    const before = sharedSecretFrom(own);
    const message = backend.encrypt(room, "created", "after");
    expect(read(before, message)).to.equal(undefined);
    expect(read(sharedSecretFrom(backend), message)).to.equal("after");
    // The membership of the old signature goes on meanwhile.
    expect(backend.verifyRoom("1.2", room, own.authorizeRoom("1.2", room), Date.now())).to.be.an("object");
  });
});
