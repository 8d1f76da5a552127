import { expect } from "chai";
import { signer } from "../../../lib/webhooks/signature.js";

// standard-webhooks/standard-webhooks@b2fa7b8, libraries/javascript/src/webhook.test.ts
const known = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: 1_614_265_330,
  payload: "{\"test\": 2432232314}",
  signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};

const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString("base64")}`;

describe("the signature of a webhook", () => {
  it("is the one that Standard Webhooks gives", () => {
    expect(signer(known.secret)(known.payload, known.id, known.timestamp)).to.deep.equal({
      "webhook-id": known.id, "webhook-timestamp": String(known.timestamp), "webhook-signature": known.signature,
    });
  });

  it("has an id of its own and the time of now", () => {
    const sign = signer(known.secret);
    const [one, other] = [sign("{}"), sign("{}")];
    expect(one["webhook-id"]).to.match(/^msg_[\w-]{36}$/).and.not.equal(other["webhook-id"]);
    expect(Number(one["webhook-timestamp"])).to.be.closeTo(Date.now() / 1000, 2);
    expect(sign("{}", one["webhook-id"], Number(one["webhook-timestamp"]))).to.deep.equal(one);
  });

  it("is there once for each secret while one replaces another", () => {
    const both = signer([known.secret, secretOf(32)])(known.payload, known.id, known.timestamp)["webhook-signature"].split(" ");
    expect(both).to.have.length(2);
    expect(both[0]).to.equal(known.signature);
    expect(both[1]).to.equal(signer(secretOf(32))(known.payload, known.id, known.timestamp)["webhook-signature"]);
  });

  it("takes secrets of 24 to 64 bytes, and none that would sign with less than it says", () => {
    for (const right of [secretOf(24), secretOf(64)]) expect(() => signer(right)).not.to.throw();
    const wrong: unknown[] = ["", null, undefined, 7, {}, [], [null], "whsec_", secretOf(23), secretOf(65), secretOf(32).slice("whsec_".length), `${secretOf(32)}!`, secretOf(32).replace("=", ""), [secretOf(32), "whsec_"]];
    for (const secret of wrong) expect(() => signer(secret as string), JSON.stringify(secret)).to.throw().with.property("code", "secret_invalid");
  });

  it("tells nobody the secret", () => {
    expect(() => signer("whsec_too+short")).to.throw().with.property("message").that.does.not.include("too+short");
  });
});
