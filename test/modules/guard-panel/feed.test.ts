import { expect } from "chai";
import type { Decision } from "../../../definitions/guard-panel.js";
import { eventually } from "../../support/eventually.js";
import { pause } from "../../support/pause.js";
import { connectAll, connectAs, disconnected } from "../support/chat-client.js";
import { cleanUp, openChat } from "../support/chat-server.js";
import { openPanel, type OpenPanel } from "../support/panel.js";

let address: string;

/** Resolves with the first decision of this kind about this socket. */
async function decisionOf({ decisions }: OpenPanel, kind: Decision["kind"], socket?: string): Promise<Decision> {
  const find = (): Decision | undefined => decisions.find((decision) => decision.kind === kind && decision.socket === socket);
  await eventually(() => find() !== undefined, `the panel hears that its connection is ${kind}`);
  return find()!;
}

describe("the decisions that the Guard panel receives", () => {
  beforeEach(async () => { ({ address } = await openChat()); });
  afterEach(cleanUp);

  it("are about all connections of the user, and about nobody else's", async () => {
    const [panel, other] = [await openPanel(address, "alice"), await openPanel(address, "bob")];
    const [alice, tab, bob] = await connectAll(address, "alice", "alice", "bob");
    await alice.emitWithAck("history", "lobby");
    await tab.emitWithAck("signOut", "bob");
    await bob.emitWithAck("history", "lobby");
    await decisionOf(other, "allowed", bob.id);
    const { id } = tab;
    tab.disconnect();
    await decisionOf(panel, "ended", id);

    expect(new Set(panel.decisions.map(({ socket }) => socket))).to.deep.equal(new Set([alice.id, id]));
    expect(new Set(other.decisions.map(({ socket }) => socket))).to.deep.equal(new Set([bob.id]));
  });

  it("say what happened, how long it took, and under which number the client got the answer", async () => {
    const panel = await openPanel(address, "alice");
    const alice = await connectAs(address, "alice");
    await alice.emitWithAck("history", "lobby");
    await alice.emitWithAck("signOut", "bob");
    const allowed = await decisionOf(panel, "allowed", alice.id);
    expect(allowed).to.deep.include({ event: "guard:join", room: "lobby", namespace: "/", node: "1", method: "jwt", role: "member", ack: 0 });
    expect(allowed.took).to.be.a("number");
    expect(await decisionOf(panel, "denied", alice.id)).to.deep.include({ event: "signOut", code: "forbidden", ack: 2 });
  });

  it("give the reason of the guard", async () => {
    const panel = await openPanel(address, "alice");
    const alice = await connectAs(address, "alice");
    const left = disconnected(alice);
    for (let count = 0; count < 20; count += 1) void alice.emitWithAck("signOut", "bob").catch(() => undefined);
    const id = alice.id;
    await left;
    expect(await decisionOf(panel, "ended", id)).to.include({ code: "rate_limited", reason: "more events were denied than `disconnectAfter`, 20/10s, allows" });
  });

  it("come at a bounded rate, and say what was left out", async () => {
    const panel = await openPanel(address, "alice");
    const alice = await connectAs(address, "alice");
    const total = 200;
    await Promise.all(Array.from({ length: total }, () => alice.emitWithAck("history", "lobby")));
    const counted = (): number => panel.decisions.reduce((sum, { kind, omitted }) => sum + Number(kind === "allowed") + (omitted?.allowed ?? 0), 0);
    // With the event that joins the lobby.
    let sent = total + 1;
    await eventually(async () => {
      // A connection may send only 10,000 events in 10 seconds.
      await pause(5);
      await alice.emitWithAck("history", "lobby");
      sent += 1;
      return counted() === sent;
    }, "all decisions are counted");
    expect(panel.decisions.filter(({ kind }) => kind === "allowed").length).to.be.below(total);
  });

  it("begin with the rules as they are written", async () => {
    const { start } = await openPanel(address, "alice");
    expect(start).to.include({ node: "1", method: "jwt", rulesFile: "definitions/events.ts", roomsFile: "definitions/rooms.ts" });
    expect(start.rules["signOut"]!.needs).to.equal("role admin");
    expect(start.rules["signOut"]!.lines).to.have.lengthOf(1);
    // `npm test` runs compiled files, in which the last rule of a map has no comma.
    expect(start.rules["signOut"]!.lines[0]!.text).to.match(/^signOut: \{ allow: role\("admin"\), payload: UserId \},?$/);
    expect(start.rules["message"]!.needs).to.equal("role member or admin, or scope write");
    expect(start.rules["message"]!.lines).to.have.lengthOf(2);
    expect(start.rules["history"]!.needs).to.equal("a sign-in");
    const needs = Object.entries(start.rooms).map(([pattern, rule]) => [pattern, rule.needs]);
    expect(needs).to.deep.equal([
      ["lobby", "a sign-in"], ["private-admins", "role admin"], ["private-group-$group", undefined], ["private-direct-$one.$other", undefined],
      ["private-encrypted-$name", "a signature"],
    ]);
    expect(start.rooms["private-admins"]!.lines[0]!.text).to.contain('join: role("admin")');
  });
});
