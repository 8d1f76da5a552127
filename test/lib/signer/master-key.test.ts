import { expect } from "chai";
import { sharedSecretOf } from "../../../lib/signer/master-key.js";
import { signer } from "../../../lib/signer/signer.js";
import { channels, masterKeys, sharedSecrets } from "./known-answers.js";
import { codeOf, key, pusherOf } from "./support.js";

describe("encryptionMasterKey", () => {
  it("is base64 of 32 bytes where Pusher's server libraries accept it, and an error otherwise", () => {
    for (const { base64, valid } of masterKeys) expect(codeOf(() => signer({ ...key, encryptionMasterKey: base64 })), base64).to.equal(valid ? "none" : "option_invalid");
  });

  it("is 32 bytes, which may change later without effect", () => {
    const bytes = Buffer.alloc(32, 7);
    const [fromBytes, fromBase64] = [signer({ ...key, encryptionMasterKey: bytes }), signer({ ...key, encryptionMasterKey: bytes.toString("base64") })];
    bytes.fill(0);
    expect(fromBytes.authorizeRoom("1.2", "private-encrypted-a")).to.deep.equal(fromBase64.authorizeRoom("1.2", "private-encrypted-a"));
    expect(codeOf(() => signer({ ...key, encryptionMasterKey: new Uint8Array(32) }))).to.equal("none");
    const wrong = [Buffer.alloc(31), Buffer.alloc(33), new Uint8Array(0), new Uint16Array(32), "", "a".repeat(32), Buffer.alloc(32, 255).toString("base64url"), `${Buffer.alloc(32).toString("base64")}\n`, null, 32, {}];
    for (const given of wrong) expect(codeOf(() => signer({ ...key, encryptionMasterKey: given as never })), JSON.stringify(given)).to.equal("option_invalid");
  });

  it("that is undefined, such as a variable that is not set, is an error, also of a previous key", () => {
    expect(codeOf(() => signer({ ...key, encryptionMasterKey: undefined }))).to.equal("option_undefined");
    expect(codeOf(() => signer({ ...key, previous: [{ key: "old", secret: key.secret, encryptionMasterKey: undefined }] }))).to.equal("option_undefined");
    expect(codeOf(() => signer({ ...key, previous: [{ key: "old", secret: key.secret, encryptionMasterKey: "short" }] }))).to.equal("option_invalid");
  });

  it("is nowhere in an error", () => {
    expect(() => signer({ ...key, encryptionMasterKey: "the-secret-that-is-too-short" })).to.throw().with.property("message").that.does.not.include("the-secret");
  });
});

describe("The shared secret of an encrypted room", () => {
  it("is that of Pusher's server libraries", () => {
    for (const { channel, master_key_utf8, hex } of sharedSecrets) expect(Buffer.from(sharedSecretOf(channel, Buffer.from(master_key_utf8))).toString("hex")).to.equal(hex);
    for (const answer of channels) {
      if (!("shared_secret" in answer)) continue;
      const { shared_secret } = signer({ ...key, encryptionMasterKey: answer.master_key_base64 }).authorizeRoom("1.2", answer.channel);
      expect(shared_secret).to.equal(answer.shared_secret);
    }
  });

  it("is in the answer of authorizeRoom, as in that of the package pusher", () => {
    const encryptionMasterKey = Buffer.alloc(32, 9).toString("base64");
    const pusher = pusherOf({ ...key, encryptionMasterKeyBase64: encryptionMasterKey });
    const own = signer({ ...key, encryptionMasterKey });
    const member = { user_id: "alice" };
    expect(own.authorizeRoom("1.2", "private-encrypted-a")).to.deep.equal(pusher.authorizeChannel("1.2", "private-encrypted-a")).and.to.have.property("shared_secret");
    expect(own.authorizeRoom("1.2", "private-encrypted-a", member)).to.deep.equal(pusher.authorizeChannel("1.2", "private-encrypted-a", member));
    expect(own.authorizeRoom("1.2", "private-a")).to.have.all.keys("auth");
  });

  it("needs a master key to be given out, and none to be verified", () => {
    expect(codeOf(() => signer(key).authorizeRoom("1.2", "private-encrypted-a"))).to.equal("option_missing");
    const authorization = signer({ ...key, encryptionMasterKey: Buffer.alloc(32, 9) }).authorizeRoom("1.2", "private-encrypted-a");
    expect(signer(key).verifyRoom("1.2", "private-encrypted-a", authorization, 0)).to.deep.equal({ endsAt: Infinity });
  });
});
