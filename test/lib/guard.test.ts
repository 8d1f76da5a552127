// guard(io, options): when it refuses to start, what it tells, and that no credential or payload is ever told.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer } from "node:http";
import { Server, type Socket } from "socket.io";
import { deny, every, guard, GuardError, type GuardAuditEvents } from "../../lib/index.js";
import { openRaw } from "../support/raw.js";
import { eventually } from "../support/eventually.js";
import { closeEverything, closeLater, event, listen, makeTokens, nextTurn, nextUncaught, refusal, serve, signal, someEvents } from "../support/server.js";

const facts: (keyof GuardAuditEvents)[] = ["connected", "refreshed", "refused", "denied", "ended", "failed"];

describe("guard(io, options)", () => {
  afterEach(closeEverything);

  it("refuses a second guard on the same server", async () => {
    const { io, tokens } = await serve();
    expectStop(() => guard(io, { authenticate: tokens, events: someEvents }), "already_guarded",
      "This server is guarded already: call guard(io, ...) once, and guarded.of(...) for a namespace.");
  });

  it("refuses allowEIO3, and says why", () => {
    const { tokens } = makeTokens();
    const start = (options: object) => () => guard(new Server(options), { authenticate: tokens, events: someEvents });
    expectStop(start({ allowEIO3: true }), "eio3_unsupported",
      "allowEIO3 takes handshake.auth from the query string, where tokens end up in logs: take it out of the server's options.");
  });

  it("refuses what is no Socket.IO server", () => {
    const { tokens } = makeTokens();
    expectStop(() => guard({ of: () => {}, bind: () => {}, sockets: {} } as never, { authenticate: tokens, events: someEvents }), "socketio_unsupported", /use socket\.io 4\.8/);
  });

  for (const namespace of ["/", "/admin", "/room-1"]) {
    it(`refuses a server on which a socket is connected already, in ${namespace}`, async () => {
      const { io, address } = await bare();
      const early = await openRaw(address);
      closeLater(() => early.close());
      await early.connect(namespace);
      expectStop(() => guard(io, { authenticate: makeTokens().tokens, events: someEvents }), "socket_connected", /before the server listens/);
    });
  }

  it("refuses a server on which a socket is connecting: it would come in without a gate", async () => {
    const { io, address } = await bare();
    const asked = signal<() => void>();
    io.use((_socket, next) => asked.settle(next));
    const early = await openRaw(address);
    closeLater(() => early.close());
    early.send("40");
    const next = await asked.promise;
    expectStop(() => guard(io, { authenticate: makeTokens().tokens, events: someEvents }), "socket_connected", /connecting/);
    next();
  });

  it("guards a client whose transport was open before", async () => {
    const { io, address } = await bare();
    const early = await openRaw(address);
    closeLater(() => early.close());
    guard(io, { authenticate: makeTokens().tokens, events: someEvents });
    expect(await early.connect("/", {})).to.match(/^44.*token_missing/);
  });

  it("session(socket) answers the session of a socket, and undefined for others", async () => {
    const { guarded, member } = await serve();
    const { socket } = await member();
    expect(guarded.session(socket)).to.include({ id: socket.id, subject: "alice", method: "jwt" });
    expect(guarded.session({ id: socket.id, conn: undefined })).to.equal(undefined);
    expect(guarded.session({} as Socket)).to.equal(undefined);
  });

  it("stats() counts", async () => {
    const { guarded, member, connect } = await serve();
    const fixed = { ready: true, notReady: [], mode: { authenticate: "enforce", events: "enforce" }, limitHits: {}, failures: {}, pendingHandshakes: 0, waiting: 0, memberships: 0 };
    expect(guarded.stats()).to.deep.equal({ ...fixed, sessions: 0, allowed: 0, denied: 0, refused: 0, verdicts: [], handshakes: [] });
    await refusal(connect("/", { auth: {} }));
    const { client, socket } = await member();
    socket.on("message", (ack: () => void) => ack());
    await client.emitWithAck("message");
    await client.emitWithAck("secret");
    expect(guarded.stats()).to.deep.equal({
      ...fixed, sessions: 1, allowed: 1, denied: 1, refused: 1,
      verdicts: [{ event: "message", code: "allowed", count: 1 }, { event: "undeclared", code: "event_unlisted", count: 1 }],
      handshakes: [{ method: "none", code: "token_missing", count: 1 }, { method: "jwt", code: "connected", count: 1 }],
    });
  });

  it("tells the same facts through on(...) and diagnostics_channel, with no token and no payload in them", async () => {
    const told: Record<string, unknown[]> = {};
    const published: Record<string, unknown[]> = {};
    const { guarded, io, raw, rawMember, token, member, ring } = await serve({ cookie: "access_token", origins: "same-origin", events: {
      own: () => deny("only your own"), broken: every(() => { throw new Error("a check's own"); }),
    } });
    for (const name of facts) {
      guarded.on(name, (fact: unknown) => (told[name] ??= []).push(fact));
      // The channels are the process's: guards of other tests, whose stores are gone, go on saying so.
      const hear = (fact: unknown) => { if ((fact as { source?: string }).source !== "store") (published[name] ??= []).push(fact); };
      subscribe(`socket.io-guard:${name}`, hear);
      closeLater(() => unsubscribe(`socket.io-guard:${name}`, hear));
    }
    io.of("/admin");
    const held = token();
    const bad = await raw({ headers: { Cookie: `access_token=${held}x` } });
    await bad.connect("/", { token: `${held}y`, password: "hidden-password" });
    const good = await raw({ headers: { Cookie: `access_token=${held}` } });
    await good.connect("/admin");
    good.send('42/admin,1["own","hidden-payload"]', '42/admin,2["broken",{"text":"hidden-payload"}]', '42/admin,3["secret","hidden-payload"]', "42/admin,4");
    await good.next((frame) => frame.startsWith("43/admin,4"));
    const fresh = token();
    good.send(`42/admin,5${JSON.stringify(["guard:refresh", { token: fresh, password: "hidden-password" }])}`);
    await good.next((frame) => frame.startsWith("43/admin,5"));
    const { client } = await member();
    client.disconnect();
    await rawMember();
    ring.revoke({ kid: "first" });
    await good.closed;
    await nextTurn();
    expect(published).to.deep.equal(told);
    expect(Object.keys(told).sort()).to.deep.equal([...facts].sort());
    const codes = (name: string) => told[name]!.map((fact) => (fact as { code: string }).code);
    expect(told["refreshed"]).to.have.lengthOf(1);
    expect(codes("refused")).to.deep.equal(["token_invalid"]);
    expect(codes("denied")).to.deep.equal(["forbidden", "check_failed", "event_unlisted", "event_malformed"]);
    expect(codes("ended")).to.have.members(["disconnected", "token_invalid", "token_invalid"]);
    expect(told["connected"]![0]).to.have.all.keys("id", "subject", "method", "namespace", "address").and.deep.include({ subject: "alice", namespace: "/admin", address: "127.0.0.1" });
    const everything = JSON.stringify(told);
    for (const hidden of [held, held.split(".")[2]!, fresh, fresh.split(".")[2]!, "hidden", "only your own"]) expect(everything).to.not.contain(hidden);
  });

  it("on(...) throws for an unknown audit event", async () => {
    const { guarded } = await serve();
    expectStop(() => guarded.on("conected" as never, () => {}), "audit_event_unknown", /There is no audit event "conected"\. The audit events are connected, refreshed, refused, denied, roomJoined, roomLeft, wouldRefuse, wouldDeny, wouldEnd, ended, limitHit, .*, failed/);
  });

  it("a listener that throws keeps neither the others nor the guard from what they do, and is heard of as uncaught", async () => {
    const { guarded, member, ring } = await serve();
    const { client } = await member();
    const told: string[] = [];
    guarded.on("ended", () => { throw new Error("a listener of the host's"); });
    guarded.on("ended", ({ code }) => told.push(code));
    const uncaught = nextUncaught();
    const closed = event(client, "disconnect");
    ring.revoke({ kid: "first" });
    expect((await uncaught).message).to.equal("a listener of the host's");
    expect(await closed).to.equal("io server disconnect");
    expect(told).to.deep.equal(["token_invalid"]);
  });

  it("userChanged needs no findUser: rules may read what the host keeps itself", async () => {
    const { guarded } = await serve();
    expect(await guarded.userChanged("alice")).to.equal(undefined);
  });

  it("userChanged has a check asked again that is at work for an event: what it has read may be outdated", async () => {
    const banned = new Set<string>();
    const calls: (() => void)[] = [];
    const message = ({ user }: { user: unknown }) => {
      const isAllowed = !banned.has((user as { sub: string }).sub);
      return new Promise<boolean>((resolve) => { calls.push(() => resolve(isAllowed)); });
    };
    const { guarded, member } = await serve({ events: { message } });
    const { client } = await member();
    const answer = client.emitWithAck("message");
    await eventually(() => calls.length === 1, "the event is checked");
    banned.add("alice");
    await guarded.userChanged("alice");
    calls[0]!();
    await eventually(() => calls.length === 2, "the check is asked again");
    calls[1]!();
    expect(await answer).to.have.nested.property("error.code", "forbidden");
  });

  it("refuses allowEIO3 of an engine that is attached later", () => {
    const io = new Server();
    guard(io, { authenticate: makeTokens().tokens, events: someEvents });
    const web = createServer();
    expectStop(() => io.attach(web, { allowEIO3: true }), "eio3_unsupported", /allowEIO3/);
  });

  it("guarded.of refuses options that it does not know, rules that are none, and patterns that remember", async () => {
    const { guarded } = await serve();
    expectStop(() => guarded.of("/a", { event: {} } as never), "option_unknown", 'guarded.of() has no option `event`. Did you mean `events`?');
    expectStop(() => guarded.of("/a", { events: { say: true } } as never), "rule_invalid", /The rule of "say"/);
    expectStop(() => (guarded.of as (name: string) => unknown)("/a"), "option_missing", /needs options/);
    expectStop(() => guarded.of("/a", { events: undefined } as never), "option_undefined", /events: undefined/);
    expectStop(() => guarded.of("/a", { authenticate: [] }), "option_missing", /authenticate/);
    expectStop(() => guarded.of("/a", { authenticate: makeTokens("access_token").tokens }), "option_missing", /jwt reads cookies/);
    for (const pattern of [/^\/a/g, /^\/a/y, 1 as never]) expectStop(() => guarded.of(pattern, {}), "option_invalid", /without the flags g and y/);
  });

  it("guarded.of refuses a namespace with sockets: they would keep the rules that they connected under", async () => {
    const { guarded, io, member } = await serve();
    io.of("/room-1");
    io.of("/empty");
    await member("/room-1");
    for (const namespace of ["/room-1", "room-1", /^\/room-/]) expectStop(() => guarded.of(namespace, { events: {} }), "socket_connected", /before the server listens/);
    guarded.of("/empty", { events: {} }).of(/^\/other-/, { events: {} });
  });

  it("guarded.of refuses a namespace in which a socket is connecting", async () => {
    const { guarded, io, connect } = await serve();
    const asked = signal<() => void>();
    io.of("/slow").use((_socket, next) => asked.settle(next));
    const client = connect("/slow");
    const next = await asked.promise;
    expectStop(() => guarded.of("/slow", { events: {} }), "socket_connected", /connecting/);
    next();
    await event(client, "connect");
  });

  it("guarded.of takes a name without its slash, what was said last of a name, and names before patterns", async () => {
    const { guarded, io, connect } = await serve();
    guarded.of(/^\/a/, { events: { pattern: () => true } }).of("admin", { events: { first: () => true } }).of("/admin", { events: { last: () => true } });
    io.of("/admin").on("connection", (socket) => socket.onAny((...args: unknown[]) => (args.at(-1) as (text: string) => void)("ran")));
    const client = connect("/admin");
    expect(await client.emitWithAck("last")).to.equal("ran");
    for (const name of ["first", "pattern"]) expect(await client.emitWithAck(name)).to.have.nested.property("error.code", "event_unlisted");
  });
});

async function bare(): Promise<{ io: Server; address: string }> {
  const web = createServer();
  const io = new Server(web);
  io.of("/admin");
  io.of(/^\/room-/);
  closeLater(() => io.close());
  return { io, address: await listen(web) };
}

function expectStop(start: () => unknown, code: string, sentence: string | RegExp): void {
  let stopped: unknown;
  try {
    start();
  } catch (error) {
    stopped = error;
  }
  expect(stopped).to.be.instanceOf(GuardError);
  const { code: found, message } = stopped as GuardError;
  expect(found).to.equal(code);
  if (typeof sentence === "string") expect(message).to.equal(sentence);
  else expect(message).to.match(sentence);
}
