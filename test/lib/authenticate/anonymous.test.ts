import { expect } from "chai";
import { anonymous } from "../../../lib/authenticate/anonymous.js";
import type { Identity } from "../../../lib/authenticate/authenticator.js";
import { registryWithEnds } from "../session/support.js";

const controller = new AbortController();
const guest = (namespace = "/") => anonymous().authenticate({ auth: { token: "anything" }, headers: {}, address: "127.0.0.1", namespace, signal: controller.signal }) as Identity<never>;

describe("anonymous()", () => {
  it("lets everybody in, without a subject, claims or an end", () => {
    expect(guest("/admin")).to.deep.equal({ method: "anonymous", subject: undefined, claims: {}, notBefore: -Infinity, endsAt: Infinity });
  });

  it("makes a session that is a guest's, and that no clock ends", () => {
    const session = registryWithEnds().open(guest());
    expect(session.guest).to.equal(true);
    for (const now of [-1, 0, Date.now(), Number.MAX_SAFE_INTEGER]) expect(session.invalidity(now)).to.equal(undefined);
  });

  it("gives all guests one identity that nobody can change", () => {
    expect(Object.isFrozen(guest())).to.equal(true);
    expect(Object.isFrozen(guest().claims)).to.equal(true);
  });

  it("reads no cookie and no secret", () => {
    expect(anonymous()).to.have.all.keys("name", "authenticate");
    expect(anonymous().name).to.equal("anonymous");
  });
});
