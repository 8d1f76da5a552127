/** The validity window: its two integers decide for every millisecond what `jsonwebtoken.verify` decides. */
import { createSecretKey } from "node:crypto";
import { expect } from "chai";
import jsonwebtoken from "jsonwebtoken";
import { validityOf, refusalAt } from "../../../lib/token/validity.js";
import { readTokenOptions } from "../../../lib/token/options.js";
import { randomFrom, seed } from "../../support/draws.js";
import { now, second, secret, signTexts, token, verdict } from "./support.js";

const key = createSecretKey(secret);

describe("The validity of a token", () => {
  it("lasts until just before exp", () => {
    const raw = token({ exp: second + 60 });
    expect(verdict(raw, {}, now + 59_999)).to.equal("accepted");
    expect(verdict(raw, {}, now + 60_000)).to.equal("token_expired");
  });

  it("has a tolerance of 5 s for nbf and iat, and none for exp", () => {
    for (const claim of ["nbf", "iat"]) {
      expect(verdict(token({ [claim]: second + 5 }))).to.equal("accepted");
      expect(verdict(token({ [claim]: second + 5.001 }))).to.equal("token_not_active");
    }
  });

  it("has the tolerance of clockTolerance for all three", () => {
    const options = { clockTolerance: "10s", maxAge: "1m" } as const;
    expect(verdict(token({ nbf: second + 10 }), options)).to.equal("accepted");
    expect(verdict(token({ nbf: second + 10.001 }), options)).to.equal("token_not_active");
    expect(verdict(token({ iat: second - 60, exp: second + 1 }), options, now + 9_999)).to.equal("accepted");
    expect(verdict(token({ iat: second - 60, exp: second + 100 }), options, now + 10_000)).to.equal("token_expired");
    expect(verdict(token({ exp: second + 1 }), options, now + 10_999)).to.equal("accepted");
    expect(verdict(token({ exp: second + 1 }), options, now + 11_000)).to.equal("token_expired");
    expect(verdict(token({ nbf: second + 0.001 }), { clockTolerance: 0 })).to.equal("token_not_active");
  });

  it("ends maxAge after iat", () => {
    expect(verdict(token(), { maxAge: "1m" }, now + 59_999)).to.equal("accepted");
    expect(verdict(token(), { maxAge: "1m" }, now + 60_000)).to.equal("token_expired");
  });

  it("counts fractions of seconds", () => {
    const raw = token({ iat: second + 0.25, exp: second + 1.0005 });
    expect(verdict(raw, {}, now + 1000)).to.equal("accepted");
    expect(verdict(raw, {}, now + 1001)).to.equal("token_expired");
  });

  it("has not begun for a token that is both not active and expired, as in jsonwebtoken", () => {
    expect(verdict(token({ nbf: second + 60, exp: second - 1, iat: second - 10 }))).to.equal("token_not_active");
  });

  it("never holds for a time that is not a number", () => {
    for (const broken of [NaN, null, "later"]) expect(verdict(token(), {}, broken as number)).to.equal("token_not_active");
  });

  it("decides at every millisecond around its ends what jsonwebtoken decides", () => {
    const random = randomFrom(seed());
    for (let draw = 0; draw < 300; draw++) {
      // Milliseconds, microseconds and whole seconds; near the epoch, today and in the year 9999.
      const base = [100, second, 253_402_300_000][Math.floor(random() * 3)] as number;
      const instant = () => base + Math.floor(random() * 5_000_000) / ([1000, 1e6, 1e5][Math.floor(random() * 3)] as number);
      const claims = { exp: instant(), iat: base - random(), ...(random() < 0.5 && { nbf: instant() - 2 }) };
      const tolerance = Math.floor(random() * 60_001);
      const maxAge = 1 + Math.floor(random() * 4000);
      const config = readTokenOptions({ keys: secret, clockTolerance: tolerance, ...(random() < 0.5 && { maxAge }) });
      const raw = signTexts("{\"alg\":\"HS256\"}", JSON.stringify(claims));
      const validity = validityOf(claims, config);
      const places = [validity.notBefore, validity.endsAt, claims.exp * 1000, (claims.nbf ?? claims.exp) * 1000].map(Math.floor);
      for (const place of places) {
        for (const at of [place - 1, place, place + 1]) {
          const seconds = at / 1000;
          const early = claims.iat > seconds + tolerance / 1000;
          const ours = refusalAt(at, validity)?.denial.code ?? "accepted";
          expect(ours, JSON.stringify({ claims, tolerance, maxAge: config.maxAge, at })).to.equal(early ? "token_not_active" : theirs(raw, seconds, tolerance / 1000, config.maxAge));
        }
      }
    }
  });
});

function theirs(raw: string, seconds: number, clockTolerance: number, maxAge: number | undefined): string {
  try {
    jsonwebtoken.verify(raw, key, { algorithms: ["HS256"], clockTimestamp: seconds, clockTolerance, ...(maxAge !== undefined && { maxAge }) });
    return "accepted";
  } catch (error) {
    return error instanceof jsonwebtoken.NotBeforeError ? "token_not_active" : error instanceof jsonwebtoken.TokenExpiredError ? "token_expired" : String(error);
  }
}
