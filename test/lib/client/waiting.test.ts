import { expect } from "chai";
import type { Socket } from "socket.io";
import { DenialError, type Denial } from "../../../lib/client/index.js";
import { denial } from "../../../lib/protocol.js";
import { closeEverything, event } from "../../support/server.js";
import { failure, openRooms } from "./room-server.js";
import { emitted, openGuardClient, wireServer, type Harness, type Setting } from "./support.js";

interface Limited extends Harness {
  /** What the server got as "say" and "shout". */
  readonly said: unknown[];
  /** What the server answers next, in order: a denial, or nothing to allow. */
  readonly answers: (Denial | undefined)[];
  readonly breakTransports: () => void;
  readonly changeUser: (subject: string) => void;
}

const limited = (retryAfter?: number) => denial("rate_limited", retryAfter === undefined ? {} : { retryAfter });

/** A connected client, and a server that answers "say" and "shout" as `answers` says. */
async function openLimited(setting: Setting = {}): Promise<Limited> {
  const server = await wireServer();
  const [said, answers]: [unknown[], (Denial | undefined)[]] = [[], []];
  const sockets: Socket[] = [];
  server.io.on("connection", (socket) => {
    sockets.push(socket);
    const answer = (word: unknown, ack: (given: unknown) => void): void => {
      said.push(word);
      const error = answers.shift();
      ack(error === undefined ? word : { error });
    };
    socket.on("say", answer);
    socket.on("shout", answer);
  });
  const harness = openGuardClient(server, { waitForLimits: "30s", ...setting });
  await emitted(harness.client, "session");
  const changeUser = (subject: string): void => void sockets[0]!.emit("guard:session", { subject, expiresIn: 3_600_000, expiresAt: 1 });
  return { ...harness, said, answers, breakTransports: () => server.breakTransports(), changeUser };
}

/** Resolves once the client has read the answers to all that it has sent. */
const answered = async ({ client }: Harness): Promise<void> => void await client.emitGuarded("ask");

describe("an event over a limit", () => {
  afterEach(closeEverything);

  it("rejects at once by default, and the error says when to try again", async () => {
    const { client, answers, said } = await openLimited({ waitForLimits: 0 });
    answers.push(limited(1_500), limited());
    const error = await failure(client.emitGuarded("say", 1));
    expect(error).to.be.instanceOf(DenialError).and.to.include({ code: "rate_limited", retryAfter: 1_500 });
    expect(await failure(client.emitGuarded("say", 2))).to.have.property("retryAfter", undefined);
    expect(said).to.deep.equal([1, 2]);
  });

  it("is sent again after retryAfter and a random tenth of it, as often as necessary", async () => {
    const limits = await openLimited();
    const { client, answers, said, time } = limits;
    time.chance = 0.5;
    answers.push(limited(1_000), limited(2_000));
    const answer = client.emitGuarded("say", "hello");
    await answered(limits);
    time.advance(1_049);
    await answered(limits);
    expect(said).to.deep.equal(["hello"]);
    time.advance(1);
    await answered(limits);
    expect(said).to.deep.equal(["hello", "hello"]);
    time.advance(2_100);
    expect(await answer).to.equal("hello");
    expect(said).to.have.length(3);
  });

  it("rejects as soon as the time that is left is not enough", async () => {
    const limits = await openLimited();
    const { client, answers, said, time } = limits;
    answers.push(limited(20_000), limited(10_001));
    const failed = failure(client.emitGuarded("say", 1));
    await answered(limits);
    time.advance(20_000);
    expect(await failed).to.include({ code: "rate_limited", retryAfter: 10_001 });
    answers.push(limited(30_001));
    expect(await failure(client.emitGuarded("say", 2))).to.include({ retryAfter: 30_001 });
    expect(said).to.deep.equal([1, 1, 2]);
  });

  it("does not wait for another denial, nor without a retryAfter", async () => {
    const { client, answers, said } = await openLimited();
    answers.push(limited(), denial("forbidden", { retryAfter: 5 }), { ...limited(), retryAfter: Number.NaN });
    for (const code of ["rate_limited", "forbidden", "rate_limited"]) expect(await failure(client.emitGuarded("say", code))).to.include({ code });
    expect(said).to.have.length(3);
  });

  it("keeps its place before those of its name, also before those that were on their way; others are sent meanwhile", async () => {
    const limits = await openLimited();
    const { client, answers, said, time } = limits;
    answers.push(limited(1_000), undefined, limited(900));
    const first = [client.emitGuarded("say", 1), client.emitGuarded("shout", 2), client.emitGuarded("say", 3)];
    expect(await first[1]).to.equal(2);
    await answered(limits);
    const later = [client.emitGuarded("say", 4), client.emitGuarded("shout", 5)];
    expect(await later[1]).to.equal(5);
    expect(said.splice(0)).to.deep.equal([1, 2, 3, 5]);
    answers.push(undefined, limited(1_000));
    time.advance(1_000);
    expect(await first[0]).to.equal(1);
    await answered(limits);
    expect(said.splice(0)).to.deep.equal([1, 3]);
    time.advance(1_000);
    expect(await Promise.all([...first, ...later])).to.deep.equal([1, 2, 3, 4, 5]);
    expect(said.splice(0)).to.deep.equal([3, 4]);
    expect(await client.emitGuarded("say", 6)).to.equal(6);
  });

  it("goes on with the next when the server denies one for another reason", async () => {
    const limits = await openLimited();
    const { client, answers, time } = limits;
    answers.push(limited(1_000));
    const first = failure(client.emitGuarded("say", 1));
    await answered(limits);
    const second = client.emitGuarded("say", 2);
    answers.push(denial("forbidden"));
    time.advance(1_000);
    expect(await first).to.include({ code: "forbidden" });
    expect(await second).to.equal(2);
  });

  for (const [what, end] of Object.entries<(limits: Limited) => unknown>({
    "the connection is lost": ({ breakTransports, socket }) => { breakTransports(); return event(socket, "disconnect"); },
    "the page disconnects": ({ socket }) => socket.disconnect(),
    "another user is signed in": ({ changeUser, client }) => { changeUser("bob"); return emitted(client, "session"); },
    "the client is closed": ({ client }) => client.close(),
  })) {
    it(`rejects with its denial when ${what}, and is not sent again`, async () => {
      const limits = await openLimited();
      const { client, answers, said, time, socket } = limits;
      answers.push(limited(1_000));
      const failed = [failure(client.emitGuarded("say", 1))];
      await answered(limits);
      failed.push(failure(client.emitGuarded("say", 2)));
      await Promise.resolve();
      await end(limits);
      for (const each of failed) expect(await each).to.include({ code: "rate_limited", retryAfter: 1_000 });
      time.advance(1_000);
      if (!socket.connected) socket.connect();
      expect(await client.emitGuarded("say", 3)).to.equal(3);
      expect(said).to.deep.equal([1, 3]);
    });
  }

  it("stays when its session is renewed", async () => {
    const limits = await openLimited();
    const { client, answers, time, changeUser } = limits;
    answers.push(limited(1_000));
    const answer = client.emitGuarded("say", 1);
    await answered(limits);
    changeUser("alice");
    await emitted(client, "session");
    time.advance(1_000);
    expect(await answer).to.equal(1);
  });

  it("rejects if the client is closed before the denial comes", async () => {
    const { client, answers } = await openLimited();
    answers.push(limited(1_000));
    const failed = failure(client.emitGuarded("say", 1));
    client.close();
    expect(await failed).to.include({ code: "rate_limited" });
  });

  it("waits in a room as well, in a line for each room and name", async () => {
    const { server, client, time, join } = await openRooms({ waitForLimits: "10s" });
    const [lobby, other] = [await join(), await join("other")];
    let isLimited = true;
    server.answer = (event, { room }) => (isLimited && event === "guard:publish" && room === "lobby" ? { error: limited(400) } : { room });
    const typed = [lobby.emit("typing", 1), lobby.emit("typing", 2)];
    await other.emit("typing", 3);
    await client.emitGuarded("ask");
    isLimited = false;
    time.advance(400);
    await Promise.all(typed);
    expect(server.sent("guard:publish").map(({ data }) => data)).to.deep.equal([1, 2, 3, 1, 2]);
  });

  it("needs a duration for `waitForLimits`", async () => {
    const server = await wireServer();
    for (const wrong of ["soon", "25d", -1, true] as never[]) expect(() => openGuardClient(server, { waitForLimits: wrong })).to.throw(TypeError, "`waitForLimits` must be a duration");
  });
});
