// Handshakes: which clients are let in, what they are told, and what happens while an authenticator takes its time.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, type Authenticator, type GuardAuditEvents } from "../../../lib/index.js";
import { asOf } from "../../support/clock.js";
import { closeEverything, event, makeTokens, nextTurn, pendingIn, refusal, serve, signal, type Claims, type Refusal } from "../../support/server.js";

const person = { method: "own", subject: "alice", claims: { sub: "alice" }, notBefore: -Infinity, endsAt: Infinity };

describe("a handshake", () => {
  afterEach(closeEverything);

  it("tells the client how long the session lasts, and the authenticator's clientData", async () => {
    const hour = 3_600_000;
    const own = { name: "own", authenticate: () => ({ ...person, endsAt: Date.now() + hour, clientData: { theme: "dark" }, serverData: "hidden" }) };
    const { connect } = await serve({ authenticate: own as unknown as Authenticator<Claims> });
    const notice = await event<{ expiresIn: number; expiresAt: number }>(connect(), "guard:session");
    expect(notice).to.have.all.keys("subject", "expiresIn", "expiresAt", "clientData").and.deep.include({ subject: "alice", clientData: { theme: "dark" } });
    expect(notice.expiresIn).to.be.within(hour - 20_000, hour);
    expect(notice.expiresAt).to.be.within(Date.now() + hour - 20_000, Date.now() + hour);
  });

  it("tells a guest that the session has no end", async () => {
    const { connect } = await serve({ authenticate: anonymous() });
    expect(await event(connect("/", { auth: {} }), "guard:session")).to.deep.equal({ subject: null, expiresIn: null, expiresAt: null });
  });

  it("tells a user whose key never expires its subject: a guest has none", async () => {
    const bot = { name: "own", authenticate: () => ({ ...person, subject: "bot" }) };
    const { connect } = await serve({ authenticate: bot as unknown as Authenticator<Claims> });
    expect(await event(connect(), "guard:session")).to.deep.equal({ subject: "bot", expiresIn: null, expiresAt: null });
  });

  it("never lets a client with a bad token in as a guest", async () => {
    const { tokens } = makeTokens();
    const { connect } = await serve({ authenticate: [tokens, anonymous()] });
    const stranger = makeTokens();
    const issue = (made: typeof stranger) => made.tokens.issue({ sub: "eve" } as unknown as Claims, { expiresIn: "1h" });
    const good = issue(stranger);
    const bad: [token: unknown, code: string][] = [
      [asOf(Date.now() - 7_200_000, () => issue(makeTokens())), "token_expired"], [`${good.slice(0, -4)}AAAA`, "token_invalid"], ["", "token_malformed"], ["x", "token_malformed"],
      [1, "token_malformed"], [{}, "token_malformed"], [[good], "token_malformed"], [false, "token_malformed"], ["x".repeat(500_000), "token_malformed"],
    ];
    for (const [token, code] of bad) {
      expect((await refusal(connect("/", { auth: { token } }))).data, String(token).slice(0, 20)).to.deep.include({ code });
    }
    await event(connect("/", { auth: { token: null } }), "connect");
  });

  it("puts a copy of the user in socket.data, and nothing for a guest", async () => {
    const { tokens } = makeTokens();
    const { member, guarded, token } = await serve({ authenticate: [tokens, anonymous()] });
    const { socket } = await member("/", { auth: { token: token({ role: "admin" }) } });
    const { user } = socket.data as { user: object };
    expect(user).to.deep.include({ sub: "alice", role: "admin" });
    expect(user).to.not.equal(guarded.session(socket)!.claims);
    expect((await member("/", { auth: {} })).socket.data).to.deep.equal({});
  });

  for (const [what, answer] of Object.entries({
    "true": true, "null": null, "a string": "alice", "an empty object": {}, "an identity without an end": { ...person, endsAt: undefined },
    "an identity that ends at NaN": { ...person, endsAt: NaN }, "an identity without a beginning": { ...person, notBefore: undefined },
    "an empty subject": { ...person, subject: "" }, "a subject that is a number": { ...person, subject: 1 },
  })) {
    it(`refuses the client if an authenticator returns ${what}, and the process goes on`, async () => {
      const { connect, guarded } = await serve({ authenticate: { name: "own", authenticate: () => answer as never } });
      const failures: GuardAuditEvents["failed"][] = [];
      guarded.on("failed", (fact) => failures.push(fact));
      expect((await refusal(connect())).data).to.deep.include({ code: "unavailable", status: 503, reconnect: "later" });
      expect(failures.map((fact) => fact.source)).to.deep.equal(["authenticate"]);
      expect(guarded.stats().sessions).to.equal(0);
    });
  }

  for (const [what, authenticate] of Object.entries({
    "throws": () => { throw new Error("secret detail"); },
    "rejects": async () => { throw new Error("secret detail"); },
    "does not answer": () => new Promise<never>(() => {}),
  })) {
    it(`refuses the client as unavailable if an authenticator ${what}, and does not tell it the error`, async () => {
      const { connect, io } = await serve({ authenticate: { name: "own", authenticate }, authenticateTimeout: 20 });
      const error = await refusal(connect());
      expect(error.data?.code).to.equal("unavailable");
      expect(JSON.stringify(error.data) + error.message).to.not.contain("secret");
      await nextTurn();
      expect(pendingIn(io)).to.equal(0);
    });
  }

  it("aborts the authenticator's signal when the connection closes", async () => {
    const asked = signal();
    const aborted = signal();
    const own: Authenticator<Claims> = { name: "own", authenticate: ({ signal: ending }) => new Promise(() => {
      ending.addEventListener("abort", () => aborted.settle());
      asked.settle();
    }) };
    const { raw, guarded } = await serve({ authenticate: own });
    const client = await raw();
    client.send("40");
    await asked.promise;
    client.close();
    await aborted.promise;
    expect(guarded.stats().sessions).to.equal(0);
  });

  it("refuses an identity whose key was removed while the authenticator took its time", async () => {
    const { tokens, ring } = makeTokens();
    const asked = signal();
    const goOn = signal();
    const slow: Authenticator<Claims> = { ...tokens, authenticate: async (handshake) => {
      const answer = tokens.authenticate(handshake);
      asked.settle();
      await goOn.promise;
      return answer;
    } };
    const { connect, token } = await serve({ authenticate: slow });
    const refused = refusal(connect("/", { auth: { token: token() } }));
    await asked.promise;
    ring.revoke({ kid: "first" });
    goOn.settle();
    expect((await refused).data?.code).to.equal("token_invalid");
  });

  it("refuses clients that are connecting while the guard closes as server_closing", async () => {
    const asked = signal();
    const goOn = signal();
    const slow: Authenticator<Claims> = { name: "slow", authenticate: async () => { asked.settle(); await goOn.promise; return undefined; } };
    const { connect, guarded } = await serve({ authenticate: [slow, anonymous()] });
    const refused = refusal(connect());
    await asked.promise;
    void guarded.close();
    goOn.settle();
    expect((await refused).data).to.deep.include({ code: "server_closing", reconnect: "later" });
    await nextTurn();
    expect(guarded.stats().sessions).to.equal(0);
  });

  const bigint = { sub: "alice", count: 1n };
  const withFunction = { sub: "alice", act: () => {} };
  for (const [what, claims, findUser, answer] of [
    ["accepts a bigint among the claims, which can be copied", bigint, undefined, "in"],
    ["refuses a bigint among the claims if there is a findUser: JSON cannot compare such claims", bigint, () => ({ name: "alice" }), "unavailable"],
    ["refuses a function among the claims: handlers get a copy", withFunction, undefined, "unavailable"],
    ["accepts a function among the claims if handlers get the answer of findUser", withFunction, () => ({ name: "alice" }), "in"],
    ["refuses a function in the answer of findUser", { sub: "alice" }, () => withFunction, "unavailable"],
  ] as const) {
    it(`${what}, and the process goes on`, async () => {
      const own = { name: "own", authenticate: () => ({ ...person, claims }) } as unknown as Authenticator<Claims>;
      const { connect } = await serve({ authenticate: own, ...(findUser && { findUser }) });
      const client = connect();
      const found = await Promise.race([event(client, "guard:session").then(() => "in"), event<Refusal>(client, "connect_error").then(({ data }) => data!.code)]);
      expect(found).to.equal(answer);
    });
  }

  it("reports a user that can no longer be copied as an error of findUser: the last answer counts, and the process goes on", async () => {
    let user: object = { name: "alice" };
    const { member, guarded } = await serve({ findUser: () => user, findUserCacheFor: "1h" });
    const failures: GuardAuditEvents["failed"][] = [];
    guarded.on("failed", (fact) => failures.push(fact));
    const { client, socket } = await member();
    socket.on("message", (ack: (text: string) => void) => ack("still"));
    user = { name: "alice", act: () => {} };
    await guarded.userChanged("alice");
    expect(await client.emitWithAck("message")).to.equal("still");
    expect(failures.map((fact) => fact.source)).to.deep.equal(["findUser"]);
  });
});
