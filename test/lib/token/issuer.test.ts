/** `issuer` as a function: a provider with many tenants has an `iss` for each. */
import { expect } from "chai";
import type { TokenOptions } from "../../../lib/token/options.js";
import { nextTurn } from "../../support/server.js";
import { accepted, reasonOf, second, token, verdict } from "./support.js";

const tenants = new Set(["7f3c", "9a1b"]);
const byTenant = { issuer: (iss: string, claims: Readonly<Record<string, unknown>>) => tenants.has(String(claims["tid"])) && iss === `https://login.example/${String(claims["tid"])}/v2.0` };

describe("An issuer that is a function", () => {
  it("accepts each iss for which it returns true, and no other", () => {
    const cases: [payload: object, verdict: string][] = [
      [{ iss: "https://login.example/7f3c/v2.0", tid: "7f3c" }, "accepted"],
      [{ iss: "https://login.example/9a1b/v2.0", tid: "9a1b" }, "accepted"],
      [{ iss: "https://login.example/7f3c/v2.0", tid: "9a1b" }, "token_invalid"],
      [{ iss: "https://login.example/ffff/v2.0", tid: "ffff" }, "token_invalid"],
      [{ iss: "https://login.example/7f3c/v2.0" }, "token_invalid"],
      [{ tid: "7f3c" }, "token_invalid"],
    ];
    for (const [payload, expected] of cases) expect(verdict(token(payload), byTenant), JSON.stringify(payload)).to.equal(expected);
  });

  it("is called only for tokens whose signature is right and that have an iss", () => {
    let calls = 0;
    const issuer = () => (calls += 1) > 0;
    expect(verdict(token({ iss: "us" }), { issuer, keys: "another secret of at least 32 bytes" })).to.equal("token_invalid");
    expect(verdict(token(), { issuer })).to.equal("token_invalid");
    expect(calls).to.equal(0);
    expect(verdict(token({ iss: "us" }), { issuer })).to.equal("accepted");
  });

  it("refuses if it returns anything but true", () => {
    for (const answer of [false, undefined, null, 1, "true", {}, [true], Promise.resolve(true), Promise.reject(new Error("later"))]) {
      const issuer = (() => answer) as unknown as () => boolean;
      expect(verdict(token({ iss: "us" }), { issuer })).to.equal("token_invalid");
      expect(reasonOf(token({ iss: "us" }), { issuer })).to.equal("`issuer` did not return true for its `iss`");
    }
  });

  it("refuses if it throws, and the reason says what it threw", () => {
    const options: Partial<TokenOptions> = { issuer: (_iss, claims) => (claims as { tenant: { id: string } }).tenant.id === "7f3c" };
    expect(verdict(token({ iss: "us" }), options)).to.equal("token_invalid");
    expect(reasonOf(token({ iss: "us" }), options)).to.match(/^`issuer` threw TypeError: /);
  });

  it("has the rejection of its promise handled, which would end the process", async () => {
    let isHandled = false;
    const promise = { then: (_fulfilled: unknown, rejected: unknown) => { isHandled = typeof rejected === "function"; } };
    expect(verdict(token({ iss: "us" }), { issuer: (() => promise) as unknown as () => boolean })).to.equal("token_invalid");
    await nextTurn();
    expect(isHandled).to.equal(true);
  });

  it("cannot change the claims", () => {
    const changes: boolean[] = [];
    const issuer = (_iss: string, claims: object) => changes.push(Reflect.set(claims, "exp", second + 1), Reflect.set(claims, "role", "admin")) > 0;
    expect(accepted(token({ iss: "us", role: "member" }), { issuer }).claims).to.include({ exp: second + 3600, role: "member" });
    expect(changes).to.deep.equal([false, false]);
  });
});

describe("An issuer that is text", () => {
  it("says in the reason what was got and wanted, and whether only a slash differs", () => {
    const wanted = "https://acme.eu.auth0.com/";
    expect(reasonOf(token({ iss: "https://acme.eu.auth0.com" }), { issuer: wanted })).to.equal("its `iss` is wrong: got \"https://acme.eu.auth0.com\", wanted \"https://acme.eu.auth0.com/\" (a slash is missing at its end)");
    expect(reasonOf(token({ iss: `${wanted}/` }), { issuer: [wanted, "x"] })).to.equal("its `iss` is wrong: got \"https://acme.eu.auth0.com//\", wanted \"https://acme.eu.auth0.com/\" or \"x\" (it has a slash too many at its end)");
    expect(reasonOf(token({ iss: "https://acme.us.auth0.com/" }), { issuer: wanted })).to.equal("its `iss` is wrong: got \"https://acme.us.auth0.com/\", wanted \"https://acme.eu.auth0.com/\"");
    expect(reasonOf(token(), { issuer: wanted })).to.equal("its `iss` is missing, wanted \"https://acme.eu.auth0.com/\"");
  });
});
