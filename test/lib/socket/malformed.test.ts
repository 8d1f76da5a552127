// Frames that only an attacker sends. Each is denied or closes its own connection, and no listener runs.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, signedIn } from "../../../lib/index.js";
import { versions } from "../../contract/versions.js";
import { closeEverything, serve, type ServerSocket, type SocketIo } from "../../support/server.js";

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

/** Frames that Socket.IO takes for events, and what the client is told. */
const denied: [frame: string, binary: Buffer | undefined, answer: RegExp][] = [
  ["42", undefined, /^42\["guard:denied",\{.*"code":"event_malformed"/],
  ["420", undefined, /^430\[\{"error":\{.*"code":"event_malformed"/],
  ["42[123]", undefined, /^42\["guard:denied",\{.*"code":"event_malformed"/],
  ["427[123]", undefined, /^437\[\{"error":\{.*"code":"event_malformed"/],
  ['42["error","from outside"]', undefined, /"code":"event_unlisted".*"event":"error"/],
  ['42["__proto__",{"admin":true}]', undefined, /"code":"event_unlisted".*"event":"__proto__"/],
  ['42["constructor"]', undefined, /"code":"event_unlisted".*"event":"constructor"/],
  ['42["toString"]', undefined, /"code":"event_unlisted".*"event":"toString"/],
  ['42["undefined"]', undefined, /"code":"event_unlisted".*"event":"undefined"/],
  ['42["123"]', undefined, /"code":"event_unlisted".*"event":"123"/],
  ['42[""]', undefined, /"code":"event_unlisted".*"event":""/],
  ['42["guard:bye",{}]', undefined, /"code":"event_unlisted".*"event":"guard:bye"/],
  ['42["guard:session",{}]', undefined, /"code":"event_unlisted".*"event":"guard:session"/],
  ['42["MESSAGE"]', undefined, /"code":"event_unlisted".*"event":"MESSAGE"/],
  ['42["message "]', undefined, /"code":"event_unlisted".*"event":"message "/],
  ['4299999999999999999999["secret"]', undefined, /^43100000000000000000000\[\{"error":\{.*"code":"event_unlisted"/],
  ['451-["secret",{"_placeholder":true,"num":0}]', Buffer.from("x"), /"code":"event_unlisted".*"event":"secret"/],
  [`42["${"x".repeat(5_000)}"]`, undefined, new RegExp(`"event":"x{128}"`)],
  [`42["message"${",1".repeat(400_000)}]`, undefined, /"code":"payload_too_large".*"event":"message"/],
  [`42["secret",${nested(60_000)}]`, undefined, /"code":"event_unlisted".*"event":"secret"/],
  [`42["message",${nested(60_000)}]`, undefined, /^42\["guard:denied",\{.*"code":"event_malformed".*"event":"message"/],
  [`428["message",1,${nested(65)}]`, undefined, /^438\[\{"error":\{.*"code":"event_malformed".*"event":"message"/],
  [`42["message",${'{"a":'.repeat(65)}1${"}".repeat(65)}]`, undefined, /"code":"event_malformed"/],
  [`451-["message",{"a":${nested(64)},"b":{"_placeholder":true,"num":0}}]`, Buffer.from("x"), /"code":"event_malformed"/],
];

/** Frames that Socket.IO's parser refuses: they close their connection. */
const closing = [
  '42["disconnect"]', '42["connect"]', '42["disconnecting"]', '42["newListener"]', '42["removeListener"]', '42["connect_error"]',
  "42[]", "42{}", "42null", '42"message"', "42[null]", "42[[]]", "42[{}]", "42[true]", '42["message"', "4", "47", "45", "4x",
  "44", "40[]", "40null", '40"x"', "40", '42/nowhere,["message"]', "451-[\"message\",{\"_placeholder\":true,\"num\":1}]", '42["message"]\u0000]',
];

for (const { number, socketIo } of versions) {
  describe(`malformed frames, on Socket.IO ${number}`, () => {
    afterEach(closeEverything);

    for (const [frame, binary, wanted] of denied) {
      it(`are denied: ${shown(frame)}`, async () => {
        const { attacker, ran } = await attack(socketIo);
        attacker.send(frame, ...(binary ? [binary] : []));
        expect(await attacker.next((one) => !one.startsWith('42["guard:session"'))).to.match(wanted);
        expect(ran).to.deep.equal([]);
      });
    }

    it("are refused if `auth` is nested deeper than 64 levels, in a CONNECT and in a refresh", async () => {
      const { io, raw, rawMember } = await serve({ socketIo, authenticate: anonymous() as never });
      for (const levels of [65, 60_000]) {
        const attacker = await raw();
        attacker.send(`40{"name":${nested(levels - 1)}}`);
        expect(await attacker.next((frame) => frame.startsWith("44"))).to.match(/"code":"credential_malformed"/);
      }
      expect(io.sockets.sockets.size).to.equal(0);
      const { raw: guest } = await rawMember("/", { name: [[]] });
      guest.send(`427["guard:refresh",{"name":${nested(64)}}]`);
      expect(await guest.next((frame) => frame.startsWith("437"))).to.match(/"code":"credential_malformed"/);
    });

    it("close their connection and run no listener if they are not packets", async () => {
      const { rawMember, member } = await serve({ socketIo });
      const ran: string[] = [];
      for (const frame of closing) {
        const { raw, socket } = await rawMember();
        listenToOddNames(socket, ran);
        raw.send(frame, Buffer.from("x"), '42["message"]');
        await raw.closed;
      }
      expect(ran).to.deep.equal([]);
      await member();
    });

    it("are denied if they name a reserved event or one of the guard, even if undeclared events are allowed", async () => {
      const { attacker, ran } = await attack(socketIo, { undeclared: signedIn });
      const names = ["error", "guard:bye", "guard:denied"];
      for (const name of names) {
        attacker.send(`421["${name}"]`);
        expect(await attacker.next((one) => one.startsWith("431"))).to.contain("event_unlisted");
      }
      expect(ran).to.deep.equal([]);
      attacker.send('422["__proto__"]');
      expect(await attacker.next((one) => one.startsWith("432"))).to.equal('432["__proto__"]');
    });

    it("do not end the process if they are acks with too many values", async () => {
      const { attacker, socket, ran } = await attack(socketIo);
      const answered: unknown[] = [];
      socket.emit("confirm", (answer: unknown) => answered.push(answer));
      const id = /^42(\d+)/.exec(await attacker.next((frame) => frame.includes("confirm")))![1]!;
      attacker.send(`43${id}[${"1,".repeat(400_000)}1]`, `43${id}["yes"]`, '421["secret"]');
      await attacker.next((one) => one.startsWith("431"));
      expect(answered).to.deep.equal(["yes"]);
      expect(ran).to.deep.equal([]);
    });

    it("do not end the process if they are acks that are nested too deep", async () => {
      const { attacker, socket } = await attack(socketIo);
      const answered: unknown[] = [];
      socket.emit("confirm", (answer: unknown) => {
        answered.push(answer);
        socket.emit("echo", answer);
      });
      const id = /^42(\d+)/.exec(await attacker.next((frame) => frame.includes("confirm")))![1]!;
      attacker.send(`43${id}[${nested(20_000)}]`, `43${id}["yes"]`);
      expect(await attacker.next((one) => one.includes("echo"))).to.equal('42["echo","yes"]');
      expect(answered).to.deep.equal(["yes"]);
    });

    it("do not end the process of a handler that echoes 20,000 levels, as they do in bare Socket.IO", async () => {
      const { attacker, socket, ran } = await attack(socketIo);
      socket.on("message", (value: unknown, ack?: (answer: unknown) => void) => (ack === undefined ? socket.emit("echo", value) : ack(value)));
      attacker.send(`42["message",${nested(20_000)}]`, `421["message",${nested(20_000)}]`, `422["message",${nested(64)}]`);
      expect(await attacker.next((one) => one.startsWith("432"))).to.equal(`432[${nested(64)}]`);
      expect(ran).to.deep.equal(["message"]);
    });

    it("run no listener if they are acks that the server did not ask for", async () => {
      const { attacker, ran } = await attack(socketIo);
      attacker.send("43", "430", '43["x"]', '4399["x"]', '4399999999999999999999["x"]', "461-99[{\"_placeholder\":true,\"num\":0}]", Buffer.from("x"), '421["secret"]');
      await attacker.next((one) => one.startsWith("431"));
      expect(ran).to.deep.equal([]);
    });
  });
}

async function attack(socketIo: SocketIo, options: { undeclared?: typeof signedIn } = {}) {
  const { rawMember } = await serve({ socketIo, ...options });
  const ran: string[] = [];
  const { raw: attacker, socket } = await rawMember();
  listenToOddNames(socket, ran);
  socket.on("__proto__", (ack: (answer: string) => void) => ack("__proto__"));
  return { attacker, socket, ran };
}

function listenToOddNames(socket: ServerSocket, ran: string[]): void {
  for (const name of ["undefined", "", "123", "error", "constructor", "toString", "secret", "message", "guard:bye", "guard:session", "guard:denied", "message "]) {
    // Socket.IO itself emits "error" for a packet that its parser refuses, with an Error of its own.
    socket.on(name, (...args: unknown[]) => { if (!(name === "error" && args[0] instanceof Error)) ran.push(name); });
  }
}

function shown(frame: string): string {
  return frame.length > 60 ? `${frame.slice(0, 50)}... of ${frame.length} characters` : frame;
}
