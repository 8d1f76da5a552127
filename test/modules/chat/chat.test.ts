import { expect } from "chai";
import type { RunningChat } from "../../../modules/server/server.js";
import { connect, connectAll, deniedWith, denialOf, firstDirect, granted, online, received, type ChatClient } from "../support/chat-client.js";
import { cleanUp, openChat } from "../support/chat-server.js";

describe("the chat", () => {
  let server: RunningChat;
  let alice: ChatClient;
  let bob: ChatClient;
  before(async () => {
    server = await openChat();
    [alice, bob] = await connectAll(server.address, "alice", "bob");
  });
  after(cleanUp);

  it("stores a message, answers it, and sends it to everyone", async () => {
    const messages = Promise.all([received(alice, "message"), received(bob, "message")]);
    const stored = granted(await alice.emitWithAck("message", { text: "  Hello, <b>Bob</b>!\n" }));
    expect(stored).to.deep.include({ author: { id: "alice", name: "Alice" }, text: "Hello, <b>Bob</b>!" });
    expect(stored.sentAt).to.be.closeTo(Date.now(), 5_000);
    expect(await messages).to.deep.equal([stored, stored]);
    expect(granted(await bob.emitWithAck("history")).at(-1)).to.deep.equal(stored);
  });

  it("answers the latest fifty messages in the order in which they were sent, and the older ones page by page", async () => {
    const texts = Array.from({ length: 110 }, (_, index) => `number ${index}`);
    await Promise.all(texts.map((text) => bob.emitWithAck("message", { text })));
    const latest = granted(await alice.emitWithAck("history"));
    expect(latest.map(({ text }) => text)).to.deep.equal(texts.slice(-50));
    const older = granted(await alice.emitWithAck("older", latest[0]!.id));
    expect(older.map(({ text }) => text)).to.deep.equal(texts.slice(-100, -50));
    expect(granted(await alice.emitWithAck("older", older[0]!.id)).slice(-10).map(({ text }) => text)).to.deep.equal(texts.slice(0, 10));
    expect(granted(await alice.emitWithAck("older", 1))).to.deep.equal([]);
  });

  it("answers a user's public profile, or null", async () => {
    const profile = granted(await bob.emitWithAck("getUser", "carol"));
    expect(profile).to.have.all.keys("id", "name", "role", "memberSince").and.to.deep.include({ id: "carol", name: "Carol", role: "admin" });
    expect(await bob.emitWithAck("getUser", "nobody")).to.equal(null);
  });

  it("lists a user as online until the last tab is closed", async () => {
    const arrived = online(bob, "Alice Bob Carol");
    const [tab, otherTab] = await connectAll(server.address, "carol", "carol");
    await arrived;
    const left = online(bob, "Alice Bob");
    tab.disconnect();
    expect(granted(await otherTab.emitWithAck("message", { text: "still here" })).author.id).to.equal("carol");
    otherTab.disconnect();
    await left;
  });

  it("denies invalid payloads and unknown events with a reason", async () => {
    for (const wrong of [{ text: "x".repeat(2_001) }, { text: "   " }, { text: 5 }, { text: "hi", author: "bob" }, "hi", null]) {
      expect(deniedWith(await alice.emitWithAck("message", wrong as never)).code, JSON.stringify(wrong)).to.equal("payload_invalid");
    }
    expect(deniedWith(await alice.emitWithAck("getUser", "../../etc/passwd")).code).to.equal("payload_invalid");
    const untyped = alice as unknown as { emitWithAck(event: string): Promise<unknown> };
    expect(deniedWith(await untyped.emitWithAck("deleteEverything")).code).to.equal("event_unlisted");
    const notice = received(alice, "guard:denied");
    alice.emit("message", { text: "" }, undefined as never);
    expect((await notice).code).to.equal("payload_invalid");
  });

  it("refuses connections without a valid token", async () => {
    for (const auth of [{}, { token: "nonsense" }]) expect(await denialOf(connect(server.address, { auth }))).to.include({ guard: true, status: 401 });
  });
});

describe("direct messages", () => {
  let address: string;
  let alice: ChatClient, otherTab: ChatClient, bob: ChatClient, carol: ChatClient;
  before(async () => {
    ({ address } = await openChat());
    [alice, otherTab, bob, carol] = await connectAll(address, "alice", "alice", "bob", "carol");
  });
  after(cleanUp);

  it("reach all tabs of both users and no one else, and only these two can read them later", async () => {
    const overheard: unknown[] = [];
    carol.on("direct", (message) => overheard.push(message));
    const messages = Promise.all([alice, otherTab, bob].map((client) => received(client, "direct")));
    const sent = granted(await alice.emitWithAck("direct", { to: "bob", text: " psst " }));
    expect(sent).to.deep.include({ author: { id: "alice", name: "Alice" }, to: { id: "bob", name: "Bob" }, text: "psst" });
    expect(await messages).to.deep.equal([sent, sent, sent]);

    // Carol receives events in order, so a direct message would have come before this one.
    const later = received(carol, "message");
    granted(await alice.emitWithAck("message", { text: "for all" }));
    await later;
    expect(overheard).to.deep.equal([]);
    for (const client of [alice, bob]) expect(granted(await client.emitWithAck("history")).map(({ text }) => text)).to.deep.equal(["psst", "for all"]);
    expect(granted(await bob.emitWithAck("history"))[0]).to.deep.equal(sent);
    expect(granted(await carol.emitWithAck("history")).map(({ text }) => text)).to.deep.equal(["for all"]);
    expect(granted(await carol.emitWithAck("older", sent!.id + 1))).to.deep.equal([]);
  });

  it("reach a user who was away at the next connect, even if many other messages came after them", async () => {
    const left = online(alice, "Alice Bob");
    carol.disconnect();
    await left;
    const sent = granted(await alice.emitWithAck("direct", { to: "carol", text: "for later" }));
    await Promise.all(Array.from({ length: 60 }, (_, index) => bob.emitWithAck("message", { text: `number ${index}` })));
    expect(await firstDirect(address, "carol")).to.deep.equal(sent);
    expect(await firstDirect(address, "bob")).to.deep.include({ text: "psst" });
  });

  it("to oneself are received once", async () => {
    const texts: string[] = [];
    granted(await bob.emitWithAck("history"));
    bob.on("direct", ({ text }) => texts.push(text));
    granted(await bob.emitWithAck("direct", { to: "bob", text: "a note" }));
    granted(await bob.emitWithAck("history"));
    expect(texts).to.deep.equal(["a note"]);
  });

  it("are answered with null if there is no such user, and denied if they are invalid", async () => {
    expect(await alice.emitWithAck("direct", { to: "nobody", text: "hello?" })).to.equal(null);
    for (const wrong of [{ to: "bob" }, { to: "bob", text: "  " }, { to: "../bob", text: "hi" }, { to: "bob", text: "hi", author: "carol" }]) {
      expect(deniedWith(await alice.emitWithAck("direct", wrong as never)).code, JSON.stringify(wrong)).to.equal("payload_invalid");
    }
  });
});
