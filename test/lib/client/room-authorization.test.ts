// How a guard client gets a room authorized by the backend.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { expect } from "chai";
import { closeEverything, closeLater, listen, nextTurn } from "../../support/server.js";
import { becomes, failure, openRooms } from "./room-server.js";

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A backend that answers as the test says. It collects the requests. */
async function backend(answer: (response: ServerResponse, count: number) => unknown): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const web = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => { body += chunk.toString(); });
    request.on("end", () => {
      asked.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      answer(response, asked.length);
    });
  });
  const address = await listen(web);
  closeLater(() => { web.close(); web.closeAllConnections(); });
  return { url: `${address}/rooms/auth?app=1`, asked };
}

const json = (response: ServerResponse, value: unknown, status = 200): void => void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));

describe("authEndpoint", () => {
  afterEach(closeEverything);

  it("is asked as Pusher's clients ask, and the server gets the signature and the exact text that was signed", async () => {
    const channel_data = '{"user_id":"alice",  "user_info":{"name":"Ä"}}';
    const { url, asked } = await backend((response) => json(response, { auth: "key:signature", channel_data, shared_secret: "not for the server", more: 1 }));
    const { client, join, server } = await openRooms();
    await join("private-a,b;c=d@e", { authEndpoint: url });
    const [request] = asked;
    expect(request).to.include({ method: "POST", url: "/rooms/auth?app=1" });
    expect(request!.headers["content-type"]).to.match(/^application\/x-www-form-urlencoded\b/);
    expect(Object.fromEntries(new URLSearchParams(request!.body))).to.deep.equal({ socket_id: client.state.session!.signingId, channel_name: "private-a,b;c=d@e" });
    expect(server.sent("guard:join")).to.deep.equal([{ room: "private-a,b;c=d@e", auth: "key:signature", channel_data }]);
  });

  it("may have headers and credentials", async () => {
    const { url, asked } = await backend((response) => json(response, { auth: "key:signature" }));
    const { join } = await openRooms();
    await join("private-a", { authEndpoint: { url, headers: { "x-csrf-token": "abc", accept: "application/vnd.chat+json" }, credentials: "include" } });
    expect(asked[0]!.headers).to.include({ "x-csrf-token": "abc", accept: "application/vnd.chat+json" });
  });

  for (const status of [401, 403, 404]) {
    it(`that answers ${status} rejects the join with the status`, async () => {
      const { url, asked } = await backend((response) => json(response, {}, status));
      const { join, server } = await openRooms();
      const error = await failure(join("private-a", { authEndpoint: url }));
      expect(error).to.include({ name: "RoomError", code: "authorization_refused", room: "private-a", status, message: `The room was not authorized: the answer was ${status}.` });
      expect([asked.length, server.sent("guard:join").length, server.sent("guard:leave").length]).to.deep.equal([1, 0, 0]);
    });
  }

  for (const [what, answer] of [
    ["500", (response: ServerResponse) => json(response, {}, 500)],
    ["429", (response: ServerResponse) => json(response, {}, 429)],
    ["with a page in place of JSON", (response: ServerResponse) => response.end("<p>Please sign in</p>")],
    ["without auth", (response: ServerResponse) => json(response, { channel_data: "{}" })],
    ["null", (response: ServerResponse) => json(response, null)],
    ["nothing, and closes", (response: ServerResponse) => response.destroy()],
  ] as const) {
    it(`that answers ${what} rejects the first join`, async () => {
      const { url, asked } = await backend(answer);
      const { join, server } = await openRooms();
      expect(await failure(join("private-a", { authEndpoint: url }))).to.include({ name: "RoomError", code: "authorization_failed" });
      expect([asked.length, server.sent("guard:join").length]).to.deep.equal([1, 0]);
    });
  }

  it("that does not answer within ackTimeout rejects the first join", async () => {
    const { url, asked } = await backend(() => undefined);
    const { join, time } = await openRooms();
    const failed = failure(join("private-a", { authEndpoint: url }));
    while (asked.length === 0) await nextTurn();
    time.advance(10_000);
    const error = await failed;
    expect(error).to.include({ code: "authorization_failed" });
    expect(error.cause).to.include({ message: "There was no answer in time." });
  });

  it("is asked again after growing delays when the room is joined again, until it answers", async () => {
    const { url, asked } = await backend((response, count) => (count === 1 || count === 5 ? json(response, { auth: `key:${count}` }) : response.destroy()));
    const { join, server, time } = await openRooms();
    const room = await join("private-a", { authEndpoint: url });
    const errors: Error[] = [];
    room.onError((error) => errors.push(error));
    server.wire.breakTransports();
    for (const [index, delay] of [500, 1_000, 2_000].entries()) {
      while (errors.length <= index) await nextTurn();
      time.advance(delay - 1);
      await nextTurn();
      expect([asked.length, room.status]).to.deep.equal([index + 2, "joining"]);
      time.advance(1);
    }
    await becomes(room, "joined");
    expect(asked).to.have.lengthOf(5);
    expect(server.sent("guard:join").map(({ auth }) => auth)).to.deep.equal(["key:1", "key:5"]);
    expect(errors.map((error) => (error as Error & { code: string }).code)).to.deep.equal(Array(3).fill("authorization_failed"));
  });

  it("that refuses when the room is joined again ends it", async () => {
    const { url } = await backend((response, count) => (count === 1 ? json(response, { auth: "key:signature" }) : json(response, {}, 403)));
    const { join, server } = await openRooms();
    const room = await join("private-a", { authEndpoint: url });
    server.remove("private-a", "signature_expired");
    await becomes(room, "left");
    expect(room.denial).to.equal(null);
    expect(room.error).to.include({ name: "RoomError", code: "authorization_refused", status: 403 });
  });
});

describe("authorize", () => {
  afterEach(closeEverything);

  it("gets the room and the signingId of the session, and may return a promise", async () => {
    const { client, join, server } = await openRooms();
    const asked: unknown[] = [];
    await join("private-a", { authorize: async (request) => { asked.push(request); return { auth: "key:signature" }; } });
    expect(asked).to.deep.equal([{ room: "private-a", signingId: client.state.session!.signingId }]);
    expect(server.sent("guard:join")).to.deep.equal([{ room: "private-a", auth: "key:signature" }]);
  });

  it("that throws rejects the first join, with the error as the cause and its status", async () => {
    const { join } = await openRooms();
    const cause = Object.assign(new Error("no"), { status: 401 });
    for (const authorize of [() => { throw cause; }, () => Promise.reject(cause)]) {
      const error = await failure(join("private-a", { authorize }));
      expect(error).to.include({ name: "RoomError", code: "authorization_refused", status: 401 });
      expect(error.cause).to.equal(cause);
    }
    expect(await failure(join("private-a", { authorize: () => { throw new Error("offline"); } }))).to.include({ code: "authorization_failed" });
  });

  it("is the one of the last join that named one", async () => {
    const { join, server } = await openRooms();
    for (const auth of ["one", "two"]) await join("private-a", { authorize: () => ({ auth }) });
    await join("private-a");
    server.renew("bob");
    await server.seen("guard:join", 2);
    expect(server.sent("guard:join").map(({ auth }) => auth)).to.deep.equal(["one", "two"]);
  });

  it("needs a server whose sessions have a signingId", async () => {
    const { join, server } = await openRooms();
    server.wire.notice = () => ({});
    const error = await failure(join("private-a", { authorize: () => ({ auth: "key:signature" }) }));
    expect(error).to.include({ name: "RoomError", code: "authorization_failed" });
    expect(error.message).to.match(/signingId/);
  });
});
