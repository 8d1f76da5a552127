// What a node does while it cannot read its store: nothing is accepted, nothing is heard, and nobody is ended.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, anyone, type Denial } from "../../../lib/index.js";
import { closeEverything, event, serve } from "../../support/server.js";
import { StoreInMemory } from "../../support/revocations.js";
import { tries } from "./revoking.js";

const up = () => undefined;
const down = () => { throw new Error("The store is down."); };

describe("revocations in a store that cannot be read", () => {
  afterEach(closeEverything);

  it("that cannot be read for longer than maxStaleness make protected events unavailable, but end nobody", async () => {
    const store = new StoreInMemory();
    const { member } = await serve({ store: { revocations: store }, maxStaleness: 60 });
    const { client, socket } = await member();
    socket.on("message", (ack: (answer: string) => void) => ack("fine"));
    expect(await client.emitWithAck("message")).to.equal("fine");
    store.before = down;
    const answers: unknown[] = [];
    do answers.push(await client.emitWithAck("message")); while (answers.at(-1) === "fine");
    expect((answers.at(-1) as { error: Denial }).error).to.deep.include({ code: "unavailable", reconnect: "later" });
    store.before = up;
    do answers.push(await client.emitWithAck("message")); while (answers.at(-1) !== "fine");
    expect(client.connected).to.equal(true);
  });

  it("that cannot be read keep signed-in clients from hearing, too, until they can; guests hear on", async () => {
    const store = new StoreInMemory();
    const served = await serve({ store: { revocations: store }, maxStaleness: 60 });
    served.guarded.of("/guests", { authenticate: anonymous() as never });
    served.io.of("/guests");
    const { client, socket } = await served.member();
    socket.on("message", (ack: () => void) => ack());
    const { client: guest } = await served.member("/guests");
    const heard: number[] = [];
    client.on("news", (nth: number) => heard.push(nth));
    let nth = 0;
    /** Settles when the guest has heard it: then the member would have, too. */
    const say = async () => {
      const told = event(guest, "news");
      nth += 1;
      served.io.emit("news", nth);
      served.io.of("/guests").emit("news", nth);
      await told;
      await client.emitWithAck("message");
    };
    await say();
    expect(heard).to.deep.equal([1]);
    store.before = down;
    do await say(); while (heard.at(-1) === nth);
    const silentFrom = nth;
    await say();
    store.before = up;
    do await say(); while (heard.at(-1) !== nth);
    expect(heard).to.include(1).and.not.include(silentFrom).and.not.include(silentFrom + 1);
    expect(client.connected).to.equal(true);
  });

  it("that cannot be read any more while a handler works deny its answer: a client that waits for one gets one", async () => {
    const store = new StoreInMemory();
    const served = await serve({ store: { revocations: store }, maxStaleness: 60 });
    const { client, socket } = await served.member();
    const acks: ((answer: unknown) => void)[] = [];
    socket.on("message", (ack: (answer: unknown) => void) => acks.length < 2 ? acks.push(ack) : ack("fine"));
    const [text, binary] = [client.emitWithAck("message"), client.emitWithAck("message")];
    expect(await client.emitWithAck("message")).to.equal("fine");
    store.before = down;
    while (await client.emitWithAck("message") === "fine") { /* until it is stale */ }
    acks[0]!("a secret");
    acks[1]!(Buffer.from("a secret"));
    for (const answer of [await text, await binary]) expect((answer as { error: Denial }).error).to.deep.include({ code: "unavailable" });
    store.before = up;
  });

  it("that cannot be read let guests in, and nobody else", async () => {
    const store = new StoreInMemory();
    store.before = down;
    const served = await serve({ store: { revocations: store }, maxStaleness: 60 });
    served.guarded.of("/guests", { authenticate: anonymous() as never, events: { hello: anyone } });
    served.io.of("/guests");
    expect(await tries(served, served.token())).to.equal("unavailable");
    const { client, socket } = await served.member("/guests");
    socket.on("hello", (ack: (answer: string) => void) => ack("hello"));
    expect(await client.emitWithAck("hello")).to.equal("hello");
  });

  it('that cannot be read change nothing with onStale: "allow"', async () => {
    const store = new StoreInMemory();
    store.before = down;
    const served = await serve({ store: { revocations: store }, maxStaleness: 20, onStale: "allow" });
    expect(await tries(served, served.token())).to.equal("in");
  });
});
