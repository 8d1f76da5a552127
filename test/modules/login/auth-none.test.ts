import { expect } from "chai";
import { io } from "socket.io-client";
import type { SessionNotice, SignIn } from "socket.io-guard";
import type { RunningChat } from "../../../modules/server/server.js";
import { connect, denialOf, deniedWith, joinLobby, online, received, type ChatClient } from "../support/chat-client.js";
import { cleanUp, cleanUpLater, openChat } from "../support/chat-server.js";
import { cookieOf } from "../support/form.js";

describe("AUTH=none", () => {
  let server: RunningChat;
  const connectGuest = async (): Promise<{ guest: ChatClient; signingId: string }> => {
    const guest: ChatClient = io(server.address, { forceNew: true, reconnection: false });
    cleanUpLater(() => guest.disconnect());
    const { subject, signingId } = await new Promise<SessionNotice>((resolve, reject) => {
      guest.once("guard:session", resolve);
      guest.once("connect_error", reject);
    });
    expect(subject).to.equal(null);
    await joinLobby(guest);
    return { guest, signingId: signingId! };
  };
  const requestSignature = (signingId: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.address}/guard/user-auth`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify({ signingId }) });
  before(async () => { server = await openChat({ auth: "none" }); });
  after(cleanUp);

  it("lets guests read, and signs a guest in on the open connection", async () => {
    const { guest, signingId } = await connectGuest();
    const { guest: other } = await connectGuest();
    expect(await guest.emitWithAck("history", "lobby")).to.deep.equal([]);

    const response = await requestSignature(signingId, { cookie: await cookieOf(server.address, "alice") });
    expect(response.headers.get("cache-control")).to.equal("no-store");
    const [seen, message] = [online(other, "Alice"), received(other, "message")];
    expect(await guest.emitWithAck("guard:signin", await response.json() as SignIn)).to.deep.include({ user: { id: "alice", name: "Alice", role: "member" } });
    await seen;
    expect(await guest.emitWithAck("message", { room: "lobby", text: "signed in" })).to.deep.include({ author: { id: "alice", name: "Alice" } });
    expect((await message).text).to.equal("signed in");

    const gone = online(other, "");
    guest.disconnect();
    await gone;
  });

  it("does not let guests write", async () => {
    const { guest } = await connectGuest();
    expect(deniedWith(await guest.emitWithAck("message", { room: "lobby", text: "hi" })).code).to.equal("token_missing");
  });

  it("only signs for users who are signed in on this site, and for one session", async () => {
    const [one, other] = [await connectGuest(), await connectGuest()];
    const cookie = await cookieOf(server.address, "alice");
    const signed = await (await requestSignature(one.signingId, { cookie })).json() as SignIn;
    expect(deniedWith(await other.guest.emitWithAck("guard:signin", signed)).code).to.equal("signature_invalid");
    expect((await requestSignature(one.signingId)).status).to.equal(401);
    expect((await requestSignature("1", { cookie })).status).to.equal(400);
    expect((await requestSignature(one.signingId, { cookie, origin: "https://evil.example" })).status).to.equal(403);
  });

  it("is the only AUTH that accepts guests and has this endpoint", async () => {
    const { address } = await openChat();
    for (const path of ["/guard/user-auth", "/check-token"]) expect((await fetch(address + path, { method: "POST" })).status).to.equal(404);
    expect((await denialOf(connect(address))).code).to.equal("token_missing");
  });
});
