// Packets that the parser accepts although no Socket.IO client sends them. The guard has to withstand them.
import { expect } from "chai";
import { it } from "mocha";
import type { Frame } from "../support/raw.js";
import { collector, connection, contract, heard } from "./contract.js";
import { insideSocket, type Packet } from "./inside.js";

contract("the parser", (serve) => {
  const odd: [frames: Frame | Frame[], packet: Packet, sentence: string][] = [
    ["42", { type: 2, nsp: "/" }, "an event without data"],
    ["420", { type: 2, nsp: "/", id: 0 }, "an event without data that asks for the ack 0"],
    ['42["x"]', { type: 2, nsp: "/", data: ["x"] }, "an event without arguments"],
    ["42[123]", { type: 2, nsp: "/", data: [123] }, "an event whose name is a number"],
    ['42["__proto__"]', { type: 2, nsp: "/", data: ["__proto__"] }, "an event named __proto__"],
    ['42["constructor"]', { type: 2, nsp: "/", data: ["constructor"] }, "an event named constructor"],
    ['42["error"]', { type: 2, nsp: "/", data: ["error"] }, "an event named error"],
    ['42[""]', { type: 2, nsp: "/", data: [""] }, "an event whose name is empty"],
    ['42["connection"]', { type: 2, nsp: "/", data: ["connection"] }, "an event named connection"],
    ["43", { type: 3, nsp: "/" }, "an answer without data or id"],
    ["4399999999999999999999[]", { type: 3, nsp: "/", id: 1e20, data: [] }, "an answer with an id that was never used"],
    [["451-", Buffer.from([1])], { type: 2, nsp: "/", data: undefined }, "a binary event without data"],
    [['451-["x"]', Buffer.from([1])], { type: 2, nsp: "/", data: ["x"] }, "a binary event that does not name its attachment"],
  ];

  for (const [frames, packet, sentence] of odd) {
    const sent = [frames].flat();
    it(`accepts ${sentence}${typeof sent[0] === "string" ? `: ${sent[0]}` : ""}`, async () => {
      const { io, raw } = await serve();
      const packets = collector<Packet>(1);
      io.use((socket, next) => {
        insideSocket(socket)._onpacket = packets.push;
        next();
      });
      const attacker = await raw();
      await attacker.connect();
      attacker.send(...sent);
      expect(await packets.full).to.deep.equal([packet]);
    });
  }

  const closing = ["42[]", "42[{}]", "42[null]", "42{}", '42"x"', '42["connect"]', '42["disconnect"]', '42["newListener"]', "43{}", "47", "4", '45999-["x"]'];

  for (const frame of closing) {
    it(`closes the connection at ${frame} and delivers nothing`, async () => {
      const { io, raw } = await serve();
      const packets: Packet[] = [];
      io.use((socket, next) => {
        insideSocket(socket)._onpacket = (packet) => packets.push(packet);
        next();
      });
      const attacker = await raw();
      await attacker.connect();
      attacker.send(frame);
      await attacker.closed;
      expect(packets).to.deep.equal([]);
    });
  }

  it("keeps an own __proto__ in the handshake's auth, which Object.assign then assigns", async () => {
    const { io, raw } = await serve();
    const connecting = connection(io);
    const attacker = await raw();
    attacker.send('40{"__proto__":{"isAdmin":true}}');
    const { auth } = (await connecting).handshake;
    expect(Object.hasOwn(auth, "__proto__")).to.be.true;
    expect(Object.assign({}, auth)).to.have.property("isAdmin", true);
  });

  it("why: calls a listener named undefined for 42, one named 123 for 42[123], and one named by a function for 420", async () => {
    const { io, raw } = await serve();
    const connecting = connection(io);
    const attacker = await raw();
    await attacker.connect();
    const socket = await connecting;
    const names = collector<unknown>(3);
    socket.use(([name], next) => { names.push(name); next(); });
    const fired = Promise.all([heard(socket, "undefined"), heard(socket, "123")]);
    attacker.send("42", "42[123]", "420");
    await fired;
    const [nothing, number, ack] = await names.full;
    expect([nothing, number, typeof ack]).to.deep.equal([undefined, 123, "function"]);
  });

  it("why: delivers deeply nested arguments", async () => {
    const { io, raw } = await serve();
    const connecting = connection(io);
    const attacker = await raw();
    await attacker.connect();
    const handled = heard(await connecting, "deep");
    attacker.send(`42["deep",${"[".repeat(10_000)}${"]".repeat(10_000)}]`);
    const [value] = await handled;
    expect(value).to.be.an("array");
  });
});
