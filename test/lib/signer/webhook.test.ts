import { expect } from "chai";
import { createHmac } from "node:crypto";
import { signatureOf } from "../../../lib/signer/signature.js";
import { signer } from "../../../lib/signer/signer.js";
import { verifyWebhook } from "../../../lib/signer/webhook.js";
import { webhooks } from "./known-answers.js";
import { codeOf, key, pusherOf, withSecret } from "./support.js";

const body = '{"time_ms":1403175510755,"events":[{"channel":"a","name":"channel_vacated"}]}';
const sign = (text: string | Buffer, secret = key.secret) => createHmac("sha256", secret).update(text).digest("hex");
const headersOf = (signature: string, name = key.key) => ({ "x-pusher-key": name, "x-pusher-signature": signature });

describe("signer().verifyWebhook", () => {
  it("accepts what Pusher's server libraries accept, and nothing else", () => {
    for (const { valid, ...answer } of webhooks) {
      const headers = { "content-type": "application/json", ...headersOf(answer.signature, answer.key) };
      expect(signatureOf(answer.body, answer.secret) === answer.signature).to.equal(valid);
      expect(pusherOf(answer).webhook({ headers, rawBody: answer.body }).isValid()).to.equal(valid);
      expect(verifyWebhook([withSecret(answer)], headers, answer.body, 0)).to.deep.equal(valid ? JSON.parse(answer.body) : undefined);
    }
  });

  it("takes headers as Node has them or a Headers, and a body that is text or bytes", () => {
    const own = signer(key);
    for (const headers of [headersOf(sign(body)), new Headers({ "X-Pusher-Key": key.key, "X-Pusher-Signature": sign(body) })]) {
      for (const raw of [body, Buffer.from(body), Uint8Array.from(Buffer.from(body))]) expect(own.verifyWebhook(headers, raw)).to.deep.equal(JSON.parse(body));
    }
  });

  it("rejects another body, key or signature", () => {
    const own = signer(key);
    expect(own.verifyWebhook(headersOf(sign(body)), `${body} `)).to.equal(undefined);
    expect(own.verifyWebhook(headersOf(sign(body), "other"), body)).to.equal(undefined);
    for (const signature of ["", sign(body).toUpperCase(), `${sign(body)}0`, "\u0161".repeat(64), sign(body, "another secret of twenty bytes")]) expect(own.verifyWebhook(headersOf(signature), body)).to.equal(undefined);
    for (const headers of [{}, new Headers(), { "x-pusher-key": key.key }, { "x-pusher-signature": sign(body) }, { ...headersOf(sign(body)), "x-pusher-signature": [sign(body)] }]) expect(own.verifyWebhook(headers, body)).to.equal(undefined);
  });

  it("accepts the keys that are still accepted", () => {
    const previous = (acceptUntil: number) => signer({ ...key, previous: [{ key: "old", secret: "the previous secret, twenty bytes and more", acceptUntil }] });
    const headers = headersOf(sign(body, "the previous secret, twenty bytes and more"), "old");
    expect(previous(Infinity).verifyWebhook(headers, body)).to.be.an("object");
    expect(previous(Date.now() - 1).verifyWebhook(headers, body)).to.equal(undefined);
  });

  it("returns no body that is not a JSON object that everybody reads alike", () => {
    const own = signer(key);
    for (const text of ["", "null", "[]", "1", "{", '{"a":1,"a":2}', `{"a":${"[".repeat(40)}${"]".repeat(40)}}`]) expect(own.verifyWebhook(headersOf(sign(text)), text), text).to.equal(undefined);
  });

  it("says so if the body was parsed before", () => {
    for (const parsed of [{}, undefined, null]) expect(codeOf(() => signer(key).verifyWebhook(headersOf(""), parsed as never))).to.equal("option_invalid");
  });
});
