// Guessing on a real server: at handshakes and by guard:refresh, by address and by account.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, type Authenticator, type Denial } from "../../../../lib/index.js";
import { denial } from "../../../../lib/protocol.js";
import { closeEverything, event, makeTokens, nextTurn, refusal, serve, type Served } from "../../../support/server.js";

/** An authenticator with passwords that equal the username. It counts how often a password was verified. */
function passwords() {
  const verified: string[] = [];
  const authenticator: Authenticator<{ sub: string }> = {
    name: "passwords",
    reads: { auth: ["username", "password"] },
    accountOf: ({ auth }) => auth["username"] as string | undefined,
    authenticate: async ({ auth: { username, password } }) => {
      if (typeof username !== "string") return undefined;
      verified.push(username);
      await nextTurn();
      if (password !== username) return denial("credential_invalid", { message: "The username or the password is wrong." });
      return { method: "passwords", subject: username, claims: { sub: username }, notBefore: -Infinity, endsAt: Infinity };
    },
  };
  return { authenticator, verified };
}

const wrong = (username: string) => ({ username, password: "a guess" });
const right = (username: string) => ({ username, password: username });

/** A server behind one proxy, so that clients can come from many addresses. Time stands still: who has failed often waits for a second. */
async function serveLogins(setting: object = {}) {
  const { authenticator, verified } = passwords();
  const { tokens } = makeTokens();
  const served = await serve({ authenticate: [tokens, authenticator, anonymous()] as never, trustProxy: 1, ...setting });
  served.clock.stop();
  const from = (address: string, auth: object) => served.connect("/", { auth, extraHeaders: { "x-forwarded-for": address } });
  const logIn = async (address: string, auth: object) => {
    const client = from(address, auth);
    return Promise.race([event(client, "guard:session").then(() => "in"), event<{ data: Denial }>(client, "connect_error").then(({ data }) => data.code)]);
  };
  const token = (sub: string) => tokens.issue({ sub } as never, { expiresIn: "1h" });
  return { ...served, from, logIn, verified, tokenOf: token };
}

async function times<Result>(count: number, work: (nth: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let nth = 0; nth < count; nth += 1) results.push(await work(nth));
  return results;
}

const failOften = ({ connect }: Served, count: number) => times(count, () => refusal(connect("/", { auth: { token: "no token" } })));

describe("an address with failed logins", () => {
  afterEach(closeEverything);

  it("has to wait after ten of them, and open sessions stay", async () => {
    const served = await serve();
    served.clock.stop();
    const { client } = await served.member();
    expect((await failOften(served, 10)).map(({ data }) => data!.code)).to.deep.equal(Array(10).fill("token_malformed"));
    const { data } = await refusal(served.connect());
    expect(data).to.include({ code: "rate_limited", status: 429, reconnect: "later" });
    expect((data as unknown as Denial).retryAfter).to.be.within(1, 1_000);
    expect(client.connected).to.equal(true);
  });

  it("is not forgiven because somebody at that address logs in", async () => {
    const served = await serve();
    served.clock.stop();
    await failOften(served, 9);
    await served.member();
    await failOften(served, 1);
    expect((await refusal(served.connect())).data!.code).to.equal("rate_limited");
  });

  it("does not fail by an expired token, or by none", async () => {
    const { connect, token, clock } = await serve();
    clock.ahead = -7_200_000;
    const expired = token();
    clock.ahead = 0;
    for (let nth = 0; nth < 12; nth += 1) await refusal(connect("/", { auth: nth % 2 === 0 ? {} : { token: expired } }));
    await event(connect(), "guard:session");
  });

  it("is the one that the trusted proxy saw", async () => {
    const { from, guarded } = await serveLogins();
    const addresses: string[] = [];
    guarded.on("refused", ({ address }) => addresses.push(address));
    for (let nth = 0; nth < 10; nth += 1) await refusal(from(`10.0.0.${nth}, 203.0.113.1`, { token: "no token" }));
    expect((await refusal(from("203.0.113.1", {}))).data!.code).to.equal("rate_limited");
    await event(from("203.0.113.1, 203.0.113.2", {}), "guard:session");
    expect(new Set(addresses)).to.deep.equal(new Set(["203.0.113.1"]));
  });

  it("does not make the other clients of its proxy wait if trustProxy is not set, and the account still counts", async () => {
    const { logIn } = await serveLogins({ trustProxy: undefined });
    expect(new Set(await times(12, () => logIn("203.0.113.1", { token: "no token" })))).to.deep.equal(new Set(["token_malformed"]));
    expect(await logIn("203.0.113.2", right("bob"))).to.equal("in");
    expect((await times(11, () => logIn("203.0.113.1", wrong("alice")))).at(-1)).to.equal("rate_limited");
    expect(await logIn("203.0.113.2", right("bob"))).to.equal("in");
  });

  it("never has to wait if limits.login is false", async () => {
    const { logIn } = await serveLogins({ limits: { login: false }, trustProxy: undefined });
    expect(new Set(await times(15, () => logIn("203.0.113.1", wrong("alice"))))).to.deep.equal(new Set(["credential_invalid"]));
    expect(await logIn("203.0.113.1", right("alice"))).to.equal("in");
  });
});

describe("an account with failed logins", () => {
  afterEach(closeEverything);

  it("has to wait although each guess names another account beside it", async () => {
    const verified: unknown[] = [];
    const authenticator: Authenticator<{ sub: string }> = {
      name: "either",
      accountOf: ({ auth }) => [auth["username"], auth["email"]].filter((value) => typeof value === "string"),
      authenticate: ({ auth }) => {
        verified.push(auth["email"]);
        return auth["username"] === "mallory" ? { method: "either", subject: "mallory", claims: { sub: "mallory" }, notBefore: -Infinity, endsAt: Infinity } : denial("credential_invalid");
      },
    };
    const { logIn } = await serveLogins({ authenticate: authenticator });
    // Who has logged in under two names has not shown that both are theirs.
    expect(await logIn("203.0.113.1", { username: "mallory", email: "alice@example.com" })).to.equal("in");
    const codes = await times(12, (nth) => logIn(`203.0.113.${nth}`, { username: `name ${nth}`, email: "Alice@example.com" }));
    expect(codes).to.deep.equal([...Array<string>(10).fill("credential_invalid"), "rate_limited", "rate_limited"]);
    expect(verified).to.have.length(11);
  });

  it("has to wait although each guess came from another address, and its password is not even verified", async () => {
    const { logIn, verified } = await serveLogins();
    await times(10, (nth) => logIn(`203.0.113.${nth}`, wrong("alice")));
    const before = verified.length;
    expect(await logIn("203.0.113.100", right("alice"))).to.equal("rate_limited");
    expect(await logIn("203.0.113.101", wrong(" ALICE "))).to.equal("rate_limited");
    expect(verified).to.have.lengthOf(before);
    expect(await logIn("203.0.113.100", right("bob"))).to.equal("in");
  });

  it("is tried ten times at once at most, so that parallel guesses are counted before more are tried", async () => {
    const { logIn, verified } = await serveLogins();
    const codes = await Promise.all(Array.from({ length: 60 }, (_, nth) => logIn(`203.0.113.${nth}`, wrong("alice"))));
    expect(verified).to.have.length.within(10, 20);
    expect(codes.filter((code) => code === "credential_invalid")).to.have.lengthOf(verified.length);
    expect(codes.filter((code) => code === "rate_limited")).to.have.lengthOf(60 - verified.length);
    expect(await logIn("198.51.100.1", right("bob"))).to.equal("in");
  });

  it("lets any number of clients with the right password in at once", async () => {
    const { logIn } = await serveLogins();
    const codes = await Promise.all(Array.from({ length: 60 }, (_, nth) => logIn(`203.0.113.${nth}`, right("alice"))));
    expect(new Set(codes)).to.deep.equal(new Set(["in"]));
  });

  it("is open to its owner from a network from which the owner has logged in before", async () => {
    const { logIn } = await serveLogins();
    expect(await logIn("198.51.100.1", right("alice"))).to.equal("in");
    await times(12, (nth) => logIn(`203.0.113.${nth}`, wrong("alice")));
    expect(await logIn("198.51.100.1", right("alice"))).to.equal("in");
    expect(await logIn("203.0.113.100", right("alice"))).to.equal("rate_limited");
  });

  it("is not forgiven because its owner logs in", async () => {
    const { logIn } = await serveLogins();
    await times(9, (nth) => logIn(`203.0.113.${nth}`, wrong("alice")));
    expect(await logIn("198.51.100.1", right("alice"))).to.equal("in");
    await logIn("203.0.113.50", wrong("alice"));
    expect(await logIn("203.0.113.51", right("alice"))).to.equal("rate_limited");
  });
});

describe("guard:refresh with the credential of another user", () => {
  afterEach(closeEverything);

  async function signedIn() {
    const served = await serveLogins();
    const client = served.from("203.0.113.1", right("mallory"));
    await event(client, "guard:session");
    const refresh = (auth: object): Promise<unknown> => client.emitWithAck("guard:refresh", auth);
    return { ...served, client, refresh };
  }

  it("is answered the same whether its password is right or wrong, and leaves the session as it was", async () => {
    const { client, refresh, guarded, io } = await signedIn();
    const answers = [await refresh(wrong("alice")), await refresh(right("alice"))];
    expect(answers[0]).to.deep.include({ error: { guard: true, code: "credential_invalid", status: 401, reconnect: "never", event: "guard:refresh", message: "This credential does not renew your session. To change users, connect again." } });
    expect(answers[1]).to.deep.equal(answers[0]);
    expect(client.connected).to.equal(true);
    expect(guarded.session(io.sockets.sockets.get(client.id!)!)!.subject).to.equal("mallory");
  });

  it("is answered the same in a second namespace of the connection", async () => {
    const { io, guarded, tokenOf, address, rawMember } = await serveLogins();
    const { authenticator } = passwords();
    io.of("/admin");
    guarded.of("/admin", { authenticate: authenticator as never });
    expect(address).to.be.a("string");
    const { raw } = await rawMember("/", { token: tokenOf("mallory") });
    await raw.connect("/admin", right("mallory"));
    const answers: string[] = [];
    for (const [nth, auth] of [wrong("alice"), right("alice")].entries()) {
      raw.send(`42${nth}${JSON.stringify(["guard:refresh", { token: tokenOf("mallory"), ...auth }])}`);
      answers.push((await raw.next((frame) => frame.startsWith(`43${nth}`))).slice(3));
    }
    expect(answers[0]).to.contain("credential_invalid");
    expect(answers[1]).to.equal(answers[0]);
  });

  it("counts as a failed login of that account and of the address, whether right or wrong, and is soon not verified any more", async () => {
    for (const guess of [wrong, right]) {
      const { refresh, verified, logIn } = await signedIn();
      const codes = await times(11, async () => (await refresh(guess("alice")) as { error: Denial }).error.code);
      expect(codes).to.deep.equal([...Array<string>(10).fill("credential_invalid"), "rate_limited"]);
      expect(verified.filter((name) => name === "alice")).to.have.lengthOf(10);
      expect(await logIn("203.0.113.1", right("bob"))).to.equal("rate_limited");
      expect(await logIn("203.0.113.9", right("alice"))).to.equal("rate_limited");
    }
  });

  it("is blocked at an address that has to wait, although a user there can still renew a session", async () => {
    const { refresh, logIn, verified } = await signedIn();
    await times(10, (nth) => logIn("203.0.113.1", wrong(`user-${nth}`)));
    expect(await logIn("203.0.113.1", right("bob"))).to.equal("rate_limited");
    expect(await refresh(right("mallory"))).to.have.property("expiresIn");
    const before = verified.length;
    expect(await refresh(right("alice"))).to.have.nested.property("error.code", "rate_limited");
    expect(verified).to.have.lengthOf(before);
  });

  it("is answered the same for tokens, too", async () => {
    const { refresh, tokenOf } = await signedIn();
    const alices = tokenOf("alice");
    expect(await refresh({ token: alices })).to.deep.equal(await refresh({ token: `${alices.slice(0, -4)}AAAA` }));
    expect(await refresh({ token: tokenOf("mallory") })).to.have.property("expiresIn");
  });
});
