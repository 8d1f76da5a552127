import { expect } from "chai";
import type { RunningChat } from "../../../modules/server/server.js";
import { connect, connectAll, connectAs, deniedWith, denialOf, granted, online, received, type ChatClient } from "../support/chat-client.js";
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
    const stored = granted(await alice.emitWithAck("message", { room: "lobby", text: "  Hello, <b>Bob</b>!\n" }));
    expect(stored).to.deep.include({ author: { id: "alice", name: "Alice" }, text: "Hello, <b>Bob</b>!" });
    expect(stored.sentAt).to.be.closeTo(Date.now(), 5_000);
    expect(await messages).to.deep.equal([stored, stored]);
    expect(granted(await bob.emitWithAck("history", "lobby")).at(-1)).to.deep.equal(stored);
  });

  it("answers the latest fifty messages in the order in which they were sent, and the older ones page by page", async () => {
    const texts = Array.from({ length: 110 }, (_, index) => `number ${index}`);
    await Promise.all(texts.map((text) => bob.emitWithAck("message", { room: "lobby", text })));
    const latest = granted(await alice.emitWithAck("history", "lobby"));
    expect(latest.map(({ text }) => text)).to.deep.equal(texts.slice(-50));
    const older = granted(await alice.emitWithAck("older", "lobby", latest[0]!.id));
    expect(older.map(({ text }) => text)).to.deep.equal(texts.slice(-100, -50));
    expect(granted(await alice.emitWithAck("older", "lobby", older[0]!.id)).slice(-10).map(({ text }) => text)).to.deep.equal(texts.slice(0, 10));
    expect(granted(await alice.emitWithAck("older", "lobby", 1))).to.deep.equal([]);
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
    expect(granted(await otherTab.emitWithAck("message", { room: "lobby", text: "still here" })).author.id).to.equal("carol");
    otherTab.disconnect();
    await left;
  });

  it("denies invalid payloads and unknown events with a reason", async () => {
    for (const wrong of [{ room: "lobby", text: "x".repeat(2_001) }, { room: "lobby", text: "   " }, { room: "lobby", text: 5 }, { room: "lobby", text: "hi", author: "bob" }, { room: "a room", text: "hi" }, { text: "hi" }, "hi", null]) {
      expect(deniedWith(await alice.emitWithAck("message", wrong as never)).code, JSON.stringify(wrong)).to.equal("payload_invalid");
    }
    expect(deniedWith(await alice.emitWithAck("getUser", "../../etc/passwd")).code).to.equal("payload_invalid");
    const untyped = alice as unknown as { emitWithAck(event: string): Promise<unknown> };
    expect(deniedWith(await untyped.emitWithAck("deleteEverything")).code).to.equal("event_unlisted");
    const notice = received(alice, "guard:denied");
    alice.emit("message", { room: "lobby", text: "" }, undefined as never);
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
    granted(await alice.emitWithAck("message", { room: "lobby", text: "for all" }));
    await later;
    expect(overheard).to.deep.equal([]);
    for (const client of [alice, bob]) {
      expect(granted(await client.emitWithAck("inbox"))).to.deep.equal([sent]);
      granted(await client.emitWithAck("guard:join", { room: sent!.room }));
      expect(granted(await client.emitWithAck("history", sent!.room))).to.deep.equal([sent]);
    }
    expect(granted(await carol.emitWithAck("inbox"))).to.deep.equal([]);
    expect(deniedWith(await carol.emitWithAck("guard:join", { room: sent!.room })).code).to.equal("forbidden");
    expect(await carol.emitWithAck("history", sent!.room)).to.deep.equal({ error: { message: "You are not in this room. Join it first." } });
    expect(granted(await carol.emitWithAck("history", "lobby")).map(({ text }) => text)).to.deep.equal(["for all"]);
  });

  it("are kept for a user who was away, even if many other messages came after them", async () => {
    const left = online(alice, "Alice Bob");
    carol.disconnect();
    await left;
    const sent = granted(await alice.emitWithAck("direct", { to: "carol", text: "for later" }));
    await Promise.all(Array.from({ length: 60 }, (_, index) => bob.emitWithAck("message", { room: "lobby", text: `number ${index}` })));
    expect(granted(await (await connectAs(address, "carol")).emitWithAck("inbox"))).to.deep.equal([sent]);
    expect(granted(await bob.emitWithAck("inbox"))[0]).to.deep.include({ text: "psst" });
  });

  it("to oneself are received once", async () => {
    const texts: string[] = [];
    granted(await bob.emitWithAck("history", "lobby"));
    bob.on("direct", ({ text }) => texts.push(text));
    granted(await bob.emitWithAck("direct", { to: "bob", text: "a note" }));
    granted(await bob.emitWithAck("history", "lobby"));
    expect(texts).to.deep.equal(["a note"]);
  });

  it("are answered with null if there is no such user, and denied if they are invalid", async () => {
    expect(await alice.emitWithAck("direct", { to: "nobody", text: "hello?" })).to.equal(null);
    for (const wrong of [{ to: "bob" }, { to: "bob", text: "  " }, { to: "../bob", text: "hi" }, { to: "bob", text: "hi", author: "carol" }]) {
      expect(deniedWith(await alice.emitWithAck("direct", wrong as never)).code, JSON.stringify(wrong)).to.equal("payload_invalid");
    }
  });
});
