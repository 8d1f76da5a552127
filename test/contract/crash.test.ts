// Why the guard catches what a host's rules throw: in bare Socket.IO, each of these faults ends the whole process. Each
// test runs one of them in its own process.
import { expect } from "chai";
import { execFile } from "node:child_process";
import { describe, it } from "mocha";

const faults: [fault: string, server: string, message: string][] = [
  ["a throw in io.use", "io.use(() => { throw new Error('thrown') })", "thrown"],
  ["a rejection in io.use", "io.use(async () => { throw new Error('rejected') })", "rejected"],
  ["a throw in socket.use", "io.on('connection', (s) => s.use(() => { throw new Error('thrown') }))", "thrown"],
  ["a throw in an onAny listener", "io.on('connection', (s) => s.onAny(() => { throw new Error('thrown') }))", "thrown"],
  ["a rejection in a handler", "io.on('connection', (s) => s.on('event', async () => { throw new Error('rejected') }))", "rejected"],
  ["a handler that calls an ack which the client did not ask for", "io.on('connection', (s) => s.on('event', (ack) => ack()))", "ack is not a function"],
  ["packet[0].startsWith in socket.use when a raw 42 arrives", "io.on('connection', (s) => s.use(([name]) => name.startsWith('x')))", "startsWith"],
];

for (const version of ["socket.io-4.8.0", "socket.io"]) {
  describe(`${version}: the process is ended`, () => {
    for (const [fault, server, message] of faults) {
      it(`why: by ${fault}`, async () => {
        const { code, errors } = await run(script(version, server, fault.includes("raw 42") ? "42" : '42["event"]'));
        expect(errors).to.include(message);
        expect(code).to.equal(1);
      });
    }

    it("by nothing when the same server has no fault", async () => {
      const { code } = await run(script(version, "io.on('connection', (s) => s.on('event', () => process.exit(42)))", '42["event"]'));
      expect(code).to.equal(42);
    });
  });
}

function script(version: string, server: string, frame: string): string {
  return `
    import { createServer } from "node:http";
    import { Server } from "${version}";
    import { WebSocket } from "ws";
    const web = createServer(), io = new Server(web);
    ${server};
    web.listen(0, "127.0.0.1", () => {
      const client = new WebSocket("ws://127.0.0.1:" + web.address().port + "/socket.io/?EIO=4&transport=websocket");
      client.on("message", (data) => {
        if (String(data).startsWith("0")) client.send("40");
        if (String(data).startsWith("40")) client.send('${frame}');
      });
    });`;
}

function run(source: string): Promise<{ code: number | null; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ["--input-type=module", "--eval", source], { timeout: 15_000 }, (_error, _output, errors) => {
      resolve({ code: child.exitCode, errors });
    });
  });
}
