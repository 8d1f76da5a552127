import { expect } from "chai";
import session from "express-session";
import { afterEach, describe, it } from "mocha";
import { anonymous, type Denial } from "../../../lib/index.js";
import { askUntil } from "../../support/ask-until.js";
import { startClock } from "../../support/clock.js";
import { eventually } from "../../support/eventually.js";
import { closeEverything, event } from "../../support/server.js";
import { openSite } from "./site.js";

const hour = 3_600_000;
const lasting = { cookie: { maxAge: hour } };
const bye = (client: Parameters<typeof event>[0]) => event<{ code: string }>(client, "guard:bye").then(({ code }) => code);

describe("expressSession()", () => {
  afterEach(closeEverything);

  it("connects a user who has signed in with Passport, until the session expires", async () => {
    const { browser, guarded } = await openSite({ session: lasting });
    const alice = browser();
    expect(await alice.logIn("alice")).to.equal(200);
    const before = Date.now();
    const { client, socket } = await alice.connect();
    expect(await client.emitWithAck("message")).to.equal("done");
    expect(await client.emitWithAck("ban")).to.have.nested.property("error.code", "forbidden");
    expect(socket.data).to.deep.equal({ user: { sub: "alice" } });
    const held = guarded.session(socket)!;
    expect(held).to.include({ subject: "alice", method: "expressSession" });
    expect(held.expiresAt).to.be.within(before, before + hour);
  });

  it("removes the cookie of the session from the handshake, and no other", async () => {
    const { browser } = await openSite();
    const alice = browser();
    await alice.logIn("alice");
    const { socket } = await alice.connect();
    expect(socket.handshake.headers.cookie).to.equal("theme=dark");
  });

  it("ends the sockets of a user who signs out, in all tabs, and does not let them back in", async () => {
    const { browser } = await openSite({ guard: { pollInterval: 20 } });
    const alice = browser();
    await alice.logIn("alice");
    const signedIn = alice.cookie;
    const ends = [(await alice.connect()).client, (await alice.connect()).client].map(bye);
    expect(await alice.post("/logout")).to.equal(200);
    expect(await Promise.all(ends)).to.deep.equal(["session_ended", "session_ended"]);
    alice.cookie = signedIn;
    expect(await alice.refusal()).to.equal("token_missing");
  });

  it("ends them at once if the route revokes the session", async () => {
    const { browser } = await openSite({ guard: { pollInterval: "1h" } });
    const [alice, other] = [browser(), browser()];
    await Promise.all([alice.logIn("alice"), other.logIn("alice")]);
    const [{ client }, { client: stays }] = [await alice.connect(), await other.connect()];
    const end = bye(client);
    await alice.post("/logout-everywhere");
    expect(await end).to.equal("token_revoked");
    expect(await stays.emitWithAck("message")).to.equal("done");
  });

  it("ends the sockets of a user when another one signs in with the same browser, whose cookie a refresh does not take", async () => {
    const { browser, guarded } = await openSite({ guard: { pollInterval: 200 } });
    const both = browser();
    await both.logIn("alice");
    const { client } = await both.connect();
    const refreshed: unknown[] = [];
    guarded.on("refreshed", (fact) => refreshed.push(fact));
    const end = bye(client);
    await both.logIn("bob");
    const answer = await Promise.race([client.emitWithAck("guard:refresh", {}) as Promise<{ error: { code: string } }>, end]);
    expect(typeof answer === "string" ? answer : answer.error.code).to.be.oneOf(["token_missing", "session_ended"]);
    expect(await end).to.equal("session_ended");
    expect(refreshed).to.deep.equal([]);
    expect(guarded.session((await both.connect()).socket)!.subject).to.equal("bob");
  });

  it("ends a socket whose session now belongs to another user", async () => {
    const { browser } = await openSite({ guard: { pollInterval: 20, claims: ({ user }) => ({ sub: user.name }) } });
    const both = browser();
    await both.post("/be", { name: "alice", role: "member" });
    const { client } = await both.connect();
    const end = bye(client);
    await both.post("/be", { name: "bob", role: "member" });
    expect(await end).to.equal("session_ended");
  });

  it("shows rules the claims as they are in the session now", async () => {
    const { browser, guarded } = await openSite({ guard: { pollInterval: 20, claims: ({ user }) => ({ sub: user.name, role: user.role }) } });
    const alice = browser();
    await alice.post("/be", { name: "alice", role: "member" });
    const { client, socket } = await alice.connect();
    // On a busy machine, what was read may be too old for a moment.
    const ban = async () => (await askUntil((answer) => (answer as { error?: Denial }).error?.code !== "unavailable", () => client.emitWithAck("ban") as Promise<unknown>)).at(-1);
    expect(await ban()).to.have.nested.property("error.code", "forbidden");
    await alice.post("/be", { name: "alice", role: "admin" });
    await eventually(() => guarded.session(socket)!.claims.role === "admin", "the session is read again");
    expect(await ban()).to.equal("done");
  });

  it("refuses a cookie that is not signed with its secret", async () => {
    const { browser, refused } = await openSite();
    const alice = browser();
    await alice.logIn("alice");
    const real = alice.cookie!;
    const stranger = await openSite({ session: { secret: "another secret" } });
    const elsewhere = stranger.browser();
    await elsewhere.logIn("alice");
    const id = decodeURIComponent(real).slice("connect.sid=s:".length).split(".")[0]!;
    for (const cookie of [real.replace(/.$/, (last) => last === "A" ? "B" : "A"), real.replace("s%3A", "s%3Ax"), `connect.sid=${id}`, `connect.sid=s%3A${id}`, `connect.sid=s%3A${id}.`, elsewhere.cookie!]) {
      alice.cookie = cookie;
      expect(await alice.refusal()).to.equal("credential_invalid");
    }
    expect(refused[0]!.reason).to.equal("the cookie of express-session is not signed with `secret`");
    expect(JSON.stringify(refused)).to.not.contain(id);
  });

  it("accepts each secret of a list, and the name of the cookie that it is given", async () => {
    const store = new session.MemoryStore();
    const old = await openSite({ session: { store, secret: "old", name: "sid" }, guard: { name: "sid" } });
    const alice = old.browser();
    await alice.logIn("alice");
    const { browser } = await openSite({ session: { store, secret: ["new", "old"], name: "sid" }, guard: { name: "sid" } });
    const later = browser();
    later.cookie = alice.cookie;
    expect(alice.cookie).to.match(/^sid=/);
    await later.connect();
  });

  it("leaves a client in whose session nobody is signed in to the next authenticator", async () => {
    for (const [then, outcome] of [[[anonymous()], "a guest"], [[], "token_missing"]] as const) {
      const { browser, guarded } = await openSite({ session: { saveUninitialized: true }, then });
      const visitor = browser();
      const open = async () => then.length === 0 ? visitor.refusal() : guarded.session((await visitor.connect()).socket)!.subject ?? "a guest";
      expect(await open()).to.equal(outcome);
      await visitor.post("/visit");
      expect(visitor.cookie).to.match(/^connect\.sid=/);
      expect(await open()).to.equal(outcome);
    }
  });

  it("ends a socket when its session expires, unless a request has moved its end", async () => {
    const clock = startClock();
    const { browser, guarded } = await openSite({ session: { ...lasting, rolling: true }, guard: { pollInterval: 20 } });
    const alice = browser();
    await alice.logIn("alice");
    const { client, socket } = await alice.connect();
    const { expiresAt } = guarded.session(socket)!;
    clock.advance(hour / 2);
    await alice.post("/visit");
    await eventually(() => guarded.session(socket)!.expiresAt >= expiresAt + hour / 2, "the end has moved");
    const end = bye(client);
    clock.advance(hour + 1);
    client.emit("message", () => undefined);
    expect(await end).to.equal("credential_expired");
  });

  it("neither saves nor touches a session", async () => {
    const store = new session.MemoryStore();
    const { browser } = await openSite({ session: { ...lasting, store, resave: true, rolling: true }, guard: { pollInterval: 10 } });
    const alice = browser();
    await alice.logIn("alice");
    const calls: string[] = [];
    for (const name of ["set", "touch", "destroy"] as const) store[name] = () => void calls.push(name);
    let reads = 0;
    const get = store.get.bind(store);
    store.get = (id, callback) => { reads += 1; get(id, callback); };
    const { client } = await alice.connect();
    await client.emitWithAck("message");
    await eventually(() => reads > 3, "the session is read again");
    expect(calls).to.deep.equal([]);
  });
});
