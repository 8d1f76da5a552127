import { expect } from "chai";
import type { RunningChat } from "../../../modules/server/server.js";
import { closeClients, connectAs, deniedWith, granted, heard, type ChatClient } from "../support/chat-client.js";
import { cleanUp, openChat } from "../support/chat-server.js";

describe("direct messages", () => {
  let server: RunningChat;
  let alice: ChatClient;
  let otherTab: ChatClient;
  let bob: ChatClient;
  let carol: ChatClient;
  before(async () => {
    server = await openChat();
    [alice, otherTab, bob, carol] = await Promise.all(["alice", "alice", "bob", "carol"].map((user) => connectAs(server.address, user))) as [ChatClient, ChatClient, ChatClient, ChatClient];
  });
  after(async () => {
    closeClients();
    await cleanUp();
  });

  it("are heard by both sides in all their tabs, by nobody else, and are not stored", async () => {
    const overheard: unknown[] = [];
    carol.on("direct", (message) => overheard.push(message));
    const heardByBoth = Promise.all([alice, otherTab, bob].map((client) => heard(client, "direct")));
    const sent = granted(await alice.emitWithAck("direct", { to: "bob", text: " psst " }));
    expect(sent).to.deep.include({ author: { id: "alice", name: "Alice" }, to: { id: "bob", name: "Bob" }, text: "psst" });
    expect(await heardByBoth).to.deep.equal([sent, sent, sent]);

    // What carol is told after it comes after it.
    const later = heard(carol, "message");
    granted(await alice.emitWithAck("message", { text: "for all" }));
    await later;
    expect(overheard).to.deep.equal([]);
    expect(granted(await bob.emitWithAck("history")).map(({ text }) => text)).to.deep.equal(["for all"]);
  });

  it("to oneself are heard once", async () => {
    const texts: string[] = [];
    bob.on("direct", ({ text }) => texts.push(text));
    granted(await bob.emitWithAck("direct", { to: "bob", text: "a note" }));
    granted(await bob.emitWithAck("history"));
    expect(texts).to.deep.equal(["a note"]);
  });

  it("to nobody are answered null, and what does not fit is denied", async () => {
    expect(await alice.emitWithAck("direct", { to: "nobody", text: "hello?" })).to.equal(null);
    for (const wrong of [{ to: "bob" }, { to: "bob", text: "  " }, { to: "../bob", text: "hi" }, { to: "bob", text: "hi", author: "carol" }]) {
      expect(deniedWith(await alice.emitWithAck("direct", wrong as never)).code, JSON.stringify(wrong)).to.equal("payload_invalid");
    }
  });
});
