import { expect } from "chai";
import { anonymous, authenticate } from "../../../lib/authenticate/chain.js";
import type { Authenticator, AuthenticatorAnswer, GuardHandshake } from "../../../lib/authenticate/authenticator.js";
import { jwt } from "../../../lib/authenticate/jwt.js";
import { denial } from "../../../lib/protocol.js";
import { Refusal } from "../../../lib/refusal.js";
import { asOf } from "../../support/clock.js";
import { identity } from "../session/support.js";

const handshakeWith = (parts: Partial<GuardHandshake> = {}): GuardHandshake => ({ auth: {}, headers: {}, address: "127.0.0.1", namespace: "/", signal: new AbortController().signal, ...parts });

/** An authenticator with the given answer. It records that it was asked. */
function answering(name: string, answer: () => unknown, asked: string[] = []): Authenticator {
  return {
    name,
    authenticate: () => {
      asked.push(name);
      return answer() as AuthenticatorAnswer;
    },
  };
}

/** The method of the identity or the code of the refusal, and the errors that were reported. */
async function admit(chain: readonly Authenticator[], handshake = handshakeWith()) {
  const failures: unknown[] = [];
  const outcome = await authenticate(chain, handshake, { failedLogins: undefined, network: undefined, onError: (error) => failures.push(error), answered: () => undefined });
  if (outcome instanceof Refusal) return { told: outcome.denial.code, answer: outcome.denial, failures };
  return { told: outcome.identity.method, answer: outcome.identity, failures };
}

const notMine = () => undefined;
const alice = (method: string) => () => identity({ method });

describe("the chain of authenticators", () => {
  it("accepts the first answer, and does not ask the authenticators after it", async () => {
    for (const [answer, expected] of [[alice("second"), "second"], [async () => identity({ method: "second" }), "second"], [() => denial("token_expired"), "token_expired"], [async () => denial("token_revoked"), "token_revoked"], [() => new Refusal(denial("forbidden"), "it is banned"), "forbidden"]] as const) {
      const asked: string[] = [];
      const { told } = await admit([answering("first", notMine, asked), answering("second", answer, asked), answering("third", alice("third"), asked)]);
      expect([told, asked]).to.deep.equal([expected, ["first", "second"]]);
    }
  });

  it("asks one authenticator after another", async () => {
    const order: string[] = [];
    const slow: Authenticator = { name: "slow", authenticate: async () => { order.push("slow"); await new Promise(setImmediate); order.push("slow has answered"); return undefined; } };
    await admit([slow, answering("next", alice("next"), order)]);
    expect(order).to.deep.equal(["slow", "slow has answered", "next"]);
  });

  it("refuses a handshake that no authenticator answers", async () => {
    for (const chain of [[], [answering("one", notMine)], [answering("one", notMine), answering("two", async () => undefined)]]) {
      const { answer } = await admit(chain);
      expect(answer).to.deep.equal(denial("token_missing"));
    }
  });

  it("refuses if an authenticator throws, reports the error, and does not ask the authenticators after it", async () => {
    for (const fails of [() => { throw new Error("ldap down"); }, async () => { throw new Error("ldap down"); }]) {
      const asked: string[] = [];
      const { answer, failures } = await admit([answering("ldap", fails, asked), answering("anonymous", alice("anonymous"), asked)]);
      expect(answer).to.deep.equal(denial("unavailable"));
      expect(failures.map((error) => (error as Error).message)).to.deep.equal(["ldap down"]);
      expect(asked).to.deep.equal(["ldap"]);
    }
  });

  it("refuses if the answer is neither an identity, a refusal, a denial nor undefined", async () => {
    const { method, subject, notBefore, endsAt } = identity();
    const wrong: unknown[] = [
      null, true, false, "alice", 1, {}, [], { method, subject, notBefore }, { method, subject, endsAt }, { subject, notBefore, endsAt }, { method, notBefore, endsAt, subject: "" },
      { method, notBefore, endsAt, subject: null }, { method, notBefore, endsAt, subject: 7 }, { method, subject, notBefore, endsAt: Number.NaN }, { method, subject, notBefore, endsAt: "never" },
      { method, subject, notBefore: null, endsAt }, { method, subject, notBefore, endsAt: new Date() },
    ];
    for (const answer of wrong) {
      const { told, failures } = await admit([answering("odd", () => answer), anonymous()]);
      expect(told, JSON.stringify(answer)).to.equal("unavailable");
      expect(failures.map((error) => (error as Error).message)).to.deep.equal(["The authenticator odd returned neither an identity, a refusal, a denial nor undefined."]);
    }
  });

  it("passes the handshake to each authenticator", async () => {
    const handshake = handshakeWith({ namespace: "/admin" });
    const seen: unknown[] = [];
    await authenticate([{ name: "one", authenticate: (...given) => { seen.push(...given); return undefined; } }], handshake, { failedLogins: undefined, network: undefined, onError: () => undefined, answered: () => undefined });
    expect(seen).to.have.length(1);
    expect(seen[0]).to.equal(handshake);
  });

  it("calls an authenticator as a method of its object", async () => {
    class Own implements Authenticator {
      readonly name = "own";
      authenticate() { return identity({ method: this.name }); }
    }
    expect((await admit([new Own()])).told).to.equal("own");
  });
});

describe("a bad token in a chain that ends with anonymous()", () => {
  const tokens = jwt({ keys: "a secret of thirty-two bytes, or more", cookie: "access_token" });
  const foreign = jwt({ keys: "another secret of thirty-two bytes, or more" }).issue({ sub: "mallory" }, { expiresIn: "1h" });
  const expired = asOf(Date.now() - 7_200_000, () => tokens.issue({ sub: "alice" }, { expiresIn: "1h" }));
  const chain = [tokens, anonymous()];

  it("does not become a guest, in any place and for any fault of the token", async () => {
    const wrong: readonly (readonly [unknown, string])[] = [["", "token_malformed"], [false, "token_malformed"], [0, "token_malformed"], [{}, "token_malformed"], ["x", "token_malformed"], [foreign, "token_invalid"], [expired, "token_expired"]];
    for (const [token, code] of wrong) expect((await admit(chain, handshakeWith({ auth: { token } }))).told, JSON.stringify(token)).to.equal(code);
    for (const headers of [{ authorization: `Bearer ${foreign}` }, { cookie: `access_token=${foreign}` }]) expect((await admit(chain, handshakeWith({ headers }))).told).to.equal("token_invalid");
  });

  it("is told apart from no token, which makes a guest, and from a good one", async () => {
    const token = tokens.issue({ sub: "alice" }, { expiresIn: "1h" });
    for (const auth of [{}, { token: undefined }, { token: null }]) expect((await admit(chain, handshakeWith({ auth }))).told).to.equal("anonymous");
    expect((await admit(chain, handshakeWith({ headers: { cookie: "other=1" } }))).told).to.equal("anonymous");
    expect((await admit(chain, handshakeWith({ auth: { token } }))).told).to.equal("jwt");
  });
});
