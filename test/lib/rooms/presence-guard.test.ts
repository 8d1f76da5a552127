// Presence as clients of a guarded server see it.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { signedIn } from "../../../lib/index.js";
import type { PresenceNotice } from "../../../lib/protocol.js";
import { eventually } from "../../support/eventually.js";
import { pause } from "../../support/pause.js";
import { StoreInMemory } from "../../support/revocations.js";
import { closeEverything, event } from "../../support/server.js";
import { join, leave, serveRooms, userOf } from "./support.js";

interface Shown {
  readonly user: { readonly sub: string; readonly name?: string };
}

const rooms = {
  lobby: { join: signedIn, presence: ({ user }: Shown) => ({ name: user.name }) },
  silent: { join: signedIn },
};

describe("presence of a guarded server", () => {
  afterEach(closeEverything);

  it("gives a client that joins all members, and tells the others", async () => {
    const served = await serveRooms(rooms);
    const [alice, bob] = [await userOf(served, "alice", { name: "Alice" }), await userOf(served, "bob", { name: "Bob" })];
    const notices = [event<PresenceNotice>(alice.client, "guard:presence")];
    expect(await join(alice.client, "lobby")).to.deep.equal({ room: "lobby", members: [{ id: "alice", info: { name: "Alice" } }] });
    expect(await notices[0]).to.deep.equal({ room: "lobby", joined: [{ id: "alice", info: { name: "Alice" } }] });

    notices.push(event<PresenceNotice>(alice.client, "guard:presence"));
    expect((await join(bob.client, "lobby")).members!.map(({ id }) => id)).to.have.members(["alice", "bob"]);
    expect(await notices[1]).to.deep.equal({ room: "lobby", joined: [{ id: "bob", info: { name: "Bob" } }] });

    notices.push(event<PresenceNotice>(alice.client, "guard:presence"));
    await leave(bob.client, "lobby");
    expect(await notices[2]).to.deep.equal({ room: "lobby", left: ["bob"] });
    expect(served.guarded.room("lobby").members()).to.deep.equal([{ id: "alice", info: { name: "Alice" } }]);
  });

  it("tells of a client that disconnects, that is evicted, and that loses the right", async () => {
    const served = await serveRooms(rooms);
    const alice = await userOf(served, "alice");
    await join(alice.client, "lobby");
    const gone = (id: string) => new Promise<void>((resolve) => alice.client.on("guard:presence", ({ left }: PresenceNotice) => { if (left?.includes(id) === true) resolve(); }));
    for (const sub of ["bob", "carol", "dan"]) await join((await userOf(served, sub)).client, "lobby");
    const ends = ["bob", "carol", "dan"].map(gone);
    const dan = [...served.io.sockets.sockets.values()].find((socket) => served.guarded.session(socket)!.subject === "dan")!;
    dan.disconnect();
    await ends[2];
    await served.guarded.room("lobby").evict("bob");
    await ends[0];
    served.guarded.updateRules({ rooms: { ...rooms, lobby: { join: ({ user }: Shown) => user.sub === "alice", presence: true } } as never });
    await ends[1];
    expect(served.guarded.room("lobby").members().map(({ id }) => id)).to.deep.equal(["alice"]);
  });

  it("tells nobody of members while the store cannot be read with onStale \"silence\", and then all of it", async () => {
    const store = new StoreInMemory();
    const served = await serveRooms(rooms, { store: { revocations: store }, maxStaleness: 400, onStale: "silence" });
    const [alice, bob] = [await userOf(served), await userOf(served, "bob")];
    const notices: PresenceNotice[] = [];
    alice.client.on("guard:presence", (notice: PresenceNotice) => { notices.push(notice); });
    for (const { client } of [alice, bob]) await join(client, "lobby");
    // There may be one notice for each, or one for both.
    await eventually(() => notices.some(({ joined }) => joined?.some(({ id }) => id === "bob")), "alice is told who is there");
    notices.length = 0;
    store.before = () => { throw new Error("The store is down."); };
    await eventually(() => !served.guarded.stats().ready, "the node is stale");
    bob.client.disconnect();
    await eventually(() => served.guarded.room("lobby").members().length === 1, "bob has left");
    // Longer than a notice waits otherwise.
    await pause(150);
    expect(notices).to.deep.equal([]);
    store.before = () => undefined;
    await eventually(() => notices.length > 0, "alice is told");
    expect(notices).to.deep.equal([{ room: "lobby", left: ["bob"] }]);
  });

  it("denies the join if the function returns a promise, and a promise that rejects does not end the process", async () => {
    const served = await serveRooms({ lobby: { join: signedIn, presence: () => Promise.reject(new Error("The info of a member.")) } });
    const failures: unknown[] = [];
    const unhandled = (error: unknown) => void failures.push(error);
    process.on("unhandledRejection", unhandled);
    served.guarded.on("failed", ({ error }) => failures.push((error as Error).message));
    const { client } = await userOf(served);
    expect((await join(client, "lobby")).error!.code).to.equal("check_failed");
    process.off("unhandledRejection", unhandled);
    expect(failures).to.deep.equal(["`presence` must return the info itself, and not a promise."]);
  });

  it("is not in rooms whose rule has no presence", async () => {
    const served = await serveRooms(rooms);
    const { client } = await userOf(served);
    client.on("guard:presence", () => { throw new Error("This room has no presence."); });
    expect(await join(client, "silent")).to.deep.equal({ room: "silent" });
    await leave(client, "silent");
    expect(served.guarded.room("silent").members()).to.deep.equal([]);
  });
});
