import { expect } from "chai";
import { Webhook } from "standardwebhooks";
import { webhookSigner } from "../../../lib/webhook-signature.js";
import { verifyWebhook } from "../../../lib/webhooks/index.js";
import { randomFrom, seed } from "../../support/draws.js";
import { codeOf } from "../signer/support.js";

// standard-webhooks/standard-webhooks@b2fa7b8, libraries/javascript/src/webhook.test.ts
const known = {
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  headers: { "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" },
  body: "{\"test\": 2432232314}",
};
const otherSecret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

const body = '{"type":"ended","timestamp":"2026-11-28T12:00:00.000Z","data":{"subject":"alice"}}';
const now = () => Math.floor(Date.now() / 1_000);
const signed = (text = body, seconds = now(), secrets: string | string[] = known.secret) => ({ ...webhookSigner(secrets)(text, "msg_1", seconds) });

function at<Result>(milliseconds: number, run: () => Result): Result {
  const original = Date.now;
  Date.now = () => milliseconds;
  try {
    return run();
  } finally {
    Date.now = original;
  }
}

describe("verifyWebhook", () => {
  it("accepts Standard Webhooks' own example at its time", () => {
    at(1_614_265_330_000, () => expect(verifyWebhook(known.secret, known.headers, known.body)).to.deep.equal({ test: 2432232314 }));
    expect(verifyWebhook(known.secret, known.headers, known.body)).to.equal(undefined);
  });

  it("accepts what the package standardwebhooks signs, and the other way round", () => {
    const random = randomFrom(seed());
    for (let draw = 0; draw < 50; draw += 1) {
      const bytes = Buffer.from(Array.from({ length: 24 + Math.floor(random() * 41) }, () => Math.floor(random() * 256)));
      const secret = `whsec_${bytes.toString("base64")}`;
      const text = JSON.stringify({ number: random(), text: "\u00e4\u{1f600}\"" });
      const theirs = new Webhook(secret);
      const headers = { "webhook-id": `msg_${draw}`, "webhook-timestamp": String(now()), "webhook-signature": theirs.sign(`msg_${draw}`, new Date(), text) };
      expect(verifyWebhook([otherSecret, secret], headers, text)).to.deep.equal(JSON.parse(text));
      expect(theirs.verify(text, signed(text, now(), [otherSecret, secret]))).to.deep.equal(JSON.parse(text));
      expect(() => theirs.verify(text, signed(text, now(), otherSecret))).to.throw();
    }
  });

  it("takes headers as Node has them or a Headers, and a body that is text or bytes", () => {
    for (const headers of [signed(), new Headers(signed())]) {
      for (const raw of [body, Buffer.from(body), Uint8Array.from(Buffer.from(body))]) expect(verifyWebhook(known.secret, headers, raw)).to.deep.equal(JSON.parse(body));
    }
  });

  it("accepts any v1 signature of any secret, while one secret replaces another", () => {
    const both = signed(body, now(), [otherSecret, known.secret]);
    for (const secrets of [known.secret, otherSecret, [known.secret], [otherSecret, known.secret]]) expect(verifyWebhook(secrets, both, body)).to.be.an("object");
    const right = signed()["webhook-signature"];
    for (const more of [`v1,Ceo5qEr0 ${right}`, `v1a,abc ${right}`, `${right} v2,abc`]) expect(verifyWebhook(known.secret, { ...signed(), "webhook-signature": more }, body)).to.be.an("object");
  });

  it("rejects another body, id, timestamp, secret or signature", () => {
    const seconds = now();
    const headers = signed(body, seconds);
    const rejected = (changed: object, text = body, secret = known.secret) => expect(verifyWebhook(secret, { ...headers, ...changed }, text), JSON.stringify(changed)).to.equal(undefined);
    rejected({}, `${body} `);
    rejected({}, body, otherSecret);
    rejected({ "webhook-id": "msg_2" });
    rejected({ "webhook-timestamp": String(seconds - 1) });
    const right = headers["webhook-signature"];
    const forged = ["v1,dawfeoifkpqwoekfpqoekf", "v1,", "v1,Ceo5qEr0", "v2,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=", right.slice("v1,".length), right.replace("v1", "v2"), right.replace(/=$/, ""), `${right}=`, right.toLowerCase(), "\u0161".repeat(47)];
    for (const signature of forged) rejected({ "webhook-signature": signature });
  });

  it("rejects a request without one of the headers, or with one of them twice", () => {
    for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"] as const) {
      for (const value of [undefined, "", [signed()[name]]]) expect(verifyWebhook(known.secret, { ...signed(), [name]: value }, body)).to.equal(undefined);
    }
    expect(verifyWebhook(known.secret, new Headers(), body)).to.equal(undefined);
  });

  it("rejects a timestamp outside of the tolerance, in both directions, or that is no number", () => {
    const time = 1_800_000_000;
    const accepts = (seconds: number | string, tolerance?: "10s") => at(time * 1_000, () => {
      const headers = new Webhook(known.secret).sign("msg_1", new Date(Number(seconds) * 1_000 || 0), body);
      return verifyWebhook(known.secret, { "webhook-id": "msg_1", "webhook-timestamp": String(seconds), "webhook-signature": headers }, body, tolerance && { tolerance }) !== undefined;
    });
    expect([time - 300, time, time + 300].map((seconds) => accepts(seconds))).to.deep.equal([true, true, true]);
    expect([time - 301, time + 301, "hello", `${time}.0`, `+${time}`, `${time} `, "1e9", "0x7"].map((seconds) => accepts(seconds))).to.not.include(true);
    expect([time - 10, time + 10, time - 11, time + 11].map((seconds) => accepts(seconds, "10s"))).to.deep.equal([true, true, false, false]);
  });

  it("returns no body that is not a JSON object that everybody reads alike", () => {
    for (const text of ["", "null", "[]", "1", "{", '{"a":1,"a":2}', `{"a":${"[".repeat(40)}${"]".repeat(40)}}`]) expect(verifyWebhook(known.secret, signed(text), text), text).to.equal(undefined);
  });

  it("says so if a secret is missing or wrong, or if the body was parsed before", () => {
    for (const secrets of [undefined, "", "whsec_", [], [undefined], [known.secret, ""]]) expect(codeOf(() => verifyWebhook(secrets, signed(), body))).to.equal("option_invalid");
    for (const parsed of [{}, undefined, null]) expect(codeOf(() => verifyWebhook(known.secret, signed(), parsed as never))).to.equal("option_invalid");
    expect(codeOf(() => verifyWebhook(known.secret, signed(), body, { tolerence: "5m" } as never))).to.equal("option_unknown");
  });
});
