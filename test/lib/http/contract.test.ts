// What the endpoint is sent and what each answer means: deepstream's contract, with our additions.
import { createHmac } from "node:crypto";
import { expect } from "chai";
import { z } from "zod";
import type { GuardIdentity } from "../../../lib/authenticate/authenticator.js";
import { httpAuth } from "../../../lib/http/index.js";
import { closeEverything } from "../../support/server.js";
import { authFor, handshake, login, outcome, says } from "./support.js";

describe("a request of httpAuth", () => {
  afterEach(closeEverything);

  it("is a POST of { connectionData, authData } as JSON", async () => {
    const server = await login();
    const headers = { cookie: "session=1", "user-agent": "test", "x-other": "kept", connection: "upgrade", authorization: "Basic YTpi" };
    expect(await outcome(authFor(server.url), { headers, namespace: "/chat" })).to.equal("alice");
    expect(server.requests[0]).to.deep.include({ method: "POST" });
    expect(server.requests[0]!.headers["content-type"]).to.equal("application/json");
    expect(server.asked).to.deep.equal([{
      connectionData: { remoteAddress: "192.0.2.1", namespace: "/chat", headers: { cookie: "session=1", "user-agent": "test", authorization: "Basic YTpi" } },
      authData: { user: "alice", password: "open sesame" },
    }]);
  });

  it("holds the headers that were chosen, and never those of a single connection", async () => {
    const server = await login();
    await outcome(authFor(server.url, { headers: ["X-Api-Key"] }), { headers: { cookie: "session=1", "x-api-key": "key" } });
    expect(server.asked[0]!.connectionData.headers).to.deep.equal({ "x-api-key": "key" });
    for (const header of ["connection", "Keep-Alive", "te", "trailer", "transfer-encoding", "upgrade", "proxy-authorization", "host", "content-length", "sec-websocket-key", "two words", "", 7]) {
      expect(() => authFor(server.url, { headers: [header as string] }), String(header)).to.throw().with.property("code", "option_invalid");
    }
  });

  it("is signed if there is a secret", async () => {
    const server = await login();
    const key = Buffer.alloc(32, 5);
    await outcome(authFor(server.url, { secret: `whsec_${key.toString("base64")}` }));
    const { headers, body } = server.requests[0]!;
    const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
    expect(headers["webhook-signature"]).to.equal(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  });

  it("is made only for a handshake with a credential; others are left to the next authenticator", async () => {
    const server = await login();
    const describing = { "user-agent": "test", origin: "http://a.example", "accept-language": "de" };
    expect(await outcome(authFor(server.url), { auth: {}, headers: describing })).to.equal("not mine");
    expect(await outcome(authFor(server.url, { headers: ["user-agent"] }), { auth: {}, headers: { cookie: "session=1" } })).to.equal("not mine");
    expect(server.asked).to.have.length(0);
    expect(await outcome(authFor(server.url), { auth: {}, headers: { cookie: "session=1" } })).to.equal("alice");
    expect(await outcome(authFor(server.url, { headers: ["x-forwarded-access-token"] }), { auth: {}, headers: { "x-forwarded-access-token": "a token" } })).to.equal("alice");
    expect(await outcome(authFor(server.url, { headers: ["x-api-key"] }), { auth: {}, headers: { "x-api-key": "1" } })).to.equal("alice");
  });

  it("is not made if it would be longer than 64 KiB or nested too deep", async () => {
    const server = await login();
    let deep: object = {};
    for (let depth = 0; depth < 100_000; depth += 1) deep = { deep };
    for (const auth of [{ token: "x".repeat(70_000) }, deep as Record<string, unknown>]) expect(await outcome(authFor(server.url), { auth })).to.equal("credential_malformed");
    expect(server.asked).to.have.length(0);
  });
});

describe("an answer to httpAuth", () => {
  afterEach(closeEverything);

  it("lets in with status 200 only, and is a refusal below 500", async () => {
    const server = await login();
    for (const [status, expected] of [
      [200, "alice"], [201, "credential_invalid"], [204, "credential_invalid"], [400, "credential_invalid"], [401, "credential_invalid"], [403, "credential_invalid"], [404, "credential_invalid"],
      [408, "endpoint_failed"], [425, "endpoint_failed"], [429, "endpoint_failed"], [500, "endpoint_failed"], [503, "endpoint_failed"],
    ] as const) {
      server.reply = says(status, { id: "alice" });
      expect(await outcome(authFor(server.url)), String(status)).to.equal(expected);
    }
  });

  it("that is empty admits a guest, even if the client sent a name", async () => {
    const server = await login();
    for (const reply of [says(200), says(200, ""), says(200, " \n"), says(200, {}), says(200, "null", { "content-type": "application/json" }), says(200, { clientData: 1 })]) {
      server.reply = reply;
      expect(await outcome(authFor(server.url), { auth: { username: "admin", id: "admin" } })).to.equal("a guest");
    }
  });

  it("can be a user id as text, as JSON or in an object", async () => {
    const server = await login();
    for (const reply of [says(200, "alice"), says(200, "alice\n"), says(200, "\"alice\"", { "content-type": "application/json; charset=utf-8" }), says(200, { id: "alice" }), says(200, { username: "alice" }), says(200, "{\"id\":\"alice\"}")]) {
      server.reply = reply;
      expect(await outcome(authFor(server.url))).to.equal("alice");
    }
  });

  it("can be an object with claims, client data, server data and an end", async () => {
    const server = await login(says(200, { id: "alice", clientData: { theme: "dark" }, serverData: { tenant: 7 }, expiresIn: 60_000, claims: { role: "admin", sub: "mallory" } }));
    const before = Date.now();
    const identity = await authFor(server.url).authenticate(handshake()) as GuardIdentity;
    expect(identity).to.deep.include({ method: "httpAuth", subject: "alice", claims: { role: "admin", sub: "alice" }, clientData: { theme: "dark" }, serverData: { tenant: 7 } });
    expect(identity.endsAt).to.be.within(before + 60_000, Date.now() + 60_000);
    expect(identity.issuedAt).to.be.within(before, Date.now());
    expect([identity.claims, identity.clientData, identity.serverData].every(Object.isFrozen)).to.equal(true);
  });

  it("that cannot be used admits no client", async () => {
    const server = await login();
    const json = { "content-type": "application/json" };
    const wrong: [unknown, Record<string, string>?][] = [
      [{ id: "" }], [{ id: " " }], [{ id: 7 }], [{ id: null }], [{ id: ["alice"] }], [{ id: { a: 1 } }], [{ id: true }], [{ id: "x".repeat(1_025) }], [{ id: "a\nb" }], [{ id: "a\u0000" }], [{ id: "a\u0085" }],
      [{ id: "alice", expiresIn: 0 }], [{ id: "alice", expiresIn: -1 }], [{ id: "alice", expiresIn: "1h" }], [{ id: "alice", expiresIn: null }],
      [{ id: "alice", claims: [] }], [{ id: "alice", claims: null }], [{ id: "alice", claims: "admin" }], [{ claims: { role: "admin" } }],
      ["{\"id\":\"alice\"", json], ["{\"id\":\"alice\",\"id\":\"bob\"}", json], ["[\"alice\"]", json], ["7", json], ["false", json], ["alice", json], ["\"\"", json],
      [`{"id":"alice","claims":${"[".repeat(40)}${"]".repeat(40)}}`, json], ["<html>Welcome</html>", { "content-type": "text/html" }], ["a\nb"], ["x".repeat(1_025)],
    ];
    for (const [body, headers] of wrong) {
      server.reply = says(200, body, headers);
      expect(await outcome(authFor(server.url)), JSON.stringify(body)).to.equal("endpoint_answer_invalid");
    }
    server.reply = (response) => response.end(Buffer.from([0x61, 0xff, 0xfe]));
    expect(await outcome(authFor(server.url))).to.equal("endpoint_answer_invalid");
  });

  it("cannot set a prototype", async () => {
    const server = await login(says(200, "{\"id\":\"alice\",\"__proto__\":{\"role\":\"admin\"},\"claims\":{\"__proto__\":{\"role\":\"admin\"}}}"));
    const { claims } = await authFor(server.url).authenticate(handshake()) as GuardIdentity<{ role?: string }>;
    expect(claims.role).to.equal(undefined);
    expect(claims).to.deep.equal({ sub: "alice" });
  });

  it("is read by the schema of its claims", async () => {
    const server = await login(says(200, { id: "alice", claims: { role: "admin", age: "7", more: 1 } }));
    const claims = z.object({ role: z.enum(["member", "admin"]), age: z.string().transform(Number) });
    const auth = httpAuth({ endpointUrl: server.url, claims });
    expect((await auth.authenticate(handshake()) as GuardIdentity).claims).to.deep.equal({ role: "admin", age: 7, sub: "alice" });
    server.reply = says(200, { id: "alice", claims: { role: "king", age: "7" } });
    expect(await outcome(httpAuth({ endpointUrl: server.url, claims }))).to.equal("endpoint_answer_invalid");
  });
});

describe("the options of httpAuth", () => {
  it("are refused if they would not work or would not be safe", () => {
    const url = "https://login.example/check";
    for (const [options, code] of [
      [undefined, "option_invalid"], [{}, "option_invalid"], [{ endpointUrl: undefined }, "option_undefined"], [{ endpointUrl: "login" }, "option_invalid"],
      [{ endpointUrl: "http://login.example" }, "option_invalid"], [{ endpointUrl: "ftp://localhost" }, "option_invalid"], [{ endpointUrl: "https://user:pass@login.example" }, "option_invalid"],
      [{ endpointUrl: url, secret: undefined }, "option_undefined"], [{ endpointUrl: url, secret: "whsec_" }, "option_invalid"], [{ endpointUrl: url, headers: undefined }, "option_undefined"],
      [{ endpointUrl: url, cacheFor: 0 }, "option_invalid"], [{ endpointUrl: url, timeout: "soon" }, "option_invalid"], [{ endpointUrl: url, cachFor: 1 }, "option_unknown"],
      [{ endpointUrl: url, claims: {} }, "option_invalid"], [{ endpointUrl: url, onError: 1 }, "option_invalid"],
    ] as const) expect(() => httpAuth(options as never), JSON.stringify(options)).to.throw().with.property("code", code);
    for (const endpointUrl of [url, new URL(url), "http://localhost:1/x", "http://[::1]:1", "http://127.1.2.3"]) expect(() => httpAuth({ endpointUrl })).not.to.throw();
    expect(() => httpAuth({ endpointUrl: "http://login:3000", allowHttp: true })).not.to.throw();
  });
});
