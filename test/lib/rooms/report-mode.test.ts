// In report mode events pass, but rooms are as closed as ever: only clients that know the guard ask for them.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { role, signedIn } from "../../../lib/index.js";
import { breakOff, comeBack, hear } from "../../support/returning.js";
import { closeEverything, event, signal } from "../../support/server.js";
import { heard, join, left, publish, serveRooms, userOf } from "./support.js";

const rooms = { lobby: { join: signedIn, publish: { typing: role("admin") } }, attic: { join: role("admin") } };

describe("Rooms in report mode", () => {
  afterEach(closeEverything);

  for (const mode of ["report", { events: "report" }] as const) {
    it(`enforce their rules with mode: ${JSON.stringify(mode)}`, async () => {
      const served = await serveRooms(rooms, { mode });
      const { client, socket } = await userOf(served);
      expect((await join(client, "lobby")).room).to.equal("lobby");
      expect((await join(client, "attic")).error!.code).to.equal("forbidden");
      expect((await publish(client, "lobby", "typing")).error!.code).to.equal("forbidden");
      const gone = left(client);
      served.guarded.updateRules({ rooms: {} });
      expect((await gone).code).to.equal("room_unlisted");
      expect([...socket.rooms]).to.deep.equal([socket.id]);
      expect(client.connected).to.equal(true);
    });
  }

  it("admit no client that would have been refused", async () => {
    const served = await serveRooms(rooms, { mode: "report" });
    const stranger = served.connect("/", { auth: { token: "wrong" } });
    await event(stranger, "connect");
    expect((await join(stranger, "lobby")).error!.code).to.equal("token_malformed");
    expect(stranger.connected).to.equal(true);
  });

  it("lose a client whose session would have ended, which is told", async () => {
    const served = await serveRooms(rooms, { mode: "report" });
    const { client, socket } = await userOf(served);
    await join(client, "lobby");
    const spied = heard(client, "guard:room");
    const gone = left(client);
    await served.guarded.revoke({ subject: "alice" });
    expect(socket.rooms.has("lobby")).to.equal(false);
    served.guarded.room("lobby").emit("news", "a secret");
    expect(await gone).to.include({ code: "token_revoked", room: "lobby" });
    expect(await spied.settled()).to.deep.equal([]);
  });

  it("admit no client whose session would have ended while its check was at work", async () => {
    const answer = signal<boolean>();
    const asked = signal();
    const served = await serveRooms({ lobby: { join: () => { asked.settle(); return answer.promise; } } }, { mode: "report" });
    const { client, socket } = await userOf(served);
    const joining = join(client, "lobby");
    await asked.promise;
    await served.guarded.revoke({ subject: "alice" });
    answer.settle(true);
    expect((await joining).error!.code).to.equal("token_revoked");
    expect(socket.rooms.has("lobby")).to.equal(false);
  });

  it("are not given back by connection state recovery", async () => {
    const served = await serveRooms(rooms, { mode: "report", server: { connectionStateRecovery: {} } });
    const { client, socket } = await userOf(served);
    await socket.join("backstage");
    await join(client, "lobby");
    await hear(client, socket);
    await breakOff(client, socket);
    await comeBack(client);
    expect(client.recovered).to.equal(true);
    expect([...served.io.sockets.sockets.get(client.id!)!.rooms]).to.have.members([client.id, "backstage"]);
  });

  it("admit no client whose session would have ended", async () => {
    const served = await serveRooms(rooms, { mode: "report" });
    const [expired, revoked] = [await userOf(served), await userOf(served, "bob")];
    await served.guarded.revoke({ subject: "bob" });
    expect((await join(revoked.client, "lobby")).error!.code).to.equal("token_revoked");
    await served.guarded.userChanged("bob");
    expect((await join(revoked.client, "lobby")).error!.code).to.equal("token_revoked");
    await join(expired.client, "lobby");
    served.clock.advance(3_600_000);
    expect((await publish(expired.client, "lobby", "typing")).error!.code).to.equal("token_expired");
    expect((await join(expired.client, "lobby")).error!.code).to.equal("token_expired");
    expect(expired.client.connected && revoked.client.connected).to.equal(true);
  });
});
