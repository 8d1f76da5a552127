/** `jwt()` as a guard uses it, which gives it a handshake and receives an identity or a refusal, and as routes of the host use it. */
import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { expect } from "chai";
import { expectTypeOf } from "expect-type";
import { z } from "zod";
import type { Authenticator, GuardHandshake, GuardIdentity } from "../../../lib/authenticate/authenticator.js";
import { type Jwt, jwt } from "../../../lib/authenticate/jwt.js";
import { GuardError } from "../../../lib/guard-error.js";
import { role, scope } from "../../../lib/policy/checks.js";
import { codes, denial } from "../../../lib/protocol.js";
import { Refusal } from "../../../lib/refusal.js";
import type { RegisteredClaims } from "../../../lib/token/claims.js";
import { keyRing } from "../../../lib/token/create-key-ring.js";
import { asOf, useClock } from "../../support/clock.js";
import { closeEverything, event, refusal, serve } from "../../support/server.js";

const [secret, other] = ["a secret of thirty-two bytes, or more", "another secret of thirty-two bytes, or more"];
const start = 1_700_000_000_123;
const hour = 3_600_000;

const handshake = (parts: object = {}): GuardHandshake => ({ auth: {}, headers: {}, address: "127.0.0.1", namespace: "/", signal: new AbortController().signal, ...parts });
const withToken = (token: unknown) => handshake({ auth: { token } });

function identify<Claims>(tokens: Jwt<Claims, never>, token: string): GuardIdentity<Claims> {
  const answer = tokens.authenticate(withToken(token));
  if (answer === undefined || answer instanceof Refusal) throw new Error(`no identity: ${answer?.reason}`);
  return answer as GuardIdentity<Claims>;
}

async function rejection(promise: Promise<unknown>): Promise<GuardError> {
  const error: unknown = await promise.then(() => new Error("this token was accepted"), (reason: unknown) => reason);
  expect(error).to.be.instanceOf(GuardError);
  return error as GuardError;
}

describe("jwt()", () => {
  const clock = useClock(start);
  afterEach(closeEverything);

  const tokens = jwt({ keys: secret, cookie: "access_token" });
  const token = asOf(start, () => tokens.issue({ sub: "alice", role: "member", jti: "1" }, { expiresIn: "1h" }));
  const raw = token.split(".");

  it("returns an identity for a token that it issued", () => {
    const { credential: _, verifiedBy: __, ...identity } = identify(tokens, token);
    expect(identity).to.deep.equal({
      method: "jwt", subject: "alice", tokenId: "1", issuedAt: start, notBefore: start - 5_000, endsAt: start + hour,
      claims: { sub: "alice", role: "member", jti: "1", iat: start / 1000, exp: (start + hour) / 1000 },
    });
  });

  it("names the parts of a handshake that it reads", () => {
    expect(tokens).to.include({ name: "jwt" });
    expect(tokens.reads).to.deep.equal({ auth: ["token"], cookies: ["access_token"] });
    expect(jwt({ keys: secret })).not.to.have.property("cookie");
  });

  it("leaves a handshake without a token to the next authenticator", () => {
    expect(tokens.authenticate(handshake())).to.equal(undefined);
    expect(tokens.authenticate(handshake({ headers: { authorization: "Basic YTpi", cookie: "other=1" } }))).to.equal(undefined);
  });

  it("finds the token in each of its three places", () => {
    for (const parts of [{ auth: { token } }, { headers: { authorization: `Bearer ${token}` } }, { headers: { cookie: `a=b; access_token=${token}` } }]) {
      expect(tokens.authenticate(handshake(parts))).to.include({ subject: "alice" });
    }
  });

  it("refuses a token with a denial that says nothing more than its code", () => {
    const foreign = jwt({ keys: other }).issue({ sub: "mallory" }, { expiresIn: "1h" });
    const early = tokens.issue({ sub: "alice", nbf: start / 1000 + 60 }, { expiresIn: "1h" });
    for (const [bad, code] of [["x", "token_malformed"], [1, "token_malformed"], ["", "token_malformed"], [foreign, "token_invalid"], [early, "token_not_active"]] as const) {
      expect(tokens.authenticate(withToken(bad))).to.have.property("denial").that.deep.equals(denial(code));
    }
    clock.advance(hour);
    expect(tokens.authenticate(withToken(token))).to.have.property("denial").that.deep.equals(denial("token_expired"));
  });

  it("refuses a bad token in the first place even if the next place has a good one", () => {
    const headers = { authorization: `Bearer ${token}`, cookie: `access_token=${token}` };
    expect(tokens.authenticate(handshake({ auth: { token: "x" }, headers }))).to.have.nested.property("denial.code", "token_malformed");
    expect(tokens.authenticate(handshake({ headers: { ...headers, authorization: "Bearer x" } }))).to.have.nested.property("denial.code", "token_malformed");
  });

  it("keeps nothing of the raw token", () => {
    const seen = inspect([identify(tokens, token), tokens], { depth: Infinity, showHidden: true, getters: true, maxStringLength: Infinity });
    for (const part of raw) expect(seen).not.to.include(part);
    expect(seen).not.to.include(secret);
  });

  it("freezes its identities", () => {
    const identity = identify(tokens, token);
    for (const part of [identity, identity.claims, identity.verifiedBy, tokens]) expect(Object.isFrozen(part)).to.equal(true);
  });

  it("changes and ends the validity of its identities with the ring, as verifying again would", () => {
    const ring = keyRing([{ kid: "old", secret }, { kid: "other", secret: other }]);
    const rotating = jwt({ keys: ring });
    const issued = rotating.issue({ sub: "alice" }, { expiresIn: "1h" });
    const identity = identify(rotating, issued);
    const { credential } = identity;
    let changes = 0;
    const stop = credential?.onChange(() => changes++);
    expect(credential?.validity(identity)).to.deep.equal({ notBefore: start - 5_000, endsAt: start + hour });
    ring.rotate({ kid: "new", secret: `${secret}, new` }, { grace: "1m" });
    expect(credential?.validity(identity)).to.deep.equal({ notBefore: start - 5_000, endsAt: start + 60_000 });
    expect(identify(rotating, issued).endsAt).to.equal(start + 60_000);
    ring.revoke({ kid: "old" });
    expect(credential?.validity(identity)).to.equal(undefined);
    expect(rotating.authenticate(withToken(issued))).to.have.nested.property("denial.code", "token_invalid");
    stop?.();
    ring.revoke({ kid: "other" });
    expect([changes, credential?.generation]).to.deep.equal([2, 3]);
  });

  it("verifies tokens for the host's own routes", async () => {
    expect(await tokens.verify(token)).to.include({ sub: "alice", role: "member" });
  });

  it("rejects a bad token with a GuardError that has its code, a message for people, and the reason", async () => {
    for (const [bad, code] of [["x", "token_malformed"], [undefined as unknown as string, "token_malformed"], [`${raw[0]}.${raw[1]}.AAAA`, "token_invalid"]] as const) {
      const error = await rejection(tokens.verify(bad));
      expect([error.code, error.message, error.reason?.startsWith("it ") ?? false]).to.deep.equal([code, codes[code].message, code === "token_malformed"]);
    }
    clock.advance(hour);
    const error = await rejection(tokens.verify(token));
    expect(error.code).to.equal("token_expired");
    for (const part of raw) expect(inspect(error)).not.to.include(part);
  });

  it("rejects verify if the schema is asynchronous", async () => {
    const asynchronous = jwt({ keys: secret, claims: z.object({ role: z.string().refine(async () => true) }) });
    expect((await rejection(asynchronous.verify(token))).code).to.equal("claims_async");
  });

  it("says why it refuses a token, in words that show no claim that no option names", async () => {
    const strict = jwt({ keys: secret, issuer: "us", audience: "chat", maxAge: "1h", claims: z.object({ role: z.enum(["admin"]) }) });
    const issueAs = (claims: object, keys = secret) => jwt({ keys }).issue({ sub: "alice", iss: "us", aud: "chat", role: "admin", ...claims }, { expiresIn: "1h" });
    const cases: [token: string, reason: string][] = [
      ["x", "it does not have three parts with dots between them: it may be an opaque token, or an encrypted one, which has five"],
      [issueAs({}, other), "no trusted key of its `alg` and `kid` signed it"],
      [issueAs({ iss: "mallory's" }), "its `iss` is wrong: got \"mallory's\", wanted \"us\""],
      [issueAs({ aud: "mail" }), "its `aud` is wrong: got \"mail\", wanted \"chat\""],
      [issueAs({ role: "king" }), "its claims do not fit the schema"],
      [asOf(start - 2 * hour, () => issueAs({})), "it has expired"],
      [asOf(start + hour, () => issueAs({})), "it is not active yet"],
    ];
    for (const [bad, reason] of cases) {
      expect(strict.authenticate(withToken(bad))).to.be.instanceOf(Refusal).with.property("reason", reason);
      expect((await rejection(strict.verify(bad))).reason).to.equal(reason);
    }
  });

  it("tells the host why a handshake was refused, and the client only the code", async () => {
    const { connect, guarded } = await serve({ authenticate: jwt({ keys: secret, issuer: "us" }) as never });
    const reasons: unknown[] = [];
    guarded.on("refused", ({ code, reason }) => reasons.push([code, reason]));
    const { data } = await refusal(connect("/", { auth: { token: jwt({ keys: secret }).issue({ sub: "alice", iss: "them" }, { expiresIn: "1h" }) } }));
    expect(data).to.deep.equal(denial("token_invalid"));
    expect(reasons).to.deep.equal([["token_invalid", "its `iss` is wrong: got \"them\", wanted \"us\""]]);
  });

  it("accepts a token of more than 16,000 characters in auth, with maxTokenLength; Node itself refuses it in a header", async () => {
    const long = jwt({ keys: secret, maxTokenLength: 16_384 });
    const { address, connect } = await serve({ authenticate: long as never });
    const token = long.issue({ sub: "alice", groups: Array.from({ length: 310 }, () => randomUUID()) }, { expiresIn: "1h" });
    expect(token.length).to.be.within(16_000, 16_384);
    expect(await event<{ subject: string }>(connect("/", { auth: { token } }), "guard:session")).to.include({ subject: "alice" });
    expect((await fetch(`${address}/socket.io/?EIO=4&transport=polling`, { headers: { authorization: `Bearer ${token}` } })).status).to.equal(431);
  });

  it("lets role() and scope() read what its options roles and scopes name", async () => {
    const keycloak = jwt({ keys: secret, roles: "realm_access.roles", scopes: "permissions" });
    const { io, connect } = await serve({ authenticate: keycloak as never, events: { ban: role("admin"), write: scope("write") } });
    io.on("connection", (socket) => socket.on("ban", (done: (answer: string) => void) => done("done")).on("write", (done: (answer: string) => void) => done("done")));
    const answers = async (claims: object) => {
      const client = connect("/", { auth: { token: keycloak.issue({ sub: "alice", ...claims }, { expiresIn: "1h" }) } });
      const answered = await Promise.all(["ban", "write"].map((name) => client.emitWithAck(name) as Promise<string | { error: { code: string } }>));
      return answered.map((answer) => typeof answer === "string" ? answer : answer.error.code);
    };
    expect(await answers({ realm_access: { roles: ["member", "admin"] }, permissions: ["write"], scope: "openid" })).to.deep.equal(["done", "done"]);
    expect(await answers({ roles: ["admin"], scopes: ["write"], scope: "write" })).to.deep.equal(["forbidden", "forbidden"]);
  });

  it("needs an object of options", () => {
    for (const options of [undefined, null, secret, Buffer.from(secret)]) {
      expect(() => jwt(options as unknown as { keys: string })).to.throw(GuardError, "jwt({ keys })");
    }
  });

  it("refuses misspelt options and a cookie without a valid name", () => {
    const mistake = (options: object) => {
      try {
        jwt({ keys: secret, ...options });
      } catch (error) {
        return `${(error as GuardError).code}: ${(error as GuardError).message}`;
      }
      return "accepted";
    };
    expect(mistake({ audiences: "chat" })).to.match(/^option_unknown: .*Did you mean `audience`/);
    expect(mistake({ maxage: "1h" })).to.match(/Did you mean `maxAge`/);
    for (const cookie of ["", "a b", "a=b", "a;b", 1, true, "c".repeat(257)]) expect(mistake({ cookie })).to.match(/^option_invalid/);
    for (const cookie of ["access_token", "__Host-access_token"]) expect(mistake({ cookie })).to.equal("accepted");
  });

  it("does not change the options that it is given", () => {
    const options = Object.freeze({ keys: Object.freeze([Object.freeze({ secret })]), algorithms: Object.freeze(["HS256"] as const), issuer: Object.freeze(["us"]) });
    expect(jwt(options).issue({ sub: "a" }, { expiresIn: 1000 })).to.be.a("string");
  });

  it("types its claims by the schema", () => {
    const schema = z.object({ role: z.enum(["member", "admin"]), age: z.string().transform(Number) });
    const typed = jwt({ keys: process.env["NO_SUCH_SECRET"] ?? secret, claims: schema });
    expectTypeOf(typed).toExtend<Authenticator<{ role: "member" | "admin"; age: number } & RegisteredClaims>>();
    expectTypeOf(typed.verify).returns.resolves.toHaveProperty("sub").toEqualTypeOf<string>();
    expectTypeOf(typed.issue).parameter(0).toHaveProperty("age").toEqualTypeOf<string>();
    expect(identify(typed, typed.issue({ sub: "a", role: "admin", age: "7" }, { expiresIn: 1000 })).claims.age).to.equal(7);
    // @ts-expect-error: no such role
    expect(() => typed.issue({ sub: "a", role: "king", age: "7" }, { expiresIn: 1000 })).to.throw(GuardError);
    // @ts-expect-error: sub is required
    expect(() => typed.issue({ role: "admin", age: "7" }, { expiresIn: 1000 })).to.throw(GuardError);
    // @ts-expect-error: no such option
    expect(() => jwt({ keys: secret, secret })).to.throw(GuardError);

    const plain = jwt({ keys: secret });
    expectTypeOf(plain).toExtend<Authenticator<RegisteredClaims>>();
    expectTypeOf(plain.verify).returns.resolves.toHaveProperty("anything").toBeUnknown();

    const mapped = jwt({ keys: secret, subject: "userId", claims: z.object({ userId: z.number() }) });
    expectTypeOf(mapped.verify).returns.resolves.toHaveProperty("sub").toEqualTypeOf<string | undefined>();
    expect(identify(mapped, mapped.issue({ userId: 7 }, { expiresIn: 1000 })).subject).to.equal("7");
  });
});
