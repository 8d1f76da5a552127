import { expect } from "chai";
import { describe, it } from "mocha";
import { webhookSigner } from "../../lib/webhook-signature.js";

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
  it("is the one of Standard Webhooks' own test", () => {
    expect(webhookSigner(known.secret)(known.payload, known.id, known.timestamp)).to.deep.equal({
      "webhook-id": known.id, "webhook-timestamp": String(known.timestamp), "webhook-signature": known.signature,
    });
  });

  it("has a random id and the current time", () => {
    const sign = webhookSigner(known.secret);
    const [one, other] = [sign("{}"), sign("{}")];
    expect(one["webhook-id"]).to.match(/^msg_[\w-]{36}$/).and.not.equal(other["webhook-id"]);
    expect(Number(one["webhook-timestamp"])).to.be.closeTo(Date.now() / 1000, 2);
    expect(sign("{}", one["webhook-id"], Number(one["webhook-timestamp"]))).to.deep.equal(one);
  });

  it("is made once with each secret, while one replaces another", () => {
    const both = webhookSigner([known.secret, secretOf(32)])(known.payload, known.id, known.timestamp)["webhook-signature"].split(" ");
    expect(both).to.have.length(2);
    expect(both[0]).to.equal(known.signature);
    expect(both[1]).to.equal(webhookSigner(secretOf(32))(known.payload, known.id, known.timestamp)["webhook-signature"]);
  });

  it("is refused for a secret of fewer than 24 or more than 64 bytes, or that is not base64", () => {
    for (const right of [secretOf(24), secretOf(64)]) expect(() => webhookSigner(right)).not.to.throw();
    const wrong: unknown[] = ["", null, undefined, 7, {}, [], [null], "whsec_", secretOf(23), secretOf(65), secretOf(32).slice("whsec_".length), `${secretOf(32)}!`, secretOf(32).replace("=", ""), [secretOf(32), "whsec_"]];
    for (const secret of wrong) expect(() => webhookSigner(secret), JSON.stringify(secret)).to.throw().with.property("code", "option_invalid");
  });

  it("is refused without telling the secret", () => {
    expect(() => webhookSigner("whsec_too+short")).to.throw().with.property("message").that.does.not.include("too+short");
  });
});
