/** Claims: their types and ranges, the options that they must meet, and what rules and handlers see of them. */
import { expect } from "chai";
import { z } from "zod";
import type { TokenOptions } from "../../../lib/token/options.js";
import { accepted, now, second, token, verdict } from "./support.js";

const lastInstant = 253_402_300_799;
const long = { maxLifetime: "9000y" } as const;
const thrown = (make: () => unknown): unknown => {
  try {
    return make();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

describe("The registered claims", () => {
  it("require exp", () => expect(verdict(token({ exp: undefined }))).to.equal("token_invalid"));

  it("exp, nbf and iat must be numbers from 0 to the year 9999", () => {
    for (const name of ["exp", "nbf", "iat"]) {
      for (const value of ["1700000000", null, true, [second], {}, -1, -0.001, lastInstant + 1, 1e300]) {
        expect(verdict(token({ [name]: value }), long), `${name} ${JSON.stringify(value)}`).to.equal("token_invalid");
      }
    }
    expect(verdict(token({ exp: lastInstant }), long)).to.equal("accepted");
    expect(verdict(token({ nbf: 0, iat: 0 }), long)).to.equal("accepted");
    expect(verdict(token({ nbf: lastInstant }), long)).to.equal("token_not_active");
    expect(verdict(token({ exp: 0, iat: 0 }))).to.equal("token_expired");
  });

  it("iss, sub and jti must be strings of 1 to 1,024 characters", () => {
    for (const name of ["iss", "sub", "jti"]) {
      for (const value of ["", "x".repeat(1025), 1, null, ["alice"], {}, false]) expect(verdict(token({ [name]: value })), `${name} ${JSON.stringify(value)}`).to.equal("token_invalid");
      for (const value of ["a", "x".repeat(1024)]) expect(verdict(token({ [name]: value })), name).to.equal("accepted");
    }
  });

  it("aud must be a string or a list of strings", () => {
    for (const aud of [1, null, {}, ["a", 1], [["a"]], [null]]) expect(verdict(token({ aud })), JSON.stringify(aud)).to.equal("token_invalid");
    for (const aud of ["a", ["a", "b"], []]) expect(verdict(token({ aud })), JSON.stringify(aud)).to.equal("accepted");
  });

  it("are judged only after the signature", () => {
    const forged = (payload: object) => verdict(token(payload), { keys: "another secret of at least 32 bytes" });
    expect(forged({ exp: second - 1 })).to.equal("token_invalid");
    expect(forged({ nbf: second + 3600 })).to.equal("token_invalid");
  });
});

describe("The options of jwt()", () => {
  const cases: [string, object, Partial<TokenOptions>, boolean][] = [
    ["the issuer", { iss: "us" }, { issuer: "us" }, true],
    ["one of the issuers", { iss: "us" }, { issuer: ["them", "us"] }, true],
    ["another issuer", { iss: "us " }, { issuer: "us" }, false],
    ["no issuer", {}, { issuer: "us" }, false],
    ["the audience", { aud: "chat" }, { audience: "chat" }, true],
    ["a list with the audience", { aud: ["mail", "chat"] }, { audience: "chat" }, true],
    ["one of the audiences", { aud: ["chat"] }, { audience: ["x", "chat"] }, true],
    ["another audience", { aud: "chats" }, { audience: "chat" }, false],
    ["an empty list", { aud: [] }, { audience: "chat" }, false],
    ["no audience", {}, { audience: "chat" }, false],
    ["no sub", { sub: undefined }, {}, false],
    ["another claim as subject", { sub: undefined, userId: "u1" }, { subject: "userId" }, true],
    ["an integer as subject", { userId: 42 }, { subject: "userId" }, true],
    ["a fraction as subject", { userId: 4.2 }, { subject: "userId" }, false],
    ["an empty subject", { userId: "" }, { subject: "userId" }, false],
    ["no such subject", {}, { subject: "userId" }, false],
    ["an inherited subject", {}, { subject: "constructor" }, false],
    ["90 days of life", { exp: second + 90 * 86_400 }, {}, true],
    ["a millisecond more", { exp: second + 90 * 86_400 + 0.001 }, {}, false],
    ["maxLifetime", { exp: second + 60 }, { maxLifetime: "1m" }, true],
    ["more than maxLifetime", { exp: second + 61 }, { maxLifetime: "1m" }, false],
    ["maxAge without iat", { iat: undefined }, { maxAge: "1h" }, false],
  ];
  for (const [title, payload, options, holds] of cases) {
    it(`${holds ? "accept" : "refuse"} ${title}`, () => expect(verdict(token(payload), options)).to.equal(holds ? "accepted" : "token_invalid"));
  }

  it("name the claim that is the subject", () => {
    expect(accepted(token({ sub: "alice", userId: 42 }), { subject: "userId" }).subject).to.equal("42");
    expect(accepted(token()).subject).to.equal("alice");
  });

  it("let a token without iat begin maxLifetime before its exp", () => {
    const raw = token({ iat: undefined, exp: second + 100 * 86_400 });
    expect(verdict(raw)).to.equal("token_not_active");
    expect(verdict(raw, {}, now + 10 * 86_400_000)).to.equal("accepted");
  });
});

describe("The claims that rules see", () => {
  it("are the whole payload without a schema, deeply frozen", () => {
    const { claims } = accepted(token({ role: "member", tags: [{ name: "a" }] })) as unknown as { claims: { role: string; tags: { name: string }[] } };
    expect(claims).to.deep.equal({ sub: "alice", iat: second, exp: second + 3600, role: "member", tags: [{ name: "a" }] });
    expect([claims, claims.tags, claims.tags[0]].every((part) => Object.isFrozen(part))).to.equal(true);
  });

  it("are the schema's output and the registered claims as they were signed", () => {
    const schema = z.object({ role: z.enum(["member", "admin"]), sub: z.string().transform((sub) => sub.toUpperCase()), since: z.number().transform((at) => new Date(at)) });
    const { claims, subject } = accepted(token({ role: "admin", since: 0, jti: "1", other: true }), { claims: schema });
    expect(claims).to.deep.equal({ role: "admin", since: new Date(0), sub: "alice", iat: second, exp: second + 3600, jti: "1" });
    expect(subject).to.equal("alice");
    expect(verdict(token({ role: "owner", since: 0 }), { claims: schema })).to.equal("token_invalid");
  });

  it("cannot change a prototype", () => {
    const raw = token(JSON.parse("{\"__proto__\":{\"role\":\"admin\"},\"data\":{\"__proto__\":{\"role\":\"admin\"}}}") as object);
    expect(Buffer.from(raw.split(".")[1] as string, "base64url").toString()).to.include("__proto__");
    const { claims } = accepted(raw) as { claims: { data?: object } };
    for (const seen of [claims, Object.assign({}, claims), claims.data, Object.assign({}, claims.data)] as { role?: string }[]) expect(seen.role).to.equal(undefined);
    expect(({} as { role?: string }).role).to.equal(undefined);
  });

  it("may refer to themselves, if a schema makes them so", () => {
    const loop: { self?: object } = {};
    loop.self = loop;
    expect(Object.isFrozen(accepted(token(), { claims: z.unknown().transform(() => loop) }).claims)).to.equal(true);
  });

  it("need a synchronous schema whose output is an object", () => {
    const later = z.object({ sub: z.string().refine(async () => true) });
    expect(thrown(() => verdict(token(), { claims: later }))).to.equal("claims_async");
    expect(thrown(() => verdict(token(), { claims: z.unknown().transform(() => "text") as unknown as z.ZodObject }))).to.equal("claims_output_invalid");
  });
});
