import { createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import express from "express";
import { afterEach, describe, it } from "mocha";
import { roomAuthEndpoint } from "../../../lib/index.js";
import { closeEverything, closeLater } from "../../support/server.js";
import { codeOf, key, pusherOf } from "../signer/support.js";
import { ask, asForm, asJson, askedForm, inExpress, send, serveEndpoint, signs } from "./support.js";

const member = { user_id: "alice", user_info: { name: "Alice" } };

describe("roomAuthEndpoint()", () => {
  afterEach(closeEverything);

  it("answers as Pusher's server libraries do, for private, presence and encrypted rooms", async () => {
    const { address } = await serveEndpoint({ allow: ({ room }) => room.startsWith("private-") || member });
    const pusher = pusherOf({ ...key, encryptionMasterKeyBase64: Buffer.alloc(32, 1).toString("base64") });
    for (const [room, data] of [["private-a"], ["presence-a", member], ["private-encrypted-a"]] as const) {
      const { status, body, headers } = await ask(address, room);
      expect({ status, body }).to.deep.equal({ status: 200, body: pusher.authorizeChannel("1.2", room, data) });
      expect(headers).to.include({ "content-type": "application/json", "cache-control": "no-store" });
    }
  });

  it("gives an answer that the signer of the server accepts, with the end of the membership", async () => {
    const { address } = await serveEndpoint({ allow: async () => ({ ...member, exp: 100 }) });
    const { body } = await ask(address, "presence-a");
    expect(signs.verifyRoom("1.2", "presence-a", body, 0)).to.deep.equal({ endsAt: 100_000, member: { id: "alice", info: { name: "Alice" } } });
  });

  it("asks `allow` with the request, the room and the signingId", async () => {
    const questions: unknown[] = [];
    const { address } = await serveEndpoint({ allow: ({ request, room, signingId }) => { questions.push([request.headers.cookie, room, signingId]); return true; } });
    await ask(address, "private-a", { cookie: "session=1" });
    expect(questions).to.deep.equal([["session=1", "private-a", "1.2"]]);
  });

  it("allows only for true or a member", async () => {
    let answer: unknown;
    const { address, attempts } = await serveEndpoint({ allow: () => answer as never });
    for (const [given, status] of [[true, 200], [member, 200], [{ user_id: 7 }, 200], [false, 403], [undefined, 500], [null, 500], [1, 500], ["true", 500], [{}, 500], [[], 500], [{ user_id: "" }, 500], [{ user_id: "a", exp: "1" }, 500]] as const) {
      answer = given;
      const { status: got, body } = await ask(address, "private-a");
      expect(got, JSON.stringify(given)).to.equal(status);
      expect("auth" in body).to.equal(status === 200);
    }
    expect(attempts[4]!.error).to.have.property("message", "`allow` must return true, a member { user_id, user_info } or false.");
    expect(attempts.map(({ outcome }) => outcome)).to.deep.equal([...Array<string>(3).fill("allowed"), "forbidden", ...Array<string>(8).fill("failed")]);
  });

  it("signs nothing of a member beside user_id, user_info and exp", async () => {
    const { address } = await serveEndpoint({ allow: () => ({ ...member, password: "secret" }) });
    expect((await ask(address, "presence-a")).body["channel_data"]).to.equal(JSON.stringify(member));
  });

  it("answers a throw and a rejection with 500 and without details, and tells the host", async () => {
    const error = new Error("the database says no");
    for (const allow of [() => { throw error; }, () => Promise.reject(error)]) {
      const { address, attempts } = await serveEndpoint({ allow });
      const { status, body } = await ask(address, "private-a");
      expect({ status, body }).to.deep.equal({ status: 500, body: { error: "The server could not check whether you are allowed to join this room." } });
      expect(attempts).to.deep.equal([{ address: "127.0.0.1", outcome: "failed", status: 500, room: "private-a", signingId: "1.2", error }]);
    }
  });

  it("warns the process when `allow` fails and nobody listens", async () => {
    const warnings: unknown[][] = [];
    const original = process.emitWarning.bind(process);
    closeLater(() => { process.emitWarning = original; });
    process.emitWarning = ((...given: [string, { code?: string }?]) => { if (given[1]?.code === "ROOM_AUTH_FAILED") warnings.push(given); }) as typeof process.emitWarning;
    const { address } = await serveEndpoint({ allow: () => { throw new Error("no database"); }, onAttempt: undefined as never });
    for (let request = 0; request < 2; request += 1) await ask(address, "private-a");
    expect(warnings).to.have.length(1);
    expect(warnings[0]![0]).to.equal("`allow` of roomAuthEndpoint() failed, and a request was answered with 500: no database. Further failures are not shown. Use `onAttempt` to see each one.");
  });

  it("takes POST only", async () => {
    const { address, attempts } = await serveEndpoint();
    for (const method of ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"]) {
      const { status, headers } = await send(`${address}/?${askedForm}`, "", {}, method);
      expect([method, status, headers.allow]).to.deep.equal([method, 405, "POST"]);
    }
    expect(attempts[0]).to.deep.equal({ address: "127.0.0.1", outcome: "malformed", status: 405 });
  });

  it("refuses other origins: unless `origins` says otherwise, all but its own", async () => {
    const own = await serveEndpoint();
    const listed = await serveEndpoint({ origins: ["https://chat.example"] });
    const statusOf = async ({ address }: { address: string }, headers: Record<string, string>) => (await ask(address, "private-a", headers)).status;
    expect(await Promise.all([{}, { origin: own.address }, { "sec-fetch-site": "same-origin" }].map((headers) => statusOf(own, headers)))).to.deep.equal([200, 200, 200]);
    expect(await Promise.all([{ origin: "https://chat.example" }, { origin: "null" }, { "sec-fetch-site": "cross-site" }].map((headers) => statusOf(own, headers)))).to.deep.equal([403, 403, 403]);
    expect(await Promise.all([{ origin: "https://chat.example" }, { origin: listed.address }, { "sec-fetch-site": "cross-site" }].map((headers) => statusOf(listed, headers)))).to.deep.equal([200, 403, 403]);
    expect(own.attempts.filter(({ outcome }) => outcome === "origin_forbidden")).to.have.length(3);
  });

  it("refuses what is no signingId or no room before it asks `allow`", async () => {
    const { address, attempts } = await serveEndpoint({ allow: () => { throw new Error("asked"); } });
    for (const body of ["", "socket_id=1.2", "channel_name=a", "socket_id=1.2&channel_name=", "socket_id=1.2%0A&channel_name=a", "socket_id=1.2:a&channel_name=a", "socket_id=1.2&channel_name=a:b", `socket_id=1.2&channel_name=${"a".repeat(201)}`]) {
      expect((await send(address, body)).status, body).to.equal(400);
    }
    for (const body of [{}, { socket_id: 1.2, channel_name: "a" }, { socket_id: ["1.2"], channel_name: "a" }, { socket_id: "1.2", channel_name: { a: 1 } }]) expect((await send(address, JSON.stringify(body), asJson)).status).to.equal(400);
    expect(attempts.every(({ outcome, status, room }) => outcome === "malformed" && status === 400 && room === undefined)).to.equal(true);
  });

  it("limits the requests of an address, and says when to try again", async () => {
    const { address, attempts } = await serveEndpoint({ perMinute: 3 });
    const answers = [];
    for (let request = 0; request < 4; request += 1) answers.push(await ask(address, "private-a"));
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200, 429]);
    expect(Number(answers[3]!.headers["retry-after"])).to.be.within(30, 61);
    expect(attempts.at(-1)).to.deep.equal({ address: "127.0.0.1", outcome: "rate_limited", status: 429 });
  });

  it("counts the address that trusted proxies report, and no other header", async () => {
    const untrusting = await serveEndpoint({ perMinute: 1 });
    const trusting = await serveEndpoint({ perMinute: 1, trustProxy: 1 });
    const from = async ({ address }: { address: string }, client: string) => (await ask(address, "private-a", { "x-forwarded-for": client })).status;
    expect([await from(untrusting, "192.0.2.1"), await from(untrusting, "192.0.2.2")]).to.deep.equal([200, 429]);
    expect([await from(trusting, "192.0.2.1"), await from(trusting, "192.0.2.2"), await from(trusting, "192.0.2.9, 192.0.2.1")]).to.deep.equal([200, 200, 429]);
    expect([await from(trusting, "2001:db8::1"), await from(trusting, "2001:db8::2")]).to.deep.equal([200, 429]);
    expect(trusting.attempts.map(({ address }) => address)).to.deep.equal(["192.0.2.1", "192.0.2.2", "192.0.2.1", "2001:db8::1", "2001:db8::2"]);
  });

  it("tells of each attempt without signatures and secrets", async () => {
    const { address, attempts } = await serveEndpoint({ allow: ({ room }) => room !== "private-b" && member });
    const { body } = await ask(address, "private-encrypted-a", { cookie: "session=secret" });
    await ask(address, "private-b");
    expect(attempts).to.deep.equal([
      { address: "127.0.0.1", outcome: "allowed", status: 200, room: "private-encrypted-a", signingId: "1.2", userId: "alice" },
      { address: "127.0.0.1", outcome: "forbidden", status: 403, room: "private-b", signingId: "1.2" },
    ]);
    for (const secret of [body["auth"], body["shared_secret"], "session=secret"]) expect(JSON.stringify(attempts)).to.not.include(secret);
  });

  it("answers although `onAttempt` throws", async () => {
    const thrown = new Promise((resolve) => {
      const listeners = process.listeners("uncaughtException");
      process.removeAllListeners("uncaughtException");
      process.once("uncaughtException", (error) => {
        for (const listener of listeners) process.on("uncaughtException", listener);
        resolve(error);
      });
    });
    const { address } = await serveEndpoint({ onAttempt: () => { throw new Error("no log"); } });
    expect((await ask(address, "private-a")).status).to.equal(200);
    expect(await thrown).to.have.property("message", "no log");
  });

  it("survives a client that goes away before the end of its request", async () => {
    const { address, attempts } = await serveEndpoint();
    const socket = connect(Number(new URL(address).port), "127.0.0.1");
    await once(socket, "connect");
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Type: ${asForm["content-type"]}\r\nContent-Length: 100\r\n\r\nsocket_id=`, () => socket.destroy());
    await once(socket, "close");
    expect((await ask(address, "private-a")).status).to.equal(200);
    expect(attempts).to.have.length(1);
  });

  it("leaves an answer alone that another middleware has begun", async () => {
    const { address } = await serveEndpoint({}, (handler) => createServer((request, response) => {
      response.writeHead(503);
      void handler(request, response).then(() => response.end("{}"));
    }));
    expect((await ask(address, "private-a")).status).to.equal(503);
  });

  it("works in Express, with the session that a middleware has found", async () => {
    type SignedIn = express.Request & { userId?: string };
    const handler = roomAuthEndpoint<SignedIn>({ signer: signs, allow: ({ request, room }) => room === `private-user-${request.userId}` });
    const { address } = await serveEndpoint({}, () => createServer(express().post("/", (request, _response, next) => { (request as SignedIn).userId = "alice"; next(); }, handler) as never));
    expect((await ask(address, "private-user-alice")).status).to.equal(200);
    expect((await ask(address, "private-user-bob")).status).to.equal(403);
  });

  it("refuses wrong options", () => {
    const make = (options: object) => codeOf(() => roomAuthEndpoint({ signer: signs, allow: () => true, ...options }));
    expect(make({})).to.equal("none");
    for (const wrong of [{ signer: undefined }, { signer: {} }, { allow: undefined }, { allow: true }, { origins: "*" }, { origins: ["chat.example"] }, { perMinute: 0 }, { trustProxy: -1 }, { onAttempt: "log" }]) expect(make(wrong), JSON.stringify(wrong)).to.equal("option_invalid");
    expect(make({ origin: [] })).to.equal("option_unknown");
    expect(codeOf(() => roomAuthEndpoint(undefined as never))).to.equal("option_invalid");
  });
});

describe("The body of a request for a room", () => {
  afterEach(closeEverything);

  it("is a form or JSON, on a plain server and in Express, parsed or not", async () => {
    const servers = [undefined, inExpress(), inExpress(express.json()), inExpress(express.urlencoded()), inExpress(express.urlencoded({ extended: true }), express.json())];
    for (const onServer of servers) {
      const { address } = await serveEndpoint({}, onServer);
      const expected = { auth: signs.authorizeRoom("1.2", "private-a").auth };
      expect((await send(address, askedForm)).body).to.deep.equal(expected);
      expect((await send(address, askedForm, { "content-type": "Application/X-www-form-urlencoded; charset=UTF-8" })).body).to.deep.equal(expected);
      expect((await send(address, JSON.stringify({ socket_id: "1.2", channel_name: "private-a" }), asJson)).body).to.deep.equal(expected);
    }
  });

  it("is read although an older body parser has set an empty one without reading", async () => {
    const { address } = await serveEndpoint({}, inExpress((request, _response, next) => { request.body = {}; next(); }));
    expect((await send(address, askedForm)).status).to.equal(200);
  });

  it("is refused if it is empty, also behind a body parser, which has seen its end", async () => {
    for (const onServer of [inExpress(), inExpress(express.json())]) {
      const { address } = await serveEndpoint({}, onServer);
      expect((await send(address, "", { ...asJson, "content-length": "0" })).status).to.equal(400);
    }
  });

  it("is refused if it was read and not kept", async () => {
    const { address } = await serveEndpoint({}, (handler) => createServer((request: IncomingMessage, response) => void text(request).then(() => handler(request, response))));
    expect((await send(address, askedForm)).status).to.equal(400);
  });

  it("is refused if a field is in it twice, or if it is not what it says", async () => {
    const { address } = await serveEndpoint();
    for (const twice of [`${askedForm}&channel_name=private-b`, `${askedForm}&channel_name=private-a`]) expect((await send(address, twice)).status).to.equal(400);
    for (const body of ['{"socket_id":"1.2","channel_name":"a","channel_name":"b"}', "[]", "null", "{", askedForm]) expect((await send(address, body, asJson)).status, body).to.equal(400);
    const parsed = await serveEndpoint({}, inExpress(express.urlencoded({ extended: true })));
    expect((await send(parsed.address, `${askedForm}&channel_name=private-b`)).status).to.equal(400);
  });

  it("of another type is refused with 415", async () => {
    const { address } = await serveEndpoint();
    for (const type of ["text/plain", "multipart/form-data; boundary=a", "application/jsonp", ""]) expect((await send(address, askedForm, type === "" ? {} : { "content-type": type })).status, type).to.equal(415);
  });

  it("of more than 8 kB is refused with 413, however it is sent", async () => {
    const { address } = await serveEndpoint();
    const padded = (length: number) => `${askedForm}&more=`.padEnd(length, "a");
    expect((await send(address, padded(8_192))).status).to.equal(200);
    expect((await send(address, padded(8_193))).status).to.equal(413);
    expect((await send(address, padded(1_000_000))).status).to.equal(413);
    expect((await send(address, padded(8_193), { ...asForm, "transfer-encoding": "chunked" })).status).to.equal(413);
  });
});
