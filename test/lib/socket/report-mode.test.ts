import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { z } from "zod";
import { anyone, memoryStore, role, signedIn, type Authenticator, type GuardAuditEvents } from "../../../lib/index.js";
import { eventually } from "../../support/eventually.js";
import { printedBy, warningsOf } from "../../support/output.js";
import { closeEverything, closeLater, connectionsOf, event, refusal, serve, signal, type Claims, type Client, type Setting } from "../../support/server.js";

const eventsOnly = { authenticate: "enforce", events: "report" } as const;

const events = {
  say: { allow: signedIn, payload: z.string().transform((text) => text.trim()) },
  ban: role("admin"),
  ask: () => Promise.resolve(false),
  kick: { allow: role("admin"), onDenied: "disconnect" },
  hello: anyone,
} as const;

/** A server in report mode, and what it tells. */
async function reporting(setting: Setting = {}) {
  const { result } = warningsOf(() => serve({ mode: "report", events, ...setting }));
  const served = await result;
  const told: { -readonly [Name in keyof GuardAuditEvents]?: GuardAuditEvents[Name][] } = {};
  for (const name of ["refused", "denied", "ended", "wouldRefuse", "wouldDeny", "wouldEnd"] as const) {
    served.guarded.on(name, (what) => ((told[name] ??= []) as unknown[]).push(what));
  }
  closeLater(() => void printedBy(() => served.guarded.close()));
  return { ...served, told };
}

/** What handlers are given, in order. */
function handled(served: Awaited<ReturnType<typeof reporting>>, ...undeclared: string[]): unknown[][] {
  const all: unknown[][] = [];
  served.io.on("connection", (socket) => {
    for (const name of [...Object.keys(events), ...undeclared]) {
      socket.on(name, (...args: unknown[]) => {
        all.push([name, ...args.filter((arg) => typeof arg !== "function")]);
        const ack = args.at(-1);
        if (typeof ack === "function") (ack as (answer: string) => void)("answered");
      });
    }
  });
  return all;
}

/** Everything that the guard tells a client. */
function noticesTo(client: Client): string[] {
  const names: string[] = [];
  client.onAny((name: string) => names.push(name));
  return names;
}

describe('mode: "report"', () => {
  afterEach(closeEverything);

  it("hands events on at once while a `guard:refresh` before them waits for its authenticator", async () => {
    const asked = signal();
    const answered = signal();
    let count = 0;
    const slow: Authenticator<Claims> = {
      name: "slow",
      authenticate: async () => {
        if ((count += 1) === 1) return undefined;
        asked.settle();
        await answered.promise;
        return undefined;
      },
    };
    const served = await reporting({ authenticate: slow, queue: 1 });
    handled(served);
    const client = served.connect();
    await event(client, "connect");
    const refreshed = client.emitWithAck("guard:refresh", { token: "x" });
    await asked.promise;
    for (let sent = 0; sent < 5; sent += 1) expect(await client.emitWithAck("hello")).to.equal("answered");
    answered.settle();
    expect(await refreshed).to.have.nested.property("error.guard", true);
  });

  it("counts an ack that would be denied as an event, so that not more are denied than have arrived", async () => {
    const served = await reporting();
    const { raw, socket } = await served.rawMember();
    const answered = new Promise((resolve) => { socket.emit("question", resolve); });
    const question = await raw.next((frame) => frame.includes("question"));
    raw.send(`43${/\d+/.exec(question)![0].slice(2)}[${"[".repeat(100)}${"]".repeat(100)}]`);
    await answered;
    expect(served.guarded.report()).to.deep.include({ events: 1 });
    expect(served.guarded.report().wouldDeny.map(({ event: name, count }) => [name, count])).to.deep.equal([["(acks)", 1]]);
  });

  it("connects clients that would be refused, tells them nothing, and leaves their handshakes as they are", async () => {
    const served = await reporting();
    const client = served.connect("/", { auth: { token: "x.y.z" }, extraHeaders: { authorization: "Bearer x" } });
    const notices = noticesTo(client);
    const connection = event<{ id: string; data: object; handshake: { auth: object; headers: object } }>(served.io, "connection");
    const { id, data, handshake } = await connection;
    handled(served);
    await event(client, "connect");
    expect(handshake.auth).to.deep.equal({ token: "x.y.z" });
    expect(handshake.headers).to.include({ authorization: "Bearer x" });
    expect(data).to.deep.equal({});
    expect(notices).to.deep.equal([]);
    expect(served.told.wouldRefuse).to.have.lengthOf(1);
    expect(served.told.wouldRefuse![0]).to.deep.include({ code: "token_malformed", namespace: "/", address: "127.0.0.1" });
    expect(served.told.refused).to.equal(undefined);
    expect(served.guarded.session(served.io.of("/").sockets.get(id)!)).to.include({ subject: undefined });
  });

  it("gives a client that would be admitted what it gets from a guard that enforces", async () => {
    const { member, told } = await reporting();
    const { client, socket } = await member();
    expect((socket.data as { user: { sub: string } }).user.sub).to.equal("alice");
    expect(await client.emitWithAck("guard:refresh", {})).to.have.nested.property("error.code", "token_missing");
    expect(told.wouldRefuse).to.equal(undefined);
  });

  it("lets denied events reach their handlers with what the client sent, and allowed events with what their schemas return", async () => {
    const served = await reporting();
    const all = handled(served, "other");
    const { client } = await served.member();
    const notices = noticesTo(client);
    client.emit("say", 7);
    client.emit("say", " hi ");
    client.emit("ban", "bob");
    client.emit("other", { a: 1 });
    expect(await client.emitWithAck("kick", "bob")).to.equal("answered");
    expect(all).to.deep.equal([["say", 7], ["say", "hi"], ["ban", "bob"], ["other", { a: 1 }], ["kick", "bob"]]);
    expect(notices).to.deep.equal([]);
    expect(client.connected).to.equal(true);
    expect(served.told.wouldDeny!.map(({ event: name, code, rule, reason }) => ({ name, code, rule, reason }))).to.deep.equal([
      { name: "say", code: "payload_invalid", rule: "signedIn", reason: 'Argument 1 of "say" is not valid.' },
      { name: "ban", code: "forbidden", rule: 'role("admin")', reason: 'the check role("admin") returned false' },
      { name: "other", code: "event_unlisted", rule: undefined, reason: "no rule declares it" },
      { name: "kick", code: "forbidden", rule: 'role("admin")', reason: 'the check role("admin") returned false' },
    ]);
    expect(served.told.wouldDeny![0]!.issues).to.have.lengthOf(1);
    expect(served.told.wouldEnd).to.have.lengthOf(1);
    expect(served.told.wouldEnd![0]).to.include({ code: "forbidden", subject: "alice" });
    expect(served.told.denied).to.equal(undefined);
  });

  it("does not let an event wait for an asynchronous check", async () => {
    let answer: (isAllowed: boolean) => void = () => {};
    const served = await reporting({ events: { ...events, ask: () => new Promise<boolean>((resolve) => { answer = resolve; }) } });
    const all = handled(served);
    const { client } = await served.member();
    client.emit("ask", 1);
    expect(await client.emitWithAck("hello")).to.equal("answered");
    expect(all).to.deep.equal([["ask", 1], ["hello"]]);
    expect(served.guarded.report().wouldDeny).to.deep.equal([]);
    answer(false);
    await eventually(() => served.told.wouldDeny?.length === 1, "the denial is told");
  });

  it("keeps a session that has expired, and says once that it would have ended", async () => {
    const served = await reporting();
    handled(served);
    const { client } = await served.member();
    served.clock.advance(3_600_001);
    for (let count = 0; count < 2; count += 1) expect(await client.emitWithAck("hello")).to.equal("answered");
    await eventually(() => served.told.wouldEnd?.length === 1, "the end is told");
    expect(served.told.wouldEnd![0]).to.include({ code: "token_expired", subject: "alice" });
    expect(served.told.wouldDeny!.map(({ code, event: name }) => [name, code])).to.deep.equal([["hello", "token_expired"], ["hello", "token_expired"]]);
    expect(await client.emitWithAck("guard:refresh", { token: served.token() })).to.have.property("expiresIn");
    expect(await client.emitWithAck("hello")).to.equal("answered");
    expect(served.told.wouldDeny).to.have.lengthOf(2);
  });

  it("keeps the sockets of users who are revoked or disconnected, and says that they would have ended", async () => {
    const served = await reporting({ store: memoryStore() });
    handled(served);
    const { client } = await served.member();
    const { client: other } = await served.member("/", { auth: { token: served.token({ sub: "bob" }) } });
    await served.guarded.revoke({ subject: "alice" });
    served.guarded.disconnectUser("bob");
    await served.guarded.revoke({ subject: "alice" });
    expect(served.told.wouldEnd!.map(({ subject, code }) => [subject, code])).to.deep.equal([["alice", "token_revoked"], ["bob", "session_ended"]]);
    for (const one of [client, other]) expect(await one.emitWithAck("hello")).to.equal("answered");
    expect(served.told.wouldDeny!.map(({ code }) => code)).to.deep.equal(["token_revoked", "session_ended"]);
    const gone = event(client, "news");
    served.guarded.toUser("alice").emit("news");
    await gone;
    client.disconnect();
    await eventually(() => served.told.ended?.length === 1, "the end is told");
    expect(served.told.ended![0]).to.include({ code: "disconnected" });
  });

  it("connects a page of a forbidden origin", async () => {
    const served = await reporting({ origins: ["https://chat.example"] });
    const client = served.connect("/", { extraHeaders: { origin: "https://evil.example" } });
    await event(client, "connect");
    expect(served.told.wouldRefuse).to.have.lengthOf(1);
    expect(served.told.wouldRefuse![0]).to.include({ code: "origin_forbidden", origin: "https://evil.example" });
  });

  it("connects a client whose address has failed too often, and keeps a connection that nobody logs in on", async () => {
    const served = await reporting({ login: { timeout: 50 } });
    const raw = await served.raw();
    for (let count = 0; count < 12; count += 1) await event(served.connect("/", { auth: { token: served.token().replace(/.$/, "") } }), "connect");
    expect(served.told.wouldRefuse!.map(({ code }) => code)).to.include("rate_limited");
    await eventually(() => served.told.wouldRefuse!.some(({ code }) => code === "login_timeout"), "the login timeout is told");
    expect(await raw.connect("/", {})).to.match(/^40/);
  });

  it("counts undeclared events together, so that clients cannot fill the memory", async () => {
    const served = await reporting();
    handled(served);
    const { raw } = await served.rawMember();
    for (let count = 0; count < 500; count += 1) raw.send(`42["name ${count}"]`);
    raw.send('421["hello"]');
    await raw.next((frame) => frame.startsWith("431"));
    expect(served.guarded.report()).to.deep.include({
      handshakes: 1, events: 501, wouldRefuse: [],
      wouldDeny: [{ event: "undeclared", code: "event_unlisted", reason: "no rule declares it", count: 500 }],
      wouldEnd: [{ code: "rate_limited", reason: "more events were denied than `disconnectAfter`, 20/10s, allows", count: 1 }],
    });
    expect(served.guarded.stats()).to.deep.include({ allowed: 1, denied: 0, mode: { authenticate: "report", events: "report" } });
  });

  it("says at the start that nothing is protected, and at the end what would have been stopped", async () => {
    const { result, warnings } = warningsOf(() => serve({ mode: "report", events }));
    expect(warnings).to.have.lengthOf(1);
    expect(warnings[0]).to.match(/^REPORT_MODE: NOTHING IS PROTECTED/);
    const served = await result;
    const { client } = await served.member();
    served.io.of("/").sockets.get(client.id!)!.on("say", (_text: unknown, ack: () => void) => ack());
    await client.emitWithAck("say", 7);
    const [line, ...more] = printedBy(() => served.guarded.close());
    expect(line).to.match(/^socket\.io-guard, report mode: in \d s, 1 event of 1 would have been denied: 1 say \(payload_invalid: Argument 1 of "say" is not valid\)\. 0 handshakes of 1 would have been refused\. 0 sessions would have ended\.$/);
    expect(more).to.deep.equal([]);
    expect(client.connected).to.equal(true);
    expect(printedBy(() => served.guarded.close())).to.deep.equal([]);
  });

  it("prints the report when the process exits without closing the guard", async () => {
    const before = new Set(process.listeners("exit"));
    await warningsOf(() => serve({ mode: "report", events })).result;
    const [print] = process.listeners("exit").filter((listener) => !before.has(listener));
    expect(printedBy(() => print!(0))).to.have.lengthOf(1);
    expect(new Set(process.listeners("exit"))).to.deep.equal(before);
  });
});

describe('mode: { authenticate: "enforce", events: "report" }', () => {
  afterEach(closeEverything);

  it("refuses clients and ends sessions, but lets their events through", async () => {
    const served = await reporting({ mode: eventsOnly });
    const all = handled(served);
    const refused = await refusal(served.connect("/", { auth: {} }));
    expect(refused.data!.code).to.equal("token_missing");
    const { client, socket } = await served.member();
    expect(socket.handshake.auth).to.deep.equal({});
    for (let count = 0; count < 25; count += 1) client.emit("ban", count);
    expect(await client.emitWithAck("hello")).to.equal("answered");
    expect(all).to.have.lengthOf(26);
    expect(served.told.wouldEnd!.map(({ code }) => code)).to.deep.equal(["rate_limited"]);
    const bye = event<{ code: string }>(client, "guard:bye");
    served.clock.advance(3_600_001);
    client.emit("hello");
    expect((await bye).code).to.equal("token_expired");
    await eventually(() => connectionsOf(served.io) === 0, "the connection is closed");
    expect(served.guarded.report()).to.deep.include({ handshakes: 0, events: 26 });
  });

  it("says at the start that events are not protected", async () => {
    const { result, warnings } = warningsOf(() => serve({ mode: eventsOnly, events }));
    expect(warnings[0]).to.match(/^REPORT_MODE: EVENTS ARE NOT PROTECTED/);
    const { guarded } = await result;
    const lines = printedBy(() => guarded.close());
    expect(lines[0]).to.contain("0 events of 0 would have been denied. 0 sessions would have ended.");
  });
});
