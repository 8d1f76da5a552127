/** Where a token is found, and which place counts. */
import { expect } from "chai";
import { type TokenPlaces, extractToken } from "../../../lib/token/extract.js";
import { cpuTime } from "../../support/cpu-time.js";

const find = (auth: unknown, headers: object = {}, cookie?: string) => extractToken({ auth, headers } as TokenPlaces, cookie);

describe("Extracting a token", () => {
  it("reads auth.token, or else Authorization, or else the named cookie", () => {
    const headers = { authorization: "Bearer header", cookie: "access_token=cookie" };
    expect(find({ token: "auth" }, headers, "access_token")).to.equal("auth");
    expect(find({}, headers, "access_token")).to.equal("header");
    expect(find({}, { cookie: headers.cookie }, "access_token")).to.equal("cookie");
  });

  it("finds nothing in empty places", () => {
    expect(find({}, {}, "access_token")).to.equal(undefined);
    expect(find({ token: undefined })).to.equal(undefined);
    expect(find({ token: null })).to.equal(undefined);
    expect(find(undefined)).to.equal(undefined);
    expect(find({}, { cookie: "other=1; access_token=" }, "access_token")).to.equal(undefined);
  });

  it("reads no cookie but the named one", () => {
    expect(find({}, { cookie: "access_token=a" })).to.equal(undefined);
    expect(find({}, { cookie: "access_token2=a; my_access_token=b" }, "access_token")).to.equal(undefined);
    expect(find({}, { cookie: "a=b" }, "__proto__")).to.equal(undefined);
    expect(find({}, { cookie: "a=b" }, "constructor")).to.equal(undefined);
  });

  it("returns what is in the first place even if it cannot be a token", () => {
    const headers = { authorization: "Bearer header" };
    for (const token of ["", 0, false, {}, ["a"]]) expect(find({ token }, headers)).to.deep.equal(token);
    expect(find({}, { authorization: "Bearer", cookie: "access_token=cookie" }, "access_token")).to.equal("");
  });

  it("reads the Bearer scheme in any case, and no other scheme", () => {
    for (const authorization of ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c ", "Bearer\ta.b.c", ["Bearer a.b.c"]]) expect(find({}, { authorization })).to.equal("a.b.c");
    for (const authorization of ["Basic a", "Bearerx", "a.b.c", "", []]) expect(find({}, { authorization })).to.equal(undefined);
  });

  it("returns two Authorization headers as a list, which is then refused", () => {
    expect(find({}, { authorization: ["Bearer a", "Bearer b"] })).to.be.an("array");
  });

  it("reads a cookie among others, and from several headers", () => {
    expect(find({}, { cookie: "a=1; access_token=x.y.z; b=2" }, "access_token")).to.equal("x.y.z");
    expect(find({}, { cookie: ["a=1", "access_token=x.y.z"] }, "access_token")).to.equal("x.y.z");
    expect(find({}, { cookie: "access_token=%zz" }, "access_token")).to.equal("%zz");
  });

  it("ignores an inherited token", () => {
    expect(find(Object.create({ token: "inherited" }))).to.equal(undefined);
  });

  it("never reads the query", () => {
    expect(extractToken({ auth: {}, headers: {}, query: { token: "a" }, url: "/?token=a" } as TokenPlaces)).to.equal(undefined);
  });

  it("is fast with long headers", () => {
    const start = cpuTime();
    find({}, { authorization: `Bearer${" ".repeat(60_000)}\nx` });
    find({}, { authorization: `Bearer ${"a ".repeat(30_000)}` });
    expect(cpuTime() - start).to.be.lessThan(200);
  });
});
