// Children of dynamic namespaces: with cleanupEmptyChildNamespaces a refused client leaves none behind, and removes none
// in which another client is or is about to be. Without it, all of them stay, as in bare Socket.IO.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { closeEverything, collector, event, namespacesOf, refusal, serve } from "../../support/server.js";

for (const cleanupEmptyChildNamespaces of [true, false]) {
  describe(`children of dynamic namespaces, cleanupEmptyChildNamespaces: ${cleanupEmptyChildNamespaces}`, () => {
    afterEach(closeEverything);
    const server = { cleanupEmptyChildNamespaces };

    it(`an empty child ${cleanupEmptyChildNamespaces ? "is removed" : "stays, as in bare Socket.IO,"} after a client was refused in it`, async () => {
      const { io, connect } = await serve({ server });
      io.of(/^\/room-/);
      await refusal(connect("/room-1", { auth: {} }));
      expect(namespacesOf(io)).to.deep.equal(cleanupEmptyChildNamespaces ? ["/"] : ["/", "/room-1"]);
    });

    it("a refused client does not remove a child in which another client is pending", async () => {
      const { io, connect } = await serve({ server });
      const waiting = collector<() => void>(1);
      io.of(/^\/room-/).use((_socket, next) => waiting.push(next));
      const member = connect("/room-1");
      const [admit] = await waiting.full as [() => void];
      await refusal(connect("/room-1", { auth: {} }));
      expect(namespacesOf(io)).to.deep.equal(["/", "/room-1"]);
      admit();
      await event(member, "connect");
      const news = event(member, "news");
      io.of("/room-1").emit("news", "for members");
      expect(await news).to.equal("for members");
    });

    it("a refused client does not remove a child in which another client is connected", async () => {
      const { io, connect, member } = await serve({ server });
      io.of(/^\/room-/);
      const { client } = await member("/room-1");
      await refusal(connect("/room-1", { auth: {} }));
      const news = event(client, "news");
      io.of("/room-1").emit("news", "for members");
      expect(await news).to.equal("for members");
    });

    it("an empty child is removed after its last client left only if the server is told to do so", async () => {
      const { io, connect } = await serve({ server });
      const left = collector<string>(1);
      io.of(/^\/room-/).on("connection", (socket) => socket.on("disconnect", left.push));
      const client = connect("/room-1");
      await event(client, "connect");
      client.disconnect();
      await left.full;
      expect(namespacesOf(io)).to.deep.equal(cleanupEmptyChildNamespaces ? ["/"] : ["/", "/room-1"]);
    });

    it("a child that is made again is guarded again", async () => {
      const { io, connect, rawMember } = await serve({ server });
      io.of(/^\/room-/);
      for (let time = 0; time < 3; time += 1) {
        await refusal(connect("/room-1", { auth: {} }));
      }
      const { raw } = await rawMember("/room-1");
      raw.send('42/room-1,1["secret"]');
      expect(await raw.next((frame) => frame.startsWith("43/room-1,1"))).to.contain("event_unlisted");
    });
  });
}

describe("children that the host makes by name", () => {
  afterEach(closeEverything);

  for (const when of ["before", "after"] as const) {
    it(`a refused client does not remove one that was made ${when} guard(io), with the host's listeners on it`, async () => {
      const greet = (io: Parameters<NonNullable<Parameters<typeof serve>[0]>["before"] & object>[0]) => {
        io.of(/^\/room-/);
        io.of("/room-lobby").on("connection", (socket) => socket.emit("welcome", "to the lobby"));
      };
      const { io, connect } = await serve(when === "before" ? { before: greet } : {});
      if (when === "after") greet(io);
      await refusal(connect("/room-lobby", { auth: {} }));
      expect(namespacesOf(io)).to.deep.equal(["/", "/room-lobby"]);
      expect(await event(connect("/room-lobby"), "welcome")).to.equal("to the lobby");
    });
  }
});
