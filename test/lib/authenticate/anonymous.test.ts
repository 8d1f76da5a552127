import { expect } from "chai";
import { anonymous } from "../../../lib/authenticate/chain.js";
import type { GuardIdentity } from "../../../lib/authenticate/authenticator.js";
import { registryWithEnds } from "../session/support.js";

const controller = new AbortController();
const guest = (namespace = "/") => anonymous().authenticate({ auth: { token: "anything" }, headers: {}, address: "127.0.0.1", namespace, signal: controller.signal }) as GuardIdentity<never>;

describe("anonymous()", () => {
  it("accepts everybody, without a subject, claims or an end", () => {
    expect(guest("/admin")).to.deep.equal({ method: "anonymous", subject: undefined, claims: {}, notBefore: -Infinity, endsAt: Infinity });
  });

  it("makes a guest session that never ends by itself", () => {
    const session = registryWithEnds().open(guest());
    expect(session.guest).to.equal(true);
    for (const now of [-1, 0, Date.now(), Number.MAX_SAFE_INTEGER]) expect(session.invalidity(now)).to.equal(undefined);
  });

  it("gives all guests the same frozen identity", () => {
    expect(Object.isFrozen(guest())).to.equal(true);
    expect(Object.isFrozen(guest().claims)).to.equal(true);
  });

  it("reads nothing of the handshake", () => {
    expect(anonymous()).to.have.all.keys("name", "authenticate");
    expect(anonymous().name).to.equal("anonymous");
  });
});
