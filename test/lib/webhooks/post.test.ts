import { expect } from "chai";
import { createServer, type Server, type Socket } from "node:net";
import { Poster } from "../../../lib/webhooks/post.js";
import { closeEverything, closeLater } from "../../support/server.js";
import { listenOnNewPort } from "../../support/ports.js";

afterEach(closeEverything);

/** A server that answers each request with what `answer` writes to the socket. */
async function rawServer(answer: (socket: Socket, request: number) => void, timeout = 10_000): Promise<{ poster: Poster; connections: () => number }> {
  let [connections, requests] = [0, 0];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", () => answer(socket, requests += 1));
  });
  const poster = new Poster({ url: new URL(`http://127.0.0.1:${await listenOnNewPort(server)}/`), timeout, maxConnections: 2, lookup: undefined });
  closeLater(() => {
    poster.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { poster, connections: () => connections };
}

const empty = "HTTP/1.1 204 No Content\r\n\r\n";

describe("A POST of a webhook", () => {
  it("uses a connection again, and opens another one if the endpoint has closed it meanwhile", async () => {
    const { poster, connections } = await rawServer((socket, request) => {
      if (request === 3) socket.destroy();
      else socket.write(empty);
    });
    for (let count = 0; count < 3; count += 1) expect((await poster.post("{}", {})).isDelivered).to.equal(true);
    expect(connections()).to.equal(2);
  });

  it("is delivered once the status is 2xx, even if the answer is endless, slow or broken off", async () => {
    for (const rest of ["endless", "slow", "broken"]) {
      const { poster } = await rawServer((socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\nx");
        if (rest === "endless") { for (let count = 0; count < 50; count += 1) socket.write("x".repeat(10_000)); }
        if (rest === "broken") socket.destroy();
      });
      expect((await poster.post("{}", {})).isDelivered, rest).to.equal(true);
    }
  });

  it("is not delivered without an answer, with one that is not HTTP, or with one that switches protocols", async () => {
    for (const [answer, reason] of [[undefined, /no answer in time/], ["hello\r\n\r\n", /HPE_/], ["HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", /closed without|ECONNRESET|no answer/], [`HTTP/1.1 200 OK\r\nx: ${"y".repeat(40_000)}\r\n\r\n`, /HPE_HEADER_OVERFLOW/]] as const) {
      const { poster } = await rawServer((socket) => { if (answer !== undefined) socket.write(answer); }, answer === undefined ? 1_000 : 10_000);
      const result = await poster.post("{}", {});
      expect(result.isDelivered).to.equal(false);
      expect(result.reason).to.match(reason);
    }
  });

  it("reads Retry-After as seconds or as a date", async () => {
    for (const [value, least, most] of [["7", 7_000, 7_000], [new Date(Date.now() + 30_000).toUTCString(), 27_000, 31_000], ["soon", 0, 0], ["-5", 0, 0], [new Date(0).toUTCString(), 0, 0]] as const) {
      const { poster } = await rawServer((socket) => socket.write(`HTTP/1.1 503 No\r\nretry-after: ${value}\r\ncontent-length: 0\r\n\r\n`));
      expect((await poster.post("{}", {})).retryAfter, value).to.be.within(least, most);
    }
  });
});
