import { expect } from "chai";
import type { RoomAuthorization, SessionNotice } from "socket.io-guard/client";
import { connectAs, deniedWith, granted, type ChatClient } from "../support/chat-client.js";
import { cleanUp, openChat } from "../support/chat-server.js";
import { cookieOf, post } from "../support/form.js";

const room = "private-encrypted-rabbit-hole";

describe("POST /guard/room-auth", () => {
  let address: string;
  before(async () => { ({ address } = await openChat()); });
  after(cleanUp);

  const connectBob = async (): Promise<{ bob: ChatClient; signingId: string }> => {
    let notice: SessionNotice | undefined;
    const bob = await connectAs(address, "bob", { prepare: (client) => client.on("guard:session", (session) => { notice = session; }) });
    return { bob, signingId: notice!.signingId! };
  };
  const authorize = (signingId: string, headers: Record<string, string>, name = room): Promise<Response> =>
    post(`${address}/guard/room-auth`, { socket_id: signingId, channel_name: name }, headers);

  it("lets a visitor who is signed in join an encrypted room, with this session only", async () => {
    const { bob, signingId } = await connectBob();
    const response = await authorize(signingId, { cookie: await cookieOf(address, "bob") });
    expect(response.headers.get("cache-control")).to.equal("no-store");
    const { auth, shared_secret: key } = await response.json() as RoomAuthorization;
    expect(Buffer.from(key!, "base64")).to.have.lengthOf(32);
    granted(await bob.emitWithAck("guard:join", { room, auth }));
    const text = JSON.stringify({ nonce: "AAAA", ciphertext: "AAAA" });
    expect(granted(await bob.emitWithAck("message", { room, text }))).to.include({ room, text });

    const { bob: other } = await connectBob();
    expect(deniedWith(await other.emitWithAck("guard:join", { room, auth })).code).to.equal("signature_invalid");
    expect(deniedWith(await other.emitWithAck("guard:join", { room })).code).to.equal("signature_invalid");
  });

  it("refuses visitors who are not signed in, pages of other sites, and other rooms", async () => {
    const cookie = await cookieOf(address, "bob");
    expect((await authorize("1.2", {})).status).to.equal(403);
    expect((await authorize("1.2", { cookie, origin: "https://evil.example" })).status).to.equal(403);
    expect((await authorize("1.2", { cookie }, "private-admins")).status).to.equal(403);
    expect((await authorize("1", { cookie })).status).to.equal(400);
    expect((await fetch(`${address}/guard/room-auth`, { headers: { cookie } })).status).to.equal(405);
  });
});
