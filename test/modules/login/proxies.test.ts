import { expect } from "chai";
import { useClock } from "../../support/clock.js";
import { connect, denialOf, tokenOf } from "../support/chat-client.js";
import { cleanUp, openChat } from "../support/chat-server.js";
import { signInForm } from "../support/form.js";

describe("the chat behind one proxy, with PROXIES=1", () => {
  // The wait after ten failures does not end while the test goes on.
  useClock(Date.now());
  after(cleanUp);

  it("limits the visitor who guesses, and not the others behind the same proxy", async () => {
    const { address } = await openChat({ proxies: 1 });
    const from = (visitor: string) => ({ "x-forwarded-for": visitor });
    const token = await tokenOf(address, "alice");

    for (let guess = 0; guess < 10; guess += 1) {
      expect((await denialOf(connect(address, { auth: { token: "a guess" }, extraHeaders: from("192.0.2.1") }))).code).to.equal("token_malformed");
      await signInForm(address, "alice", "a guess", from("192.0.2.1"));
    }

    expect((await denialOf(connect(address, { auth: { token }, extraHeaders: from("192.0.2.1") }))).code).to.equal("rate_limited");
    expect((await connect(address, { auth: { token }, extraHeaders: from("192.0.2.2") })).connected).to.equal(true);
    expect((await signInForm(address, "alice", "wonderland", from("192.0.2.1"))).status).to.equal(429);
    expect((await signInForm(address, "alice", "wonderland", from("192.0.2.2"))).status).to.equal(303);
  });
});
