import { expect } from "chai";
import { connectAll, connectAs, deniedWith, disconnected, granted, received } from "../support/chat-client.js";
import { cleanUp, openChat } from "../support/chat-server.js";
import { openAdmin, type AdminClient } from "../support/panel.js";

const reportTo = (admin: AdminClient) => new Promise((resolve) => { admin.once("endedSessions", ({ took: _, ...report }) => resolve(report)); });

describe("the namespace /admin", () => {
  let address: string;
  before(async () => { ({ address } = await openChat()); });
  after(cleanUp);

  it("denies its events to users who are no admins, and tells them nothing", async () => {
    const alice = await openAdmin(address, "alice");
    const heard = new Set<string>();
    alice.onAny((event: string) => { if (!event.startsWith("guard:")) heard.add(event); });
    expect(deniedWith(await alice.emitWithAck("sessions")).code).to.equal("forbidden");
    expect(deniedWith(await alice.emitWithAck("endSession", "any")).code).to.equal("forbidden");
    const changed = new Promise<void>((resolve) => { alice.once("changed", resolve); });
    const bob = await connectAs(address, "bob");
    await changed;
    bob.disconnect();
    expect(heard).to.deep.equal(new Set(["changed"]));
  });

  it("shows an admin all sessions, and ends one of them", async () => {
    const [bob, tab] = await connectAll(address, "bob", "bob");
    const admin = await openAdmin(address, "carol");
    const { sessions, incomplete } = granted(await admin.emitWithAck("sessions"));
    expect(incomplete).to.equal(false);
    expect(sessions.find(({ id }) => id === bob.id)).to.deep.include({ node: "1", method: "jwt", user: { id: "bob", name: "Bob", role: "member" } });

    const [report, by, left, id] = [reportTo(admin), received(bob, "signedOut"), disconnected(bob), bob.id!];
    expect(await admin.emitWithAck("endSession", id)).to.equal(true);
    expect(await by).to.equal("Carol");
    await left;
    expect(granted(await tab.emitWithAck("history", "lobby"))).to.be.an("array");
    expect(await report).to.deep.equal({ user: id, sessions: 1, nodes: 1 });
  });

  it("reports how many sessions ended when an admin signs a user out everywhere", async () => {
    await connectAll(address, "alice", "alice", "alice");
    const admin = await openAdmin(address, "carol");
    const report = reportTo(admin);
    await (await connectAs(address, "carol")).emitWithAck("signOut", "alice");
    expect(await report).to.deep.equal({ user: "alice", sessions: 3, nodes: 1 });
  });
});
