// httpAuth on real servers: who gets in, how long they stay, and which sessions share an answer.
import { expect } from "chai";
import type { Authenticator, GuardIdentity } from "../../../lib/authenticate/authenticator.js";
import type { HttpAuthOptions } from "../../../lib/http/index.js";
import type { RefreshAnswer } from "../../../lib/client/index.js";
import { anonymous, anyone, role, signedIn, type Denial, type GuardError } from "../../../lib/index.js";
import { askUntil } from "../../support/ask-until.js";
import { closeEverything, collector, event, makeTokens, refusal, serve, type Client, type Setting } from "../../support/server.js";
import { authFor, handshake, login, says, type Login } from "./support.js";

const someEvents = { hello: anyone, message: signedIn, ban: role("admin") } as const;
const alice = { auth: { user: "alice", password: "open sesame" } };

/** A guard that asks the login server, alone or first in a chain. */
async function guarded(server: Login, { chain = [], setting = {}, ...options }: Partial<HttpAuthOptions> & { chain?: Authenticator[]; setting?: Setting } = {}) {
  const http = authFor(server.url, options);
  const served = await serve({ origins: "same-origin", events: someEvents, authenticate: [http, ...chain] as never, ...setting });
  served.io.on("connection", (socket) => socket.onAny((name: string, ack: (answer: string) => void) => ack(name)));
  return { ...served, http };
}

const codeOf = (answer: unknown): string => (typeof answer === "string" ? answer : (answer as { error: Denial }).error.code);

/** What is answered once the guard knows enough. On a busy machine, what the endpoint has said may be too old for a moment. */
const told = async (client: Client, name: string): Promise<string> => (await askUntil((code) => code !== "unavailable", async () => codeOf(await client.emitWithAck(name)))).at(-1)!;

describe("a guard with httpAuth", () => {
  afterEach(closeEverything);

  it("lets in the user that the endpoint names, with client data and server data, and removes the credentials from the handshake", async () => {
    const server = await login(says(200, { id: "alice", claims: { role: "admin" }, clientData: { theme: "dark" }, serverData: { tenant: 7 }, expiresIn: 3_600_000 }));
    const { connect, io, guarded: guard } = await guarded(server);
    const client = connect("/", { ...alice, extraHeaders: { cookie: "session=1", "user-agent": "test" } });
    const notice = await event<{ clientData: unknown; expiresIn: number }>(client, "guard:session");
    expect(notice.clientData).to.deep.equal({ theme: "dark" });
    expect(notice.expiresIn).to.be.within(3_590_000, 3_600_000);
    const socket = io.sockets.sockets.get(client.id!)!;
    expect(socket.data).to.deep.equal({ user: { sub: "alice", role: "admin" } });
    expect(guard.session(socket)).to.deep.include({ method: "httpAuth", serverData: { tenant: 7 } });
    expect(JSON.stringify(socket.handshake)).to.not.include("sesame").and.not.include("session=1");
    expect(socket.handshake.headers["user-agent"]).to.equal("test");
    expect(await client.emitWithAck("ban")).to.equal("ban");
  });

  it("refuses for good if the endpoint refuses, and for now if the endpoint fails", async () => {
    const server = await login(says(401));
    const { connect, guarded: guard } = await guarded(server);
    const failures: unknown[] = [];
    guard.on("failed", (fact) => failures.push((fact.error as GuardError).code));
    expect((await refusal(connect("/", alice))).data).to.deep.include({ code: "credential_invalid", reconnect: "never" });
    server.reply = says(500);
    expect((await refusal(connect("/", alice))).data).to.deep.include({ code: "unavailable", reconnect: "later" });
    expect(failures).to.deep.equal(["endpoint_failed"]);
  });

  it("lets in a guest if the endpoint names no user", async () => {
    const { connect } = await guarded(await login(says(200)));
    const client = connect("/", alice);
    expect(await client.emitWithAck("hello")).to.equal("hello");
    expect(codeOf(await client.emitWithAck("message"))).to.equal("token_missing");
  });

  it("works in a chain: tokens are not sent to it, guests get in, and a failed login does not become a guest", async () => {
    const server = await login((response, asked) => says(asked.authData["user"] === "alice" ? 200 : 401, "alice")(response, asked, undefined as never));
    const { tokens } = makeTokens();
    const served = await serve({ origins: "same-origin", events: someEvents, authenticate: [tokens, authFor(server.url), anonymous()] as never });
    served.io.on("connection", (socket) => socket.on("hello", (ack: (method: string) => void) => ack(served.guarded.session(socket)!.method)));
    const methods = [];
    for (const auth of [{ token: tokens.issue({ sub: "bob" } as never, { expiresIn: "1h" }) }, alice.auth, {}]) methods.push(await served.connect("/", { auth }).emitWithAck("hello") as string);
    expect(methods).to.deep.equal(["jwt", "httpAuth", "anonymous"]);
    expect((await refusal(served.connect("/", { auth: { user: "mallory" } }))).data).to.deep.include({ code: "credential_invalid" });
    expect(server.asked).to.have.length(2);
  });

  it("lets a guest log in by guard:refresh, and then refuses another user", async () => {
    const server = await login((response, asked) => says(200, String(asked.authData["user"]))(response, asked, undefined as never));
    const { connect } = await guarded(server, { chain: [anonymous()] });
    const client = connect("/", { auth: {} });
    await event(client, "guard:session");
    expect(await client.emitWithAck("guard:refresh", alice.auth) as RefreshAnswer).to.deep.equal({ expiresIn: null, expiresAt: null });
    expect(await client.emitWithAck("message")).to.equal("message");
    expect(await client.emitWithAck("guard:refresh", { user: "bob" })).to.have.nested.property("error.code", "credential_invalid");
    expect(client.connected).to.equal(true);
  });

  it("ends a session when the answer said", async () => {
    const server = await login(says(200, { id: "alice", expiresIn: 60_000 }));
    const { connect, clock } = await guarded(server);
    const client = connect("/", alice);
    const bye = event<Denial>(client, "guard:bye");
    await event(client, "guard:session");
    clock.advance(60_000);
    expect(await bye).to.deep.include({ code: "credential_expired", reconnect: "refresh" });
  });

  it("asks the endpoint again after a revocation", async () => {
    const server = await login();
    const { connect, guarded: guard } = await guarded(server);
    const client = connect("/", alice);
    await event(client, "guard:session");
    const bye = event<Denial>(client, "guard:bye");
    await guard.revoke({ subject: "alice" });
    expect((await bye).code).to.equal("token_revoked");
    await event(connect("/", alice), "guard:session");
    expect(server.asked).to.have.length(2);
  });
});

describe("an answer of httpAuth", () => {
  afterEach(closeEverything);

  it("is shared by a thousand equal handshakes, and by no other", async () => {
    const server = await login();
    const auth = authFor(server.url);
    const identities = await Promise.all(Array.from({ length: 1_000 }, () => auth.authenticate(handshake()) as Promise<GuardIdentity>));
    expect(new Set(identities.map(({ credential }) => credential)).size).to.equal(1);
    expect(server.asked).to.have.length(1);
    for (const other of [{ auth: { user: "alice" } }, { headers: { cookie: "a=1" } }, { address: "192.0.2.2" }, { namespace: "/other" }]) await auth.authenticate(handshake(other));
    expect(server.asked).to.have.length(5);
  });

  it("is asked for again after cacheFor, once for all its sockets", async () => {
    const server = await login();
    const { connect } = await guarded(server, { cacheFor: 200 });
    const clients = await Promise.all(Array.from({ length: 20 }, async () => {
      const client = connect("/", alice);
      await event(client, "guard:session");
      return client;
    }));
    const before = server.asked.length;
    await server.askedTimes(before + 3);
    // At most once in 200 ms. Twenty sockets would have asked sixty times.
    expect(server.asked.length).to.be.below(before + 6);
    expect(new Set(server.requests.map(({ body }) => body)).size).to.equal(1);
    await Promise.all(clients.map(async (client) => {
      expect(await told(client, "message")).to.equal("message");
      client.disconnect();
    }));
  });

  it("ends its sessions when the endpoint refuses, even if they are silent", async () => {
    const server = await login();
    const { connect, guarded: guard } = await guarded(server, { cacheFor: 200 });
    const clients = [connect("/", alice), connect("/", alice)];
    await Promise.all(clients.map((client) => event(client, "guard:session")));
    const ends = Promise.all(clients.map((client) => event<Denial>(client, "guard:bye")));
    server.reply = says(403);
    expect((await ends).map(({ code }) => code)).to.deep.equal(["credential_invalid", "credential_invalid"]);
    expect(guard.stats().sessions).to.equal(0);
  });

  it("ends its sessions when it names another user", async () => {
    const server = await login();
    const client = (await guarded(server, { cacheFor: 200 })).connect("/", alice);
    await event(client, "guard:session");
    server.reply = says(200, { id: "bob" });
    expect((await event<Denial>(client, "guard:bye")).code).to.equal("credential_invalid");
  });

  it("brings new claims and server data to rules and handlers of open sessions", async () => {
    const server = await login(says(200, { id: "alice", claims: { role: "member" }, serverData: { tenant: 1 } }));
    const { connect, io, guarded: guard } = await guarded(server, { cacheFor: 200 });
    const client = connect("/", alice);
    await event(client, "guard:session");
    const socket = io.sockets.sockets.get(client.id!)!;
    expect(await told(client, "ban")).to.equal("forbidden");
    server.reply = says(200, { id: "alice", claims: { role: "admin" }, serverData: { tenant: 2 } });
    // The request after the next one is made only when the next one was answered.
    await server.askedTimes(server.asked.length + 3);
    expect(await told(client, "ban")).to.equal("ban");
    expect(socket.data).to.deep.equal({ user: { sub: "alice", role: "admin" } });
    expect(guard.session(socket)!.serverData).to.deep.equal({ tenant: 2 });
    server.reply = says(200, { id: "alice", claims: { role: "member" } });
    await server.askedTimes(server.asked.length + 3);
    expect(await told(client, "ban")).to.equal("forbidden");
    expect(guard.session(socket)!.serverData).to.equal(undefined);
  });

  it("with new claims makes the client connect again if there is a findUser", async () => {
    const server = await login(says(200, { id: "alice", claims: { role: "member" } }));
    const { connect } = await guarded(server, { cacheFor: 200, setting: { findUser: (claims) => ({ ...claims }) } });
    const client = connect("/", alice);
    await event(client, "guard:session");
    server.reply = says(200, { id: "alice", claims: { role: "admin" } });
    expect(await event<Denial>(client, "guard:bye")).to.deep.include({ code: "token_expired", reconnect: "refresh" });
    expect(await told(connect("/", alice), "ban")).to.equal("ban");
  });

  it("is used for twice cacheFor while the endpoint fails; then events are unavailable until it answers", async () => {
    const server = await login();
    const failures = collector<string>(2);
    const { connect } = await guarded(server, { cacheFor: 150, onError: ({ code }) => failures.push(code) });
    const client = connect("/", alice);
    await event(client, "guard:session");
    server.reply = says(500);
    const ask = async () => codeOf(await client.emitWithAck("message"));
    const told = await askUntil((code) => code === "unavailable", ask);
    await failures.full;
    expect(failures.all.slice(0, 2)).to.deep.equal(["endpoint_failed", "endpoint_failed"]);
    expect(told.slice(0, -1).every((code) => code === "message")).to.equal(true);
    server.reply = says(200, { id: "alice" });
    expect((await askUntil((code) => code !== "unavailable", ask)).at(-1)).to.equal("message");
    expect(client.connected).to.equal(true);
  });
});
