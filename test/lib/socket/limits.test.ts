// What a client is told that sends more than the limits allow, and whose events count together.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, anyone, role, signedIn } from "../../../lib/index.js";
import type { Denial } from "../../../lib/protocol.js";
import { closeEverything, event, makeTokens, serve, type Client, type Served, type ServerSocket } from "../../support/server.js";
import { heard } from "../rooms/support.js";

/** The code of the denial of each of so many events in turn, and "ok" for those that reach the handler. */
async function sent(client: Client, name: string, count: number): Promise<string[]> {
  const answers: string[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const answer = await client.emitWithAck(name) as { error?: Denial };
    answers.push(answer.error?.code ?? "ok");
  }
  return answers;
}

function answerAll(socket: ServerSocket): void {
  socket.onAny((...args: unknown[]) => {
    const ack = args.at(-1);
    if (typeof ack === "function") (ack as (answer: object) => void)({});
  });
}

const times = (count: number, code: string) => Array<string>(count).fill(code);

async function served(setting: object): Promise<Served> {
  const opened = await serve({ events: { message: { allow: signedIn, limit: "3/10s" }, other: signedIn, hello: anyone, admin: { allow: role("admin"), limit: "2/10s" } }, ...setting });
  opened.io.on("connection", answerAll);
  return opened;
}

describe("the limit of an event", () => {
  afterEach(closeEverything);

  it("denies one event too many, and says when the next may come", async () => {
    const { member, clock } = await served({});
    const { client } = await member();
    clock.stop();
    expect(await sent(client, "message", 3)).to.deep.equal(times(3, "ok"));
    clock.advance(4_000);
    const { error } = await client.emitWithAck("message") as { error: Denial };
    expect(error).to.include({ guard: true, code: "rate_limited", status: 429, event: "message" });
    // A wait may be up to 2 ms longer than its window.
    expect(error.retryAfter).to.be.within(6_000, 6_002);
    clock.advance(error.retryAfter!);
    expect(await sent(client, "message", 1)).to.deep.equal(["ok"]);
  });

  it("tells the wait in guard:denied if the event has no ack", async () => {
    const { member } = await served({});
    const { client } = await member();
    const denied = event<Denial>(client, "guard:denied");
    await sent(client, "message", 3);
    client.emit("message");
    expect(await denied).to.include({ code: "rate_limited", event: "message" }).and.to.have.property("retryAfter").within(1, 10_010);
  });

  it("counts a user on all of the user's connections, and other users apart", async () => {
    const { member, token } = await served({});
    const [one, two, bob] = [await member(), await member(), await member("/", { auth: { token: token({ sub: "bob" }) } })];
    expect(await sent(one.client, "message", 2)).to.deep.equal(times(2, "ok"));
    expect(await sent(two.client, "message", 2)).to.deep.equal(["ok", "rate_limited"]);
    expect(await sent(bob.client, "message", 1)).to.deep.equal(["ok"]);
  });

  it("does not limit other events", async () => {
    const { member } = await served({});
    const { client } = await member();
    await sent(client, "message", 3);
    expect(await sent(client, "other", 5)).to.deep.equal(times(5, "ok"));
  });

  it("counts a guest by its socket", async () => {
    const { tokens } = makeTokens();
    const { connect } = await served({ authenticate: [tokens, anonymous()], events: { hello: { allow: anyone, limit: "2/10s" } } });
    const guests = [connect("/", { auth: {} }), connect("/", { auth: {} })];
    await Promise.all(guests.map((guest) => event(guest, "guard:session")));
    expect(await sent(guests[0]!, "hello", 3)).to.deep.equal(["ok", "ok", "rate_limited"]);
    expect(await sent(guests[1]!, "hello", 1)).to.deep.equal(["ok"]);
  });

  it("does not count events that are denied", async () => {
    const { member, token, clock } = await served({});
    const { client } = await member();
    expect(await sent(client, "admin", 4)).to.deep.equal(times(4, "forbidden"));
    const admin = await member("/", { auth: { token: token({ role: "admin" }) } });
    expect(await sent(admin.client, "admin", 3)).to.deep.equal(["ok", "ok", "rate_limited"]);
    clock.advance(10_700);
    expect(await sent(admin.client, "admin", 1)).to.deep.equal(["ok"]);
  });

  it("does not count events that an asynchronous check denies, but holds their places until then", async () => {
    const answers: ((allowed: boolean) => void)[] = [];
    const slow = () => new Promise<boolean>((resolve) => answers.push(resolve));
    const opened = await served({ events: { slow: { allow: slow, payload: [], limit: "1/10s" } } });
    const [one, two] = [await opened.member(), await opened.member()];
    const first = one.client.emitWithAck("slow") as Promise<{ error?: Denial }>;
    while (answers.length === 0) await event(one.socket.conn as never, "packet");
    expect(await sent(two.client, "slow", 1)).to.deep.equal(["rate_limited"]);
    answers[0]!(false);
    expect((await first).error!.code).to.equal("forbidden");
    const second = two.client.emitWithAck("slow") as Promise<{ error?: Denial }>;
    while (answers.length === 1) await event(two.socket.conn as never, "packet");
    answers[1]!(true);
    expect(await second).to.deep.equal({});
  });

  it("stays with the user when rules are replaced by others of the same rate", async () => {
    const { guarded, member } = await served({});
    const { client } = await member();
    await sent(client, "message", 3);
    guarded.updateRules({ events: { message: { allow: anyone, limit: "3/10s" } } });
    expect(await sent(client, "message", 1)).to.deep.equal(["rate_limited"]);
    guarded.updateRules({ events: { message: { allow: anyone, limit: "5/10s" } } });
    expect(await sent(client, "message", 1)).to.deep.equal(["ok"]);
  });

  it("counts for the user that a guest becomes", async () => {
    const { tokens } = makeTokens();
    const { connect, token } = await served({ authenticate: [tokens, anonymous()], events: { hello: { allow: anyone, limit: "2/10s" } } });
    const client = connect("/", { auth: {} });
    await event(client, "guard:session");
    expect(await sent(client, "hello", 3)).to.deep.equal(["ok", "ok", "rate_limited"]);
    await client.emitWithAck("guard:refresh", { token: token() });
    expect(await sent(client, "hello", 3)).to.deep.equal(["ok", "ok", "rate_limited"]);
  });
});

describe("the option limits", () => {
  afterEach(closeEverything);

  it("counts a connection in all of its namespaces, and the guard's own events, too", async () => {
    const { io, connect } = await served({ limits: { connection: "4/10s" } });
    io.of("/admin").on("connection", answerAll);
    const client = connect("/", { forceNew: false });
    await event(client, "guard:session");
    const admin = connect("/admin", { forceNew: false });
    await event(admin, "guard:session");
    expect(await sent(client, "other", 2)).to.deep.equal(times(2, "ok"));
    expect(await sent(admin, "other", 1)).to.deep.equal(["ok"]);
    expect(await client.emitWithAck("guard:leave", { room: "lobby" })).to.deep.equal({ room: "lobby" });
    expect(await sent(admin, "other", 1)).to.deep.equal(["rate_limited"]);
    expect((await client.emitWithAck("guard:leave", { room: "lobby" }) as { error: Denial }).error).to.include({ code: "rate_limited", event: "guard:leave" });
  });

  it("lets one connection send 10,000 events in ten seconds if nothing is said", async () => {
    const { rawMember } = await served({ events: { other: signedIn } });
    const { raw, socket } = await rawMember();
    let handled = 0;
    socket.on("other", () => { handled += 1; });
    for (let nth = 0; nth < 10_001; nth += 1) raw.send('42["other"]');
    expect(await raw.next((frame) => frame.includes("guard:denied"))).to.contain('"rate_limited"');
    expect(handled).to.equal(10_000);
  });

  it("counts a user, an address and the server, and the longest wait is told", async () => {
    const { member, token, clock } = await served({ limits: { user: "2/10s", address: "3/20s", server: "4/30s" } });
    const users = await Promise.all(["alice", "bob"].map((sub) => member("/", { auth: { token: token({ sub }) } })));
    const [alice, bob] = users.map(({ client }) => client) as [Client, Client];
    // Else the clock of the limits, which adds whole milliseconds, may be one ahead, and lose it when time is moved.
    clock.stop();
    expect(await sent(alice, "other", 3)).to.deep.equal(["ok", "ok", "rate_limited"]);
    expect(await sent(bob, "other", 2)).to.deep.equal(["ok", "rate_limited"]);
    const { error } = await alice.emitWithAck("other") as { error: Denial };
    // A wait may be up to 2 ms longer than its window.
    expect(error.retryAfter, "that of the address").to.be.within(10_003, 20_002);
    clock.advance(error.retryAfter!);
    expect(await sent(bob, "other", 2)).to.deep.equal(["ok", "rate_limited"]);
  });

  it("disconnects after as many denials as disconnectAfter says", async () => {
    const { member } = await served({ limits: { disconnectAfter: "3/1m" } });
    const { client } = await member();
    const bye = event<Denial>(client, "guard:bye");
    for (let nth = 0; nth < 3; nth += 1) client.emit("admin");
    expect(await bye).to.include({ code: "rate_limited", reconnect: "later", retryAfter: 60_000 });
  });

  it("does not disconnect a client for what others have sent", async () => {
    const { member, token } = await served({ limits: { server: "2/1m", disconnectAfter: "3/1m" } });
    const [alice, bob] = [await member(), await member("/", { auth: { token: token({ sub: "bob" }) } })];
    await sent(alice.client, "other", 2);
    expect(await sent(bob.client, "other", 10)).to.deep.equal(times(10, "rate_limited"));
  });

  it("never disconnects for denials if disconnectAfter is false", async () => {
    const { member } = await served({ limits: { disconnectAfter: false } });
    const { client } = await member();
    expect(await sent(client, "admin", 50)).to.deep.equal(times(50, "forbidden"));
  });

  it("turns the limit of a connection off", async () => {
    const { rawMember } = await served({ limits: { connection: false } });
    const { raw, socket } = await rawMember();
    let handled = 0;
    socket.on("other", () => { handled += 1; });
    for (let nth = 0; nth < 10_001; nth += 1) raw.send('42["other"]');
    raw.send('421["other"]');
    await raw.next((frame) => frame.startsWith("431"));
    expect(handled).to.equal(10_002);
  });

  it("only reports in report mode", async () => {
    const { guarded, member } = await served({ mode: "report" });
    const { client } = await member();
    expect(await sent(client, "message", 5)).to.deep.equal(times(5, "ok"));
    expect(guarded.report().wouldDeny).to.deep.equal([{ event: "message", code: "rate_limited", reason: 'the limit "event" of 3/10s is reached', count: 2 }]);
  });
});

describe("the limit of a published event", () => {
  afterEach(closeEverything);

  async function room(publish: object, limits: object = {}) {
    const opened = await serve({ rooms: { "room-$name": { join: signedIn, publish } } as never, limits });
    const members = await Promise.all(["alice", "alice", "bob"].map((sub) => opened.member("/", { auth: { token: opened.token({ sub }) } })));
    for (const { client } of members) for (const name of ["room-a", "room-b"]) await client.emitWithAck("guard:join", { room: name });
    const publishAs = async (nth: number, name: string, what: string): Promise<string> =>
      ((await members[nth]!.client.emitWithAck("guard:publish", { room: name, event: what })) as { error?: Denial }).error?.code ?? "ok";
    return { publishAs, members };
  }

  it("counts a user in one room, and takes the place of ten a second", async () => {
    const { publishAs } = await room({ typing: { allow: anyone, limit: "2/10s" }, free: anyone });
    expect(await publishAs(0, "room-a", "typing")).to.equal("ok");
    expect(await publishAs(1, "room-a", "typing")).to.equal("ok");
    expect(await publishAs(1, "room-a", "typing")).to.equal("rate_limited");
    expect(await publishAs(0, "room-b", "typing")).to.equal("ok");
    expect(await publishAs(2, "room-a", "typing")).to.equal("ok");
    expect(await publishAs(0, "room-a", "free")).to.equal("ok");
  });

  it("counts all members of a room together with limits.room", async () => {
    const { publishAs } = await room({ typing: anyone }, { room: "2/10s" });
    expect([await publishAs(0, "room-a", "typing"), await publishAs(2, "room-a", "typing"), await publishAs(2, "room-a", "typing")]).to.deep.equal(["ok", "ok", "rate_limited"]);
    expect(await publishAs(2, "room-b", "typing")).to.equal("ok");
  });

  it("does not count what the rule denies", async () => {
    const { publishAs, members } = await room({ typing: { allow: role("admin"), limit: "1/10s" } }, { room: "1/10s" });
    const spied = heard(members[2]!.client, "guard:published");
    for (let nth = 0; nth < 3; nth += 1) expect(await publishAs(0, "room-a", "typing")).to.equal("forbidden");
    expect(await spied.settled()).to.deep.equal([]);
  });
});
