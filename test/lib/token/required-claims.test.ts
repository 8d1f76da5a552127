/** `require`: claims that tell the tokens for this server from others of the same issuer. */
import { expect } from "chai";
import type { TokenOptions } from "../../../lib/token/options.js";
import { reasonOf, token, verdict } from "./support.js";

const access: Partial<TokenOptions> = { require: { token_use: "access", azp: ["web", "mobile"] } };

describe("A required claim", () => {
  it("must be there with its value, or one of its values", () => {
    const cases: [payload: object, verdict: string][] = [
      [{ token_use: "access", azp: "web" }, "accepted"],
      [{ token_use: "access", azp: "mobile", other: 1 }, "accepted"],
      [{ token_use: "id", azp: "web" }, "token_invalid"],
      [{ token_use: "access", azp: "mail" }, "token_invalid"],
      [{ token_use: "access" }, "token_invalid"],
      [{ azp: "web" }, "token_invalid"],
      [{ token_use: "ACCESS", azp: "web" }, "token_invalid"],
      [{ token_use: null, azp: "web" }, "token_invalid"],
      [{ token_use: { access: true }, azp: "web" }, "token_invalid"],
    ];
    for (const [payload, expected] of cases) expect(verdict(token(payload), access), JSON.stringify(payload)).to.equal(expected);
  });

  it("may be a number or a boolean, and has the type of its value", () => {
    for (const [name, right, wrong] of [["ver", 2, "2"], ["email_verified", true, "true"], ["amount", 0, false], ["fresh", false, 0]] as const) {
      expect(verdict(token({ [name]: right }), { require: { [name]: right } })).to.equal("accepted");
      expect(verdict(token({ [name]: wrong }), { require: { [name]: right } })).to.equal("token_invalid");
      expect(verdict(token(), { require: { [name]: right } })).to.equal("token_invalid");
    }
  });

  it("that is a list must hold one of the values", () => {
    const mfa = { require: { amr: ["mfa", "hwk"] } };
    for (const amr of [["pwd", "mfa"], ["hwk"], "mfa"]) expect(verdict(token({ amr }), mfa), JSON.stringify(amr)).to.equal("accepted");
    for (const amr of [["pwd"], [], [["mfa"]], [{ mfa: true }], "pwd mfa"]) expect(verdict(token({ amr }), mfa), JSON.stringify(amr)).to.equal("token_invalid");
  });

  it("is not inherited", () => {
    for (const name of ["constructor", "toString", "__proto__"]) expect(verdict(token(), { require: { [name]: ["Object", "", "[object Object]"] } })).to.equal("token_invalid");
  });

  it("is judged only after the signature", () => {
    expect(reasonOf(token({ token_use: "id" }), { ...access, keys: "another secret of at least 32 bytes" })).to.equal("no trusted key of its `alg` and `kid` signed it");
  });

  it("is shown in the reason, with what it must be", () => {
    expect(reasonOf(token({ token_use: "id" }), access)).to.equal("its `token_use` is wrong: got \"id\", wanted \"access\"");
    expect(reasonOf(token({ token_use: "access", azp: ["a", 1] }), access)).to.equal("its `azp` is wrong: got [\"a\",1], wanted \"web\" or \"mobile\"");
    expect(reasonOf(token({ token_use: "access" }), access)).to.equal("its `azp` is missing, wanted \"web\" or \"mobile\"");
    expect(reasonOf(token({ token_use: "x".repeat(1_000) }), access)?.length).to.be.lessThan(300);
  });
});
