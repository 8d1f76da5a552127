import { expect } from "chai";
import { connect, denialOf } from "../support/chat-client.js";
import { cleanUp, openChat } from "../support/chat-server.js";
import { cookieOf, post } from "../support/form.js";

describe("what the attacks of the Guard panel need", () => {
  after(cleanUp);

  it("is only given to a visitor who is signed in, and not to pages of other sites", async () => {
    const { address } = await openChat();
    const cookie = await cookieOf(address, "alice");
    expect((await post(`${address}/guard-panel/demo/token`)).status).to.equal(401);
    expect((await post(`${address}/guard-panel/demo/token`, {}, { cookie, "sec-fetch-site": "cross-site" })).status).to.equal(403);
    expect((await post(`${address}/guard-panel/demo/toString`, {}, { cookie })).status).to.equal(404);
  });

  it("are tokens of the visitor, which the chat has signed and no longer accepts", async () => {
    const { address } = await openChat();
    const cookie = await cookieOf(address, "alice");
    for (const [kind, code] of [["expired", "token_expired"], ["signed-out", "token_revoked"]]) {
      const { chat: auth } = await (await post(`${address}/guard-panel/demo/${kind}`, {}, { cookie })).json() as { chat: object };
      expect((await denialOf(connect(address, { auth }))).code).to.equal(code);
    }
  });

  it("does not exist in production, and neither do the panel and its namespaces", async () => {
    const { address } = await openChat({ production: true });
    expect((await fetch(`${address}/guard-panel`)).status).to.equal(204);
    expect((await post(`${address}/guard-panel/demo/token`)).status).to.equal(404);
    for (const namespace of ["/guard", "/admin"]) {
      const error = await connect(address + namespace).catch((reason: unknown) => reason);
      expect(error).to.have.property("message", "Invalid namespace");
    }
  });
});
