/** The steps of `socket.io-guard doctor`: they say what verifying the token says, and show nothing that no option compares. */
import { createHmac } from "node:crypto";
import { expect } from "chai";
import { z } from "zod";
import { keyRing } from "../../../lib/token/create-key-ring.js";
import { type Diagnosis, type Step, diagnose } from "../../../lib/token/diagnose.js";
import { type TokenOptions, readTokenOptions } from "../../../lib/token/options.js";
import { verifyToken } from "../../../lib/token/verify.js";
import { Refusal } from "../../../lib/refusal.js";
import { useClock } from "../../support/clock.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { now, second, secret, signTexts, token } from "./support.js";

const examine = (raw: unknown, options: Partial<TokenOptions> = {}) => diagnose(raw, readTokenOptions({ keys: secret, ...options }));
const written = ({ name, state, says }: Step) => `${name}: ${state}${says === undefined ? "" : `: ${says}`}`;
const stepsOf = ({ steps, claims }: Diagnosis) => [...steps, ...claims];

/** What a step says. */
async function said(name: string, raw: unknown, options?: Partial<TokenOptions>): Promise<string | undefined> {
  const step = stepsOf(await examine(raw, options)).find((one) => one.name === name);
  return step && written(step);
}

describe("The diagnosis of a token", () => {
  useClock(now);

  it("has a step for each thing that is checked, in the order of verifying", async () => {
    const options = { issuer: "us", audience: "chat", require: { use: "access" }, maxAge: "2h", roles: "roles", claims: z.looseObject({ role: z.string() }) } as const;
    const { code, steps, isSigned, claims } = await examine(token({ iss: "us", aud: ["chat", "mail"], use: "access", role: "admin", roles: ["a", "b"] }), options);
    expect([code, isSigned]).to.deep.equal([undefined, true]);
    expect([...steps, ...claims].map(written)).to.deep.equal([
      "keys: ok: 1 known", "form: ok", "header: ok", "alg: ok: \"HS256\"", "kid: ok: the token has none, so each key of its `alg` is tried", "signature: ok",
      "types: ok", "iss: ok: \"us\"", "aud: ok: [\"chat\",\"mail\"]", "maxAge: ok", "maxLifetime: ok", "require: ok", "sub: ok", "roles: ok: 2 found", "claims: ok",
      "iat: ok: less than a second ago", "nbf: ok: the token has none", "exp: ok: in 1 hour", "end by `maxAge`: ok: in 2 hours",
    ]);
  });

  it("says of each wrong thing what was got and what was wanted", async () => {
    const issuer = "https://acme.eu.auth0.com/";
    expect(await said("form", "a.b.c.d.e")).to.match(/^form: wrong: it does not have three parts .* encrypted one, which has five$/);
    expect(await said("header", token({}, { typ: "JOSE" }))).to.equal("header: wrong: its `typ` is neither JWT nor at+jwt");
    expect(await said("alg", token({}, { alg: "RS256" }))).to.equal("alg: wrong: got \"RS256\", wanted \"HS256\"");
    expect(await said("kid", token({}, { kid: "x" }), { keys: [{ kid: "a", secret }] })).to.equal("kid: wrong: got \"x\", wanted \"a\"");
    expect(await said("signature", signTexts("{\"alg\":\"HS256\"}", "{}", Buffer.alloc(64)))).to.equal("signature: wrong: no trusted key of its `alg` and `kid` signed it");
    expect(await said("types", token({ exp: "soon" }))).to.match(/^types: wrong: its `exp`/);
    expect(await said("iss", token({ iss: issuer.slice(0, -1) }), { issuer })).to.equal("iss: wrong: got \"https://acme.eu.auth0.com\", wanted \"https://acme.eu.auth0.com/\" (a slash is missing at its end)");
    expect(await said("aud", token(), { audience: "chat" })).to.equal("aud: wrong: its `aud` is missing, wanted \"chat\"");
    expect(await said("require", token({ token_use: "id" }), { require: { token_use: "access" } })).to.equal("require: wrong: its `token_use` is wrong: got \"id\", wanted \"access\"");
    expect(await said("maxAge", token({ iat: undefined }), { maxAge: "1h" })).to.equal("maxAge: wrong: its `iat` is missing, which `maxAge` needs");
    expect(await said("maxLifetime", token({ exp: second + 7_200 }), { maxLifetime: "1h" })).to.equal("maxLifetime: wrong: its `exp` is more than `maxLifetime` after its `iat`");
    expect(await said("uid", token(), { subject: "uid" })).to.match(/^uid: wrong: the claim that names its subject/);
    expect(await said("roles", token({ roles: 1 }), { roles: "roles" })).to.match(/^roles: wrong: /);
    expect(await said("claims", token(), { claims: z.object({ role: z.string() }) })).to.equal("claims: wrong: its claims do not fit the schema");
    expect(await said("iat", token({ iat: second + 60 }))).to.equal("iat: wrong: in 55 seconds: compare the clocks of both machines");
    expect(await said("nbf", token({ nbf: second + 600 }))).to.match(/^nbf: wrong: in 10 minutes/);
    expect(await said("exp", token({ iat: second - 20_000, exp: second - 3 * 3_600 }))).to.equal("exp: wrong: 3 hours ago");
    expect(await said("end by `maxAge`", token({ iat: second - 7_200 }), { maxAge: "1h" })).to.equal("end by `maxAge`: wrong: 1 hour ago");
    expect(await said("`acceptUntil` of the key", token(), { keys: [{ secret, acceptUntil: now - 86_400_000 }] })).to.equal("`acceptUntil` of the key: wrong: 1 day ago");
  });

  it("goes on after the first thing that is wrong", async () => {
    const { code, steps, claims } = await examine(token({ iss: "them", aud: "mail", exp: second - 60 }), { issuer: "us", audience: "chat" });
    expect(code).to.equal("token_invalid");
    expect([...steps, ...claims].filter(({ state }) => state === "wrong").map(({ name }) => name)).to.deep.equal(["iss", "aud", "exp"]);
  });

  it("sets claims apart that no trusted key has signed", async () => {
    const forged = await examine(signTexts("{\"alg\":\"HS256\"}", JSON.stringify({ sub: "alice", iss: "us", exp: second + 60 }), Buffer.alloc(64)), { issuer: "us" });
    expect([forged.code, forged.isSigned]).to.deep.equal(["token_invalid", false]);
    expect(forged.claims.map(written)).to.include("iss: ok: \"us\"");
    const unreadable = await examine(token({}, { crit: ["x"] }));
    expect([unreadable.isSigned, unreadable.steps.map(written).slice(-2)]).to.deep.equal([false, ["kid: not checked: the header is wrong", "signature: not checked: the header is wrong"]]);
  });

  it("tells why the keys are not there", async () => {
    const ring = keyRing({ load: () => Promise.reject(new Error("connect ECONNREFUSED")), onError: () => undefined });
    const { code, steps } = await examine(token(), { keys: ring });
    ring.close();
    expect(code).to.equal("unavailable");
    expect(written(steps[0]!)).to.match(/^keys: wrong: The keys of keyRing\(\) could not be loaded.* The cause: connect ECONNREFUSED$/);
  });

  it("shows no claim that no option compares, and nothing of an error that quotes one", async () => {
    const claims = { sub: "private-1", iss: "us", jti: "private-2", email: "private-3", role: "private-4", roles: ["private-5"], aud: "private-6" };
    const options: Partial<TokenOptions>[] = [
      {}, { issuer: "us", roles: "roles" }, { claims: z.object({ role: z.literal("x") }) },
      { issuer: (_iss, { email }) => { throw new Error(String(email)); } }, { roles: ({ email }) => { throw new TypeError(String(email)); } },
    ];
    for (const one of options) expect(stepsOf(await examine(token(claims), one)).map(written).join("\n")).not.to.include("private");
    expect(await said("iss", token(claims), options[3])).to.equal("iss: wrong: `issuer` threw Error");
  });

  it("says that a token is accepted exactly when it is, with random tokens and options", async () => {
    const random = randomFrom(seed());
    const pick = <Value>(...values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
    const seldom = <Value extends object>(...values: readonly Value[]): Value | object => (random() < 0.15 ? pick(...values) : {});
    let accepted = 0;
    for (let draw = 0; draw < draws(50_000); draw++) {
      const options: Partial<TokenOptions> = {
        keys: [{ ...pick({}, { kid: "a" }), secret, ...seldom({ acceptUntil: now - 1 }, { acceptUntil: now + 1 }) }],
        ...pick({}, { issuer: "us" }, { issuer: (iss: string) => iss === "us" }), ...pick({}, { audience: ["chat", "us"] }), ...pick({}, { require: { use: "access" } }),
        ...seldom({ maxAge: 3_600_000 }), ...seldom({ maxLifetime: 3_600_000 }), ...pick({}, { roles: "roles" }), ...seldom({ subject: "uid" }),
        ...pick({}, { claims: z.looseObject({ role: z.string() }) }), ...seldom({ clockTolerance: 0 }),
      };
      const raw = token(
        {
          iss: "us", aud: "chat", use: "access", roles: ["a"], role: "a",
          ...seldom({ sub: undefined }, { uid: 7 }), ...seldom({ iss: "them" }, { iss: undefined }), ...seldom({ aud: ["us"] }, { aud: "mail" }, { aud: undefined }), ...seldom({ use: "id" }),
          ...seldom({ exp: second }, { exp: second + 1 }, { exp: second + 7_200 }, { exp: "x" }), ...seldom({ iat: second - 3_600 }, { iat: second + 5 }, { iat: second + 6 }, { iat: undefined }),
          ...seldom({ nbf: second }, { nbf: second + 9 }), ...seldom({ roles: 1 }, { roles: undefined }), ...seldom({ role: 1 }),
        },
        seldom({ kid: "a" }, { kid: "b" }, { typ: "x" }, { alg: "none" }, { alg: "RS256" }),
      );
      const given = pick(raw, raw, raw, raw, raw, raw, raw, `${raw.slice(0, -4)}AAAA`, createHmac("sha256", raw).digest("base64url"), raw.replace(".", ".."));
      const config = readTokenOptions(options);
      const verified = verifyToken(given, now, config);
      const { code, isSigned, ...found } = await diagnose(given, config);
      const wrong = stepsOf({ code, isSigned, ...found }).filter(({ state }) => state === "wrong");
      const expected = verified instanceof Refusal ? verified.denial.code : undefined;
      expect([code, wrong.length === 0], `${given} ${JSON.stringify(wrong)}`).to.deep.equal([expected, expected === undefined]);
      if (code === undefined) accepted++;
    }
    expect(accepted).to.be.greaterThan(0);
  });
});
