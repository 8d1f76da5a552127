// All authenticators in one chain: which one answers, and who is told what about the user.
import { inspect } from "node:util";
import { expect } from "chai";
import { anonymous, anyone, apiKey, apiKeys, memoryStore, type Denial, type GuardServerEvents, type SessionNotice } from "../../lib/index.js";
import { guardClient } from "../../lib/client/index.js";
import { auditEventNames } from "../../lib/audit-events.js";
import { closeEverything, closeLater, event, makeTokens, refusal, serve } from "../support/server.js";
import { authFor, login, says } from "./http/support.js";
import { alice as aliceOfFile, fileOf, hashes, open } from "./user-file/support.js";

const hidden = "what the server alone knows";

async function everyWayIn(order: "file before endpoint" | "endpoint before file") {
  const { tokens } = makeTokens();
  const store = memoryStore();
  const endpoint = await login((response, asked) => says(asked.authData["ticket"] === "sesame" ? 200 : 401, { id: "harry", clientData: { theme: "dark" }, serverData: { hidden } })(response, asked, undefined as never));
  const file = open(await fileOf({ alice: { password: hashes.alice, clientData: { theme: "light" }, serverData: { hidden } } }));
  const http = authFor(endpoint.url);
  const people = order === "file before endpoint" ? [file, http] : [http, file];
  const served = await serve({ origins: "same-origin", events: { who: anyone }, authenticate: [tokens, apiKey({ store }), ...people, anonymous()] as never });
  served.io.on("connection", (socket) => socket.on("who", (answer: (who: unknown) => void) => {
    const { method, subject, serverData } = served.guarded.session(socket)!;
    answer([method, subject, serverData]);
  }));
  const { key } = await apiKeys(store).create({ name: "a bot", subject: "bot" });
  const token = tokens.issue({ sub: "judy" } as never, { expiresIn: "1h" });
  return { ...served, endpoint, key, token, who: (auth: object) => served.connect("/", { auth }).emitWithAck("who") as Promise<unknown> };
}

describe("a chain of all authenticators", () => {
  afterEach(closeEverything);

  it("lets each credential in through its own authenticator, and the session names it", async () => {
    const { who, token, key, endpoint, connect } = await everyWayIn("file before endpoint");
    const came = await Promise.all([{ token }, { apiKey: key }, aliceOfFile, { ticket: "sesame" }, {}].map(who));
    expect(came).to.deep.equal([
      ["jwt", "judy", null], ["apiKey", "bot", null], ["userFile", "alice", { hidden }], ["httpAuth", "harry", { hidden }], ["anonymous", null, null],
    ]);
    const bad = [{ token: "none" }, { apiKey: "none" }, { ...aliceOfFile, password: "wrong" }, { ticket: "wrong" }].map(async (auth) => (await refusal(connect("/", { auth }))).data!.code);
    expect(await Promise.all(bad)).to.deep.equal(["token_malformed", "credential_malformed", "credential_invalid", "credential_invalid"]);
    expect(endpoint.asked.map(({ authData }) => authData)).to.deep.equal([{ ticket: "sesame" }, { ticket: "wrong" }]);
  });

  it("sends usernames to the endpoint too if it stands before the file", async () => {
    const { connect, endpoint } = await everyWayIn("endpoint before file");
    expect((await refusal(connect("/", { auth: aliceOfFile }))).data!.code).to.equal("credential_invalid");
    expect(endpoint.asked[0]!.authData).to.deep.equal(aliceOfFile);
  });

  it("tells clients their client data, and keeps the server data from clients, fetchSockets and audit events", async () => {
    const audited: unknown[] = [];
    const { connect, io, guarded } = await everyWayIn("file before endpoint");
    for (const name of auditEventNames) guarded.on(name, (fact: unknown) => audited.push(fact));
    const heard: unknown[] = [];
    const themes: unknown[] = [];
    const byes: Promise<Denial>[] = [];
    for (const auth of [aliceOfFile, { ticket: "sesame" }]) {
      const client = connect("/", { auth });
      client.onAny((...args: unknown[]) => heard.push(args));
      byes.push(event<Denial>(client, "guard:bye"));
      const guardedClient = guardClient<GuardServerEvents, GuardServerEvents>(client, { getToken: () => null });
      closeLater(() => guardedClient.close());
      themes.push((await new Promise<SessionNotice>((resolve) => guardedClient.on("session", resolve))).clientData);
      await client.emitWithAck("undeclared");
    }
    const sockets = (await io.fetchSockets()).map(({ handshake, data, rooms }) => [handshake, data as unknown, rooms]);
    await guarded.revokeAll();
    heard.push(await Promise.all(byes));
    expect(themes).to.deep.equal([{ theme: "light" }, { theme: "dark" }]);
    expect([sockets.length, new Set(audited.flatMap((fact) => (fact as { subject?: string }).subject ?? [])).size]).to.deep.equal([2, 2]);
    expect(inspect([heard, sockets, audited], { depth: 12 })).to.include("dark").and.not.include(hidden);
  });
});
