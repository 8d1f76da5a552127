// Endpoints that hang, redirect, lie, flood or are down. None of them lets a client in, blocks a handshake or fills the memory.
import { createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { maxConcurrent, withBreaker } from "../../../lib/http/endpoint.js";
import { endpointErrors } from "../../../lib/http/endpoint-error.js";
import type { Refusal } from "../../../lib/refusal.js";
import { freePort, listenOnNewPort } from "../../support/ports.js";
import { closeEverything, closeLater } from "../../support/server.js";
import { pass, restoreTimers, useFakeTimers } from "../rooms/fake-timers.js";
import { authFor, handshake, login, outcome, says } from "./support.js";

/** A server that writes these bytes to each client. */
async function writes(...bytes: string[]): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => {
      for (const part of bytes) socket.write(part);
      if (bytes.length > 0) socket.end();
    });
  });
  const port = await listenOnNewPort(server);
  closeLater(() => { for (const socket of sockets) socket.destroy(); server.close(); });
  return `http://127.0.0.1:${port}`;
}

describe("guessing at an endpoint", () => {
  it("is counted by every account that a client names, because only the endpoint knows which one it reads", () => {
    const auth = { username: "name 1", email: "alice@example.com", login: 7, password: "a guess" };
    expect(authFor("http://127.0.0.1:1").accountOf!(handshake({ auth }))).to.deep.equal(["name 1", "alice@example.com"]);
  });
});

describe("an endpoint that misbehaves", () => {
  afterEach(closeEverything);

  it("is not waited for longer than the timeout, neither for its head nor for its body", async () => {
    const hangs = await login(() => undefined);
    const stalls = await login((response) => response.writeHead(200, { "content-type": "application/json" }).write("{\"id\":"));
    const drips = await login((response) => {
      const timer = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(timer));
    });
    for (const { url } of [hangs, stalls, drips]) {
      const began = performance.now();
      expect(await outcome(authFor(url, { timeout: 100 }))).to.equal("endpoint_timeout");
      // The default is two seconds.
      expect(performance.now() - began).to.be.below(2_000);
    }
  });

  it("is not followed when it redirects, to itself or elsewhere, with any body", async () => {
    const elsewhere = await login();
    for (const status of [301, 302, 303, 307, 308, 300, 304]) {
      const server = await login((response) => response.writeHead(status, { location: elsewhere.url, "content-type": "application/json" }).end(status === 304 ? undefined : "{\"id\":\"alice\"}"));
      expect(await outcome(authFor(server.url)), String(status)).to.equal("endpoint_redirects");
      expect(server.asked).to.have.length(1);
    }
    const itself = await login((response) => response.writeHead(307, { location: "/check" }).end());
    expect(await outcome(authFor(itself.url))).to.equal("endpoint_redirects");
    expect([itself.asked.length, elsewhere.asked.length]).to.deep.equal([1, 0]);
  });

  it("cannot lie about the length of its answer", async () => {
    const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    expect(await outcome(authFor(await writes(`${head}content-length: 500\r\n\r\n{"id":"alice"}`)))).to.equal("endpoint_unreachable");
    expect(await outcome(authFor(await writes(`${head}content-length: 9\r\n\r\n{"id":"al"}`)))).to.equal("endpoint_answer_invalid");
    expect(await outcome(authFor(await writes(`${head}content-length: 14\r\ncontent-length: 13\r\n\r\n{"id":"alice"}`)))).to.equal("endpoint_unreachable");
    expect(await outcome(authFor(await writes(`${head}transfer-encoding: chunked\r\n\r\nd\r\n{"id":"alice"`)))).to.equal("endpoint_unreachable");
    expect(await outcome(authFor(await writes("not http at all\r\n\r\n")))).to.equal("endpoint_unreachable");
    expect(await outcome(authFor(await writes(`${head}x-long: ${"x".repeat(100_000)}\r\n\r\n`)))).to.equal("endpoint_unreachable");
  });

  it("cannot fill the memory, with 1 GB, with an endless answer or with a compressed one", async () => {
    const sent = { bytes: 0 };
    const flood = (headers: Record<string, string>) => login((response) => {
      response.writeHead(200, { "content-type": "application/json", ...headers });
      const part = Buffer.alloc(65_536, " ");
      const pour = () => {
        while (!response.destroyed && sent.bytes < 2 ** 30) {
          sent.bytes += part.length;
          if (!response.write(part)) return void response.once("drain", pour);
        }
      };
      pour();
    });
    for (const headers of [{ "content-length": String(2 ** 30) }, {}] as Record<string, string>[]) expect(await outcome(authFor((await flood(headers)).url))).to.equal("endpoint_answer_too_large");
    expect(sent.bytes).to.be.below(2 ** 26);
    const bomb = gzipSync(Buffer.alloc(2 ** 26, " "));
    const zipped = await login((response) => response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(bomb));
    expect(bomb.length).to.be.below(100_000);
    expect(await outcome(authFor(zipped.url))).to.equal("endpoint_answer_too_large");
    const fits = await login(says(200, { id: "alice", serverData: "x".repeat(65_000) }));
    expect(await outcome(authFor(fits.url))).to.equal("alice");
  });

  it("fails without an error that holds anything of the request or the answer", async () => {
    const server = await login();
    const port = await freePort();
    for (const reply of [says(500, "open sesame"), says(200, { id: 7, note: "open sesame" }), says(302, "open sesame")]) {
      server.reply = reply;
      for (const url of [`${server.url}?key=sesame`, `http://127.0.0.1:${port}/sesame`]) {
        const error = await Promise.resolve(authFor(url, { secret: `whsec_${"sesame++".repeat(4)}` }).authenticate(handshake({ headers: { cookie: "open=sesame" } }))).catch((thrown: unknown) => thrown) as Error;
        expect(error).to.be.instanceOf(Error);
        expect(`${error.message}${error.stack ?? ""}${JSON.stringify(error)}${String(error.cause)}`).not.to.include("sesame");
      }
    }
  });
});

describe("the circuit breaker", () => {
  afterEach(closeEverything);

  it("opens when the endpoint is down: handshakes are then refused at once, with a time to try again", async () => {
    const auth = authFor(`http://127.0.0.1:${await freePort()}`);
    for (let attempt = 0; attempt < 10; attempt += 1) expect(await outcome(auth, { auth: { attempt } })).to.equal("endpoint_unreachable");
    const denied = await auth.authenticate(handshake());
    expect((denied as Refusal).denial).to.deep.include({ code: "unavailable", reconnect: "later", retryAfter: 5_000 });
  });

  it("opens when the endpoint hangs, so that handshakes do not wait for it", async () => {
    const server = await login(() => undefined);
    const auth = authFor(server.url, { timeout: 1_500 });
    await Promise.all(Array.from({ length: 10 }, (_, attempt) => outcome(auth, { auth: { attempt } })));
    expect(await outcome(auth)).to.equal("unavailable");
    expect(server.asked).to.have.length(10);
  });

  it("does not open because of bad answers, which a single client could cause", async () => {
    const server = await login();
    const auth = authFor(server.url);
    const bad = [says(500), says(401), says(302), says(200, { id: 7 }), says(200, "x".repeat(70_000))];
    for (let attempt = 0; attempt < 30; attempt += 1) {
      server.reply = bad[attempt % bad.length]!;
      await outcome(auth, { auth: { attempt } });
    }
    server.reply = says(200, { id: "alice" });
    expect(await outcome(auth)).to.equal("alice");
  });

  it("limits how many requests wait at once, and does not open because of that", async () => {
    const waiting: ((answer: string) => void)[] = [];
    const ask = withBreaker(() => new Promise<string>((resolve) => waiting.push(resolve)));
    const asked = Array.from({ length: maxConcurrent }, () => ask(""));
    for (let extra = 0; extra < 600; extra += 1) expect(await ask("").catch((error: { code: string }) => error.code)).to.equal("endpoint_busy");
    for (const answer of waiting) answer("answer");
    expect(new Set(await Promise.all(asked))).to.deep.equal(new Set(["answer"]));
    const again = ask("");
    waiting.at(-1)!("again");
    expect(await again).to.equal("again");
  });

  it("lets one request try again after a rest, and closes when it is answered", async () => {
    useFakeTimers();
    closeLater(restoreTimers);
    let isDown = true;
    let asked = 0;
    const ask = withBreaker(async () => {
      asked += 1;
      if (isDown) throw endpointErrors.timeout();
      return "answer";
    }, 20);
    const codeOf = async () => ask("").then((answer) => answer, (error: { code: string }) => error.code);
    for (let attempt = 0; attempt < 10; attempt += 1) expect(await codeOf()).to.equal("endpoint_timeout");
    expect([await codeOf(), asked]).to.deep.equal(["endpoint_resting", 10]);
    pass(19);
    expect([await codeOf(), asked]).to.deep.equal(["endpoint_resting", 10]);
    pass(1);
    // The request that tries again fails, and the breaker rests once more.
    expect([await codeOf(), await codeOf(), asked]).to.deep.equal(["endpoint_timeout", "endpoint_resting", 11]);
    isDown = false;
    pass(20);
    expect([await codeOf(), await codeOf(), asked]).to.deep.equal(["answer", "answer", 13]);
  });
});
