// A server has one encoder for everything that it sends, and `writeToEngine` of a connection writes it. `onStale:
// "silence"` relies on both.
import { expect } from "chai";
import { it } from "mocha";
import { Adapter } from "socket.io-adapter";
import type { Server } from "socket.io";
import { connection, contract, heard } from "./contract.js";
import { insideSocket, type InsideClient, type Packet } from "./inside.js";

interface Encoder {
  encode(packet: Packet): unknown[];
}

contract("encoding", (serve) => {
  it("writeToEngine receives what the encoder returned: for an emit to one socket, a broadcast, and a broadcast of another node", async () => {
    const { io, client } = await serve();
    const connecting = connection(io);
    const reader = client();
    const socket = await connecting;
    const { encoded, written } = watch(io, insideSocket(socket).client);
    const last = heard(reader, "last");
    socket.emit("one");
    io.emit("all");
    // Cluster adapters do this with a broadcast of another node.
    Adapter.prototype.broadcast.call(io.of("/").adapter, { type: 2, data: ["remote"] }, { rooms: new Set(), except: new Set(), flags: {} } as never);
    socket.emit("last");
    await last;
    expect(encoded.map(({ packet }) => [packet.nsp, (packet.data as unknown[])[0]])).to.deep.equal([["/", "one"], ["/", "all"], ["/", "remote"], ["/", "last"]]);
    expect(written.length).to.equal(4);
    written.forEach((packets, at) => expect(packets).to.equal(encoded[at]!.result));
  });

  it("the encoder also encodes acks, DISCONNECT and refused CONNECTs", async () => {
    const { io, client } = await serve();
    io.of("/refused").use((_socket, next) => next(new Error("no")));
    const connecting = connection(io);
    const one = client();
    const socket = await connecting;
    const { encoded } = watch(io, insideSocket(socket).client);
    socket.on("ask", (ack: () => void) => ack());
    await one.emitWithAck("ask");
    const refused = one.io.socket("/refused");
    const error = heard(refused, "connect_error");
    await error;
    const left = heard(one, "disconnect");
    socket.disconnect();
    await left;
    expect(encoded.map(({ packet }) => packet.type)).to.deep.equal([3, 4, 1]);
  });
});

function watch(io: Server, client: InsideClient): { encoded: { packet: Packet; result: unknown }[]; written: unknown[] } {
  const encoded: { packet: Packet; result: unknown }[] = [];
  const written: unknown[] = [];
  const { encoder } = io as unknown as { encoder: Encoder };
  const encode = encoder.encode.bind(encoder);
  encoder.encode = (packet) => {
    const result = encode(packet);
    encoded.push({ packet: { ...packet }, result });
    return result;
  };
  const write = client.writeToEngine.bind(client);
  client.writeToEngine = (packets, options) => {
    written.push(packets);
    write(packets, options);
  };
  return { encoded, written };
}
