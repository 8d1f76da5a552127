import { createHmac, randomBytes } from "node:crypto";
import { expect } from "chai";
import { isSigned } from "../../../modules/login/webhook-signature.js";
import type { RunningChat } from "../../../modules/server/server.js";
import { closeClients, connect, disconnected, heard, type ChatClient } from "../support/chat-client.js";
import { cleanUp, openChat, run } from "../support/chat-server.js";
import { cookieOf, post, signInForm } from "../support/form.js";

describe("AUTH=http", () => {
  let server: RunningChat;
  const cookieOfAlice = async (): Promise<string> => cookieOf(await signInForm(server.address, "alice", "wonderland")).pair;
  const connectWith = (cookie: string, origin = server.address): Promise<ChatClient> => connect(server.address, { extraHeaders: { cookie, origin } });
  const refusal = (client: Promise<ChatClient>): Promise<string | undefined> => client.then(() => undefined, (error: Error & { data?: { code: string } }) => error.data?.code ?? error.message);
  before(async () => { server = await openChat({ auth: "http" }); });
  after(async () => {
    closeClients();
    await cleanUp();
  });

  it("lets in whose sign-in the cookie holds, and ends when that is signed out", async () => {
    const cookie = await cookieOfAlice();
    const alice = await connectWith(cookie);
    const said = heard(alice, "message");
    await alice.emitWithAck("message", { text: "by a cookie" });
    expect(await said).to.deep.include({ author: { id: "alice", name: "Alice" } });

    const gone = disconnected(alice);
    await post(`${server.address}/logout`, {}, { cookie });
    await gone;
    expect(await refusal(connectWith(cookie))).to.equal("credential_invalid");
    expect((await connectWith(await cookieOfAlice())).connected).to.equal(true);
  });

  it("lets the terminal client in", async () => {
    const bob = run("modules/terminal/main.ts", ["--user", "bob", "--url", server.address], { ENV_FILE: "/nowhere/.env", PASSWORD: "wonderland" });
    await bob.printed(/Connected to/);
    bob.child.stdin?.end("from the terminal");
    expect(await bob.ended).to.deep.include({ code: 0, errors: "" });
  });

  it("gives the page no token, for it needs none", async () => {
    expect(await (await post(`${server.address}/token`, {}, { cookie: await cookieOfAlice() })).json()).to.deep.equal({ token: null });
  });

  it("lets in nobody else, and no other site's page", async () => {
    expect(await refusal(connectWith("sign_in=nonsense"))).to.equal("credential_invalid");
    expect(await refusal(connectWith("theme=dark"))).to.equal("credential_invalid");
    expect(await refusal(connect(server.address, {}))).to.equal("token_missing");
    expect(await refusal(connectWith(await cookieOfAlice(), "https://evil.example"))).not.to.equal(undefined);
  });

  it("answers the guard alone: who has no signature learns nothing of a cookie", async () => {
    const body = JSON.stringify({ connectionData: { headers: { cookie: await cookieOfAlice() } }, authData: {} });
    for (const headers of [{}, { "webhook-id": "msg_1", "webhook-timestamp": String(Math.floor(Date.now() / 1_000)), "webhook-signature": "v1,AAAA" }]) {
      const response = await fetch(`${server.address}/check-token`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
      expect(response.status).to.equal(403);
    }
  });
});

describe("the signature of a question to the chat's endpoint", () => {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const body = Buffer.from("{}");
  const signed = (time: string): ((name: string) => string | undefined) => {
    const signature = createHmac("sha256", Buffer.from(secret.slice(6), "base64")).update(`msg_1.${time}.{}`).digest("base64");
    const headers = new Map([["webhook-id", "msg_1"], ["webhook-timestamp", time], ["webhook-signature", `v1,AAAA v1,${signature}`]]);
    return (name) => headers.get(name);
  };

  it("counts for this secret, this body and five minutes", () => {
    expect(isSigned(secret, body, signed("1000"), 1_200)).to.equal(true);
    expect(isSigned(secret, body, signed("1000"), 1_301)).to.equal(false);
    expect(isSigned(secret, body, signed("soon"), 1_000)).to.equal(false);
    expect(isSigned(secret, Buffer.from("[]"), signed("1000"), 1_000)).to.equal(false);
    expect(isSigned(`whsec_${randomBytes(32).toString("base64")}`, body, signed("1000"), 1_000)).to.equal(false);
    expect(isSigned(secret, body, () => undefined, 1_000)).to.equal(false);
  });
});
