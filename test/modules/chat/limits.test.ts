import { expect } from "chai";
import type { Denied } from "socket.io-guard/client";
import { connectAs, granted } from "../support/chat-client.js";
import { cleanUp, openChat } from "../support/chat-server.js";

describe("the limits of the chat", () => {
  afterEach(cleanUp);

  it("let each user send as many messages as MESSAGE_LIMIT says, from all tabs together, and say when the next may be sent", async () => {
    const { address } = await openChat({ messageLimit: "2/10s" });
    const [tab, other, bob] = [await connectAs(address, "alice"), await connectAs(address, "alice"), await connectAs(address, "bob")];
    const message = { room: "lobby", text: "hi" };
    for (const client of [tab, other]) granted(await client.emitWithAck("message", message));
    const { error: denial } = await other.emitWithAck("message", message) as Denied;
    expect(denial).to.include({ code: "rate_limited", event: "message" });
    expect(denial.retryAfter).to.be.within(1, 10_002);
    granted(await bob.emitWithAck("message", message));
    expect(granted(await tab.emitWithAck("history", "lobby"))).to.have.length(3);
  });
});
