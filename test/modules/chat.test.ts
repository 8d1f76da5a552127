import { expect } from "chai";
import type { RunningChat } from "../../modules/server/server.js";
import { closeClients, connect, connectAs, deniedWith, disconnected, granted, heard, tokenOf, type ChatClient } from "./support/chat-client.js";
import { cleanUp, openChat } from "./support/chat-server.js";

describe("talking in the chat", () => {
  let server: RunningChat;
  let alice: ChatClient;
  let bob: ChatClient;
  before(async () => {
    server = await openChat();
    [alice, bob] = await Promise.all([connectAs(server.address, "alice"), connectAs(server.address, "bob")]);
  });
  after(async () => {
    closeClients();
    await cleanUp();
  });

  it("a message is stored, answered and heard by all", async () => {
    const heardByAll = Promise.all([heard(alice, "message"), heard(bob, "message")]);
    const stored = granted(await alice.emitWithAck("message", { text: "  Hello, <b>Bob</b>!\n" }));
    expect(stored).to.deep.include({ author: { id: "alice", name: "Alice" }, text: "Hello, <b>Bob</b>!" });
    expect(stored.sentAt).to.be.closeTo(Date.now(), 5_000);
    expect(await heardByAll).to.deep.equal([stored, stored]);
    expect(granted(await bob.emitWithAck("history")).at(-1)).to.deep.equal(stored);
  });

  it("history answers the last fifty, the oldest first, in the order in which they were sent", async () => {
    const texts = Array.from({ length: 60 }, (_, index) => `number ${index}`);
    await Promise.all(texts.map((text) => bob.emitWithAck("message", { text })));
    const history = granted(await alice.emitWithAck("history"));
    expect(history.map(({ text }) => text)).to.deep.equal(texts.slice(-50));
  });

  it("getUser answers a public profile, or null", async () => {
    const profile = granted(await bob.emitWithAck("getUser", "carol"));
    expect(profile).to.have.all.keys("id", "name", "role", "memberSince").and.to.deep.include({ id: "carol", name: "Carol", role: "admin" });
    expect(await bob.emitWithAck("getUser", "nobody")).to.equal(null);
  });

  it("who is here: one entry a user, until the last tab closes", async () => {
    const names = (users: { name: string }[]): string => users.map(({ name }) => name).join(" ");
    const arrived = heard(bob, "present", (users) => names(users) === "Alice Bob Carol");
    const [tab, otherTab] = await Promise.all([connectAs(server.address, "carol"), connectAs(server.address, "carol")]);
    await arrived;
    const left = heard(bob, "present", (users) => names(users) === "Alice Bob");
    tab.disconnect();
    expect(granted(await otherTab.emitWithAck("message", { text: "still here" })).author.id).to.equal("carol");
    otherTab.disconnect();
    await left;
  });

  it("what may not be said is denied with a reason", async () => {
    for (const wrong of [{ text: "x".repeat(2_001) }, { text: "   " }, { text: 5 }, { text: "hi", author: "bob" }, "hi", null]) {
      expect(deniedWith(await alice.emitWithAck("message", wrong as never)).code, JSON.stringify(wrong)).to.equal("payload_invalid");
    }
    expect(deniedWith(await alice.emitWithAck("getUser", "../../etc/passwd")).code).to.equal("payload_invalid");
    const untyped = alice as unknown as { emitWithAck(event: string): Promise<unknown> };
    expect(deniedWith(await untyped.emitWithAck("deleteEverything")).code).to.equal("event_unlisted");
    const notice = heard(alice, "guard:denied");
    alice.emit("message", { text: "" }, undefined as never);
    expect((await notice).code).to.equal("payload_invalid");
  });

  it("nobody comes in without a token, or with a bad one", async () => {
    for (const auth of [{}, { token: "nonsense" }]) {
      const error = await connect(server.address, { auth }).then(() => undefined, (reason: Error & { data?: { guard: boolean; status: number } }) => reason);
      expect(error?.data).to.deep.include({ guard: true, status: 401 });
    }
  });

  for (const transport of ["polling", "websocket"] as const) {
    it(`a stop is told before the connection closes, over ${transport}`, async () => {
      const stopping = await openChat();
      const client = await connect(stopping.address, { auth: { token: await tokenOf(stopping.address, "alice") }, transports: [transport] });
      const bye = heard(client, "guard:bye");
      const gone = disconnected(client);
      await stopping.stop();
      expect(await gone).to.equal("io server disconnect");
      expect(await bye).to.deep.include({ code: "server_closing", reconnect: "later" });
    });
  }

  it("a session ends with its token, and says why", async () => {
    const short = await openChat({ tokenLife: 1_500 });
    const client = await connectAs(short.address, "alice");
    const bye = heard(client, "guard:bye");
    const gone = disconnected(client);
    expect(await bye).to.deep.include({ code: "token_expired", reconnect: "refresh" });
    expect(await gone).to.equal("io server disconnect");
  });
});
