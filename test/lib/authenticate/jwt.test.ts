/** `jwt()` as a guard uses it: a handshake in, an identity or a denial out. */
import { expect } from "chai";
import { jwt } from "../../../lib/authenticate/jwt.js";
import type { Handshake, Identity } from "../../../lib/authenticate/authenticator.js";
import { keyRing } from "../../../lib/token/keys.js";

const secret = "a secret of thirty-two bytes, or more";
const now = 1_700_000_000_123;
const clock = () => now;

const handshake = (parts: Partial<Handshake> = {}): Handshake => ({ auth: {}, headers: {}, address: "127.0.0.1", namespace: "/", ...parts });

describe("jwt()", () => {
  const tokens = jwt({ keys: secret, clock, cookie: "access_token" });
  const token = tokens.issue({ sub: "alice", role: "member" }, { expiresIn: "1h" });

  it("answers an identity for a token that it issued", () => {
    const identity = tokens.authenticate(handshake({ auth: { token } })) as Identity<{ role?: unknown }>;
    expect(identity).to.include({ method: "jwt", subject: "alice", issuedAt: now, endsAt: now + 3_600_000, notBefore: now - 5_000 });
    expect(identity.claims).to.include({ sub: "alice", role: "member" });
    expect(identity.tokenId).to.be.a("string");
  });

  it("leaves a handshake without a token to the next authenticator", () => {
    expect(tokens.authenticate(handshake())).to.equal(undefined);
  });

  it("ends identities whose key leaves the ring", () => {
    const ring = keyRing([{ kid: "old", secret }, { kid: "other", secret: secret + "2" }], { clock });
    const rotating = jwt({ keys: ring, clock });
    const identity = rotating.authenticate(handshake({ auth: { token: rotating.issue({ sub: "a" }, { expiresIn: "1h" }) } })) as Identity;
    expect(identity.credential?.instants(identity)?.endsAt).to.equal(now + 3_600_000);
    ring.rotate({ kid: "new", secret: secret + "3" }, { grace: "1m" });
    expect(identity.credential?.instants(identity)?.endsAt).to.equal(now + 60_000);
    ring.drop("old");
    expect(identity.credential?.generation).to.equal(2);
    expect(identity.credential?.instants(identity)).to.equal(undefined);
  });
});
