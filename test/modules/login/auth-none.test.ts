import { expect } from "chai";
import { io, type Socket } from "socket.io-client";
import type { GuardClientEvents, SessionNotice, SignIn, WithDenials } from "socket.io-guard";
import type { ClientToServerEvents, ServerToClientEvents } from "../../../definitions/events.js";
import type { RunningChat } from "../../../modules/server/server.js";
import { closeClients, connect, deniedWith, heard } from "../support/chat-client.js";
import { cleanUp, openChat } from "../support/chat-server.js";
import { cookieOf, signInForm } from "../support/form.js";

type Guest = Socket<ServerToClientEvents, WithDenials<ClientToServerEvents> & GuardClientEvents>;

describe("AUTH=none", () => {
  let server: RunningChat;
  const guests = new Set<Guest>();
  /** A guest, and what is to be signed. */
  const arrive = async (): Promise<{ guest: Guest; signingId: string }> => {
    const guest: Guest = io(server.address, { forceNew: true, reconnection: false });
    guests.add(guest);
    const { signingId } = await new Promise<SessionNotice>((resolve, reject) => {
      guest.once("guard:session", resolve);
      guest.once("connect_error", reject);
    });
    return { guest, signingId: signingId! };
  };
  const ask = (signingId: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.address}/guard/user-auth`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify({ signingId }) });
  const cookieOfAlice = async (): Promise<string> => cookieOf(await signInForm(server.address, "alice", "wonderland")).pair;
  before(async () => { server = await openChat({ auth: "none" }); });
  after(async () => {
    for (const guest of guests) guest.disconnect();
    closeClients();
    await cleanUp();
  });

  it("a guest reads, and is signed in in place by the page's own backend", async () => {
    const { guest, signingId } = await arrive();
    expect(await guest.emitWithAck("history")).to.deep.equal([]);

    const response = await ask(signingId, { cookie: await cookieOfAlice() });
    expect(response.headers.get("cache-control")).to.equal("no-store");
    const { guest: other } = await arrive();
    const seen = heard(other, "present", (users) => users.some(({ id }) => id === "alice"));
    const read = heard(other, "message");
    expect(await guest.emitWithAck("guard:signin", await response.json() as SignIn)).to.deep.include({ user: { id: "alice", name: "Alice", role: "member" } });
    await seen;
    expect(await guest.emitWithAck("message", { text: "signed in" })).to.deep.include({ author: { id: "alice", name: "Alice" } });
    expect((await read).text).to.equal("signed in");

    const gone = heard(other, "present", (users) => users.length === 0);
    guest.disconnect();
    await gone;
  });

  it("a guest may not write, and is sent away to sign in", async () => {
    const { guest } = await arrive();
    expect(deniedWith(await guest.emitWithAck("message", { text: "hi" })).code).to.equal("token_missing");
  });

  it("a signature is for one session alone, and given to who is signed in on this site", async () => {
    const [one, other] = [await arrive(), await arrive()];
    const cookie = await cookieOfAlice();
    const signed = await (await ask(one.signingId, { cookie })).json() as SignIn;
    expect(deniedWith(await other.guest.emitWithAck("guard:signin", signed)).code).to.equal("signature_invalid");
    expect((await ask(one.signingId)).status).to.equal(401);
    expect((await ask("1", { cookie })).status).to.equal(400);
    expect((await ask(one.signingId, { cookie, origin: "https://evil.example" })).status).to.equal(403);
  });

  it("there is no such endpoint otherwise", async () => {
    const usual = await openChat();
    for (const path of ["/guard/user-auth", "/check-token"]) expect((await fetch(usual.address + path, { method: "POST" })).status).to.equal(404);
    const error = await connect(usual.address, {}).then(() => undefined, (reason: Error & { data?: { code: string } }) => reason);
    expect(error?.data?.code).to.equal("token_missing");
  });
});
