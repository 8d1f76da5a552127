import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { internalsOf } from "../../../lib/socket/internals.js";
import { localRoom, sendToLocalRoom } from "../../../lib/socket/local-room.js";
import { closeEverything, event, nextTurn, serve, signal } from "../../support/server.js";

describe("what is sent to the sockets of a room on this node", () => {
  afterEach(closeEverything);

  it("reaches each socket in the room, before what is sent afterwards, and no others", async () => {
    const served = await serve();
    const [one, other, outside] = [await served.member(), await served.member(), await served.member()];
    for (const { socket } of [one, other]) void socket.join("lobby");
    const heard: unknown[] = [];
    for (const { client } of [one, other, outside]) client.onAny((...given: unknown[]) => heard.push([client === outside.client ? "outside" : "inside", ...given]));
    const namespace = internalsOf(served.io).sockets;
    expect([...localRoom(namespace, "lobby")]).to.have.members([one.socket.id, other.socket.id]);
    const arrived = Promise.all([one, other, outside].map(({ client }) => event(client, "end")));
    sendToLocalRoom(namespace, "lobby", { packet: ["guard:a", { room: "lobby" }], atOnce: 500, done: () => served.io.emit("end") });
    await arrived;
    expect(heard).to.have.deep.members([
      ["inside", "guard:a", { room: "lobby" }], ["inside", "guard:a", { room: "lobby" }],
      ["inside", "end"], ["inside", "end"], ["outside", "end"],
    ]);
  });

  it("calls back once, also if the room is empty", async () => {
    const served = await serve();
    let calls = 0;
    sendToLocalRoom(internalsOf(served.io).sockets, "nowhere", { packet: ["guard:a"], atOnce: 500, done: () => { calls += 1; } });
    await nextTurn();
    expect(calls).to.equal(1);
  });

  it("lets other work have its turn in a large room, and leaves out who has left meanwhile", async () => {
    const rooms = new Map([["lobby", new Set(Array.from({ length: 1_700 }, (_, index) => `socket ${index}`))]]);
    const sent: string[][] = [];
    const namespace = { adapter: { rooms, broadcast: (_packet: object, options: { rooms: ReadonlySet<string> }) => sent.push([...options.rooms]) } };
    const { promise, settle } = signal();
    sendToLocalRoom(namespace as never, "lobby", { packet: ["guard:a"], atOnce: 500, done: settle });
    expect(sent).to.have.lengthOf(1);
    rooms.get("lobby")!.delete("socket 1000");
    await promise;
    expect(sent.length).to.be.greaterThan(3);
    expect(sent.flat()).to.have.lengthOf(1_699).and.to.not.include("socket 1000");
  });
});
