// What guarded.stats() counts, on real servers.
import { expect } from "chai";
import { Registry } from "prom-client";
import { anonymous, anyone, signedIn, type Authenticator } from "../../../lib/index.js";
import { guardMetrics } from "../../../lib/prometheus/index.js";
import { closeEverything, event, refusal, serve, type Claims } from "../../support/server.js";
import { eventually } from "../../support/eventually.js";
import { StoreInMemory } from "../../support/revocations.js";

describe("guarded.stats()", () => {
  afterEach(closeEverything);

  const verdictsOf = ({ verdicts }: { readonly verdicts: readonly { readonly event: string; readonly code: string; readonly count: number }[] }) =>
    Object.fromEntries(verdicts.map(({ event, code, count }) => [`${event} ${code}`, count]));

  it("counts 10,000 events that nobody has declared as one", async () => {
    const { guarded, rawMember } = await serve({ events: { message: signedIn }, undeclared: anyone, limits: { connection: false } });
    const { raw } = await rawMember();
    for (let nth = 0; nth < 10_000; nth += 1) raw.send(`42["made up ${nth}"]`);
    for (const odd of ["guard:made up", "connection"]) raw.send(`42["${odd}"]`);
    raw.send('42["__proto__"]', '42["toString"]', '42[1]', '421["message"]');
    await raw.next((frame) => frame.includes("event_malformed"));
    expect(verdictsOf(guarded.stats())).to.deep.equal({ "undeclared allowed": 10_002, "undeclared event_unlisted": 2, "undeclared event_malformed": 1, "message allowed": 1 });
  });

  it("counts verdicts by event in all namespaces, by the guard's own events, and on when rules are replaced", async () => {
    const { guarded, io, member } = await serve({ events: { message: signedIn }, rooms: { lobby: { join: signedIn, publish: { typing: signedIn } } } });
    io.of("/admin");
    guarded.of("/admin", { events: { message: () => false } });
    const { client, socket } = await member();
    const admin = await member("/admin");
    for (const one of [socket, admin.socket]) one.on("message", (ack: () => void) => ack());
    await client.emitWithAck("message");
    await admin.client.emitWithAck("message");
    await client.emitWithAck("guard:join", { room: "lobby" });
    await client.emitWithAck("guard:join", { room: "attic" });
    await client.emitWithAck("guard:publish", { room: "lobby", event: "typing" });
    guarded.updateRules({ events: { message: signedIn } });
    await client.emitWithAck("message");
    expect(verdictsOf(guarded.stats())).to.deep.equal({
      "message allowed": 2, "message forbidden": 1, "guard:join allowed": 1, "guard:join room_unlisted": 1, "guard:publish allowed": 1,
    });
    expect(guarded.stats()).to.include({ allowed: 2, denied: 2, memberships: 1 });
    client.disconnect();
    await event(socket, "disconnect");
    expect(guarded.stats().memberships).to.equal(0);
  });

  it("knows how many packets wait behind an asynchronous check, and forgets those of clients that are gone", async () => {
    let asked: () => void = () => undefined;
    const check = new Promise<void>((resolve) => { asked = resolve; });
    const { guarded, rawMember } = await serve({ events: { slow: async () => { asked(); return new Promise<boolean>(() => undefined); }, message: signedIn } });
    guarded.on("failed", () => undefined);
    const { raw, socket } = await rawMember();
    raw.send('42["slow"]');
    await check;
    for (let nth = 0; nth < 5; nth += 1) raw.send('42["message"]');
    await eventually(() => guarded.stats().waiting === 5, "five packets wait");
    const left = event(socket, "disconnect");
    raw.close();
    await left;
    expect(guarded.stats().waiting).to.equal(0);
  });

  it("counts handshakes by the authenticator that answered, and those that are under way", async () => {
    let answer: (identity: undefined) => void = () => undefined;
    const slow: Authenticator<Claims> = { name: "slow", authenticate: ({ auth }) => (auth["slow"] === true ? new Promise((resolve) => { answer = resolve; }) : undefined) };
    const broken: Authenticator<Claims> = { name: "broken", authenticate: ({ auth }) => { if (auth["broken"] === true) throw new Error("broken"); return undefined; } };
    const served = await serve({ authenticate: [slow, broken] });
    const { guarded, connect } = served;
    const waiting = refusal(connect("/", { auth: { slow: true } }));
    await eventually(() => guarded.stats().pendingHandshakes === 1, "the handshake is under way");
    answer(undefined);
    await waiting;
    guarded.on("failed", () => undefined);
    await refusal(connect("/", { auth: { broken: true } }));
    expect(guarded.stats()).to.deep.include({
      pendingHandshakes: 0, refused: 2, failures: { authenticate: 1 },
      handshakes: [{ method: "none", code: "token_missing", count: 1 }, { method: "broken", code: "unavailable", count: 1 }],
    });
  });

  it("counts guests, requests of foreign pages and connections without a session", async () => {
    const { address, guarded, connect, raw } = await serve({ authenticate: anonymous(), origins: ["https://chat.example"], login: { timeout: 2_000 } });
    await event(connect("/", { auth: {} }), "guard:session");
    await fetch(`${address}/socket.io/?EIO=4&transport=polling`, { headers: { origin: "https://evil.example" } });
    await (await raw()).closed;
    const { handshakes, refused } = guarded.stats();
    expect(refused).to.equal(2);
    expect(handshakes).to.have.deep.members([
      { method: "anonymous", code: "connected", count: 1 }, { method: "none", code: "origin_forbidden", count: 1 }, { method: "none", code: "login_timeout", count: 1 },
    ]);
  });

  it("counts a session that ends while the middlewares run as refused", async () => {
    const { guarded, io, connect } = await serve();
    io.use((_socket, next) => { guarded.disconnectUser("alice"); next(); });
    await refusal(connect());
    expect(guarded.stats().handshakes).to.deep.equal([{ method: "jwt", code: "session_ended", count: 1 }]);
  });

  it("says how old this node's knowledge of the store is", async () => {
    expect((await serve()).guarded.stats()).to.not.have.property("storeStaleness");
    const store = new StoreInMemory();
    const { guarded } = await serve({ store: { revocations: store }, maxStaleness: "1h" });
    await eventually(() => guarded.stats().ready, "the store is read");
    const { storeStaleness } = guarded.stats();
    expect(storeStaleness).to.be.within(0, 5_000);
    await eventually(() => guarded.stats().storeStaleness! > storeStaleness!, "it grows older");
  });

  it("counts audit records that wait for a sink, and those that find no place", async () => {
    const { guarded } = await serve({ audit: { sinks: [{ write: () => new Promise(() => undefined) }], buffer: 10 } });
    for (let nth = 0; nth < 25; nth += 1) guarded.record({ action: "test", actor: "alice" });
    expect(guarded.stats().audit).to.deep.equal({ waiting: 10, dropped: 15 });
    const text = await guardMetrics(guarded, { register: new Registry() }).metrics();
    expect(text).to.include("socketio_guard_audit_waiting_records 10").and.include("socketio_guard_audit_dropped_records_total 15");
  });
});
