// What a node does while it cannot read its store: protected events are denied, and no session ends. What is sent meanwhile: socket/stale-filter.test.ts.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, anyone, type Denial } from "../../../lib/index.js";
import { askUntil } from "../../support/ask-until.js";
import { closeEverything, serve } from "../../support/server.js";
import { StoreInMemory } from "../../support/revocations.js";
import { tries } from "./revoking.js";

const up = () => undefined;
const down = () => { throw new Error("The store is down."); };

describe("a store that cannot be read", () => {
  afterEach(closeEverything);

  it("makes protected events unavailable after maxStaleness, and ends no session", async () => {
    const store = new StoreInMemory();
    const { member } = await serve({ store: { revocations: store }, maxStaleness: 400 });
    const { client, socket } = await member();
    socket.on("message", (ack: (answer: string) => void) => ack("fine"));
    expect(await client.emitWithAck("message")).to.equal("fine");
    store.before = down;
    const ask = () => client.emitWithAck("message") as Promise<unknown>;
    const answers = await askUntil((answer) => answer !== "fine", ask);
    expect((answers.at(-1) as { error: Denial }).error).to.deep.include({ code: "unavailable", reconnect: "later" });
    store.before = up;
    await askUntil((answer) => answer === "fine", ask);
    expect(client.connected).to.equal(true);
  });

  it("lets guests connect, and no users", async () => {
    const store = new StoreInMemory();
    store.before = down;
    const served = await serve({ store: { revocations: store }, maxStaleness: 60 });
    served.guarded.of("/guests", { authenticate: anonymous(), events: { hello: anyone } });
    served.io.of("/guests");
    expect(await tries(served, served.token())).to.equal("unavailable");
    const { client, socket } = await served.member("/guests");
    socket.on("hello", (ack: (answer: string) => void) => ack("hello"));
    expect(await client.emitWithAck("hello")).to.equal("hello");
  });

  it('changes nothing with onStale: "allow"', async () => {
    const store = new StoreInMemory();
    store.before = down;
    const served = await serve({ store: { revocations: store }, maxStaleness: 20, onStale: "allow" });
    expect(await tries(served, served.token())).to.equal("in");
  });
});
