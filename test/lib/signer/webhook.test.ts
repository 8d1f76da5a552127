import { expect } from "chai";
import { signatureOf } from "../../../lib/signer/signature.js";
import { webhooks } from "./known-answers.js";
import { pusherOf } from "./support.js";

describe("The signature of a webhook", () => {
  it("is that of Pusher's server libraries, and the package pusher accepts it", () => {
    for (const { key, secret, body, signature, valid } of webhooks) {
      expect(signatureOf(body, secret) === signature).to.equal(valid);
      const request = { headers: { "content-type": "application/json", "x-pusher-key": key, "x-pusher-signature": signature }, rawBody: body };
      expect(pusherOf({ key, secret }).webhook(request).isValid()).to.equal(valid);
    }
  });
});
