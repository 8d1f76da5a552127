import { createHmac, randomBytes } from "node:crypto";
import { expect } from "chai";
import { isSigned } from "../../../modules/login/webhook-signature.js";
import type { RunningChat } from "../../../modules/server/server.js";
import { connect, denialOf, disconnected, received, type ChatClient } from "../support/chat-client.js";
import { cleanUp, openChat } from "../support/chat-server.js";
import { cookieOf, post, signOut } from "../support/form.js";

describe("AUTH=http", () => {
  let server: RunningChat;
  const connectWith = (cookie: string, origin = server.address): Promise<ChatClient> => connect(server.address, { extraHeaders: { cookie, origin } });
  before(async () => { server = await openChat({ auth: "http" }); });
  after(cleanUp);

  it("accepts a sign-in cookie, until its user signs out", async () => {
    const cookie = await cookieOf(server.address, "alice");
    const alice = await connectWith(cookie);
    const message = received(alice, "message");
    await alice.emitWithAck("message", { room: "lobby", text: "by a cookie" });
    expect(await message).to.deep.include({ author: { id: "alice", name: "Alice" } });

    const end = disconnected(alice);
    await signOut(server.address, cookie);
    await end;
    expect((await denialOf(connectWith(cookie))).code).to.equal("credential_invalid");
    expect((await connectWith(await cookieOf(server.address, "alice"))).connected).to.equal(true);
  });

  it("gives the page no token, because it needs none", async () => {
    expect(await (await post(`${server.address}/token`, {}, { cookie: await cookieOf(server.address, "alice") })).json()).to.deep.equal({ token: null });
  });

  it("refuses other cookies, no cookie, and pages of other sites", async () => {
    for (const cookie of ["sign_in=nonsense", "theme=dark"]) expect((await denialOf(connectWith(cookie))).code, cookie).to.equal("credential_invalid");
    expect((await denialOf(connect(server.address))).code).to.equal("token_missing");
    const foreign = await connectWith(await cookieOf(server.address, "alice"), "https://evil.example").then(() => "accepted", () => "refused");
    expect(foreign).to.equal("refused");
  });

  it("answers unsigned requests to its endpoint with 403", async () => {
    const body = JSON.stringify({ connectionData: { headers: { cookie: await cookieOf(server.address, "alice") } }, authData: {} });
    for (const headers of [{}, { "webhook-id": "msg_1", "webhook-timestamp": String(Math.floor(Date.now() / 1_000)), "webhook-signature": "v1,AAAA" }]) {
      expect((await fetch(`${server.address}/check-token`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body })).status).to.equal(403);
    }
  });
});

describe("the signature of a webhook", () => {
  it("is only valid for this secret, this body and five minutes", () => {
    const secret = `whsec_${randomBytes(32).toString("base64")}`;
    const body = Buffer.from("{}");
    const signed = (time: string): ((name: string) => string | undefined) => {
      const signature = createHmac("sha256", Buffer.from(secret.slice(6), "base64")).update(`msg_1.${time}.{}`).digest("base64");
      const headers = new Map([["webhook-id", "msg_1"], ["webhook-timestamp", time], ["webhook-signature", `v1,AAAA v1,${signature}`]]);
      return (name) => headers.get(name);
    };
    expect(isSigned(secret, body, signed("1000"), 1_200)).to.equal(true);
    expect(isSigned(secret, body, signed("1000"), 1_301)).to.equal(false);
    expect(isSigned(secret, body, signed("soon"), 1_000)).to.equal(false);
    expect(isSigned(secret, Buffer.from("[]"), signed("1000"), 1_000)).to.equal(false);
    expect(isSigned(`whsec_${randomBytes(32).toString("base64")}`, body, signed("1000"), 1_000)).to.equal(false);
    expect(isSigned(secret, body, () => undefined, 1_000)).to.equal(false);
  });
});
