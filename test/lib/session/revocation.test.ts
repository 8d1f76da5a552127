import { expect } from "chai";
import { Revocations, type Revocable } from "../../../lib/session/revocation.js";
import { record } from "../../support/revocations.js";

const session = (more: Partial<Revocable["identity"]> = {}, subject: string | undefined = "alice"): Revocable =>
  ({ id: "socket", subject, identity: { tokenId: "token", issuedAt: 1_000, ...more } });

describe("the revocations in the memory of a node", () => {
  let revocations: Revocations;
  beforeEach(() => { revocations = new Revocations(); });
  const add = (...given: Parameters<typeof record>) => revocations.add(record(...given), Date.now());

  it("match no session at first", () => {
    expect(revocations.covers(session())).to.equal(false);
    expect([...revocations]).to.have.length(0);
  });

  it("match a token by its id, and no other token of its subject", () => {
    add("token");
    expect(revocations.covers(session())).to.equal(true);
    expect(revocations.covers(session({ tokenId: "another" }))).to.equal(false);
  });

  it("match a session by its id, including the session of a guest", () => {
    add("socket", { kind: "session" });
    expect(revocations.covers(session())).to.equal(true);
    expect(revocations.covers({ id: "socket", subject: undefined, identity: {} })).to.equal(true);
    expect(revocations.covers({ ...session(), id: "another" })).to.equal(false);
  });

  for (const [kind, value] of [["subject", "alice"], ["all", ""]] as const) {
    it(`match by ${kind} the tokens that were issued until an instant, and no later ones`, () => {
      add(value, { kind, issuedBefore: 1_000 });
      expect(revocations.covers(session({ issuedAt: 999.5 }))).to.equal(true);
      expect(revocations.covers(session({ issuedAt: 1_000 }))).to.equal(true);
      expect(revocations.covers(session({ issuedAt: 1_000.001 }))).to.equal(false);
    });

    it(`match by ${kind} a credential without a time of issue, but no guest`, () => {
      add(value, { kind, issuedBefore: 1_000 });
      expect(revocations.covers({ id: "socket", subject: "alice", identity: {} })).to.equal(true);
      expect(revocations.covers({ id: "socket", subject: undefined, identity: {} })).to.equal(false);
    });
  }

  it("keep the kinds apart, even for equal values", () => {
    for (const value of ["alice", "token", "__proto__", ""]) add(value, { kind: "session" });
    add("alice");
    expect(revocations.covers(session())).to.equal(false);
    expect([...revocations]).to.have.length(5);
  });

  it("report whether a record adds anything, and merge records of the same kind and value", () => {
    const alice = record("alice", { kind: "subject", issuedBefore: 1_000 });
    expect(revocations.add(alice, Date.now())).to.equal(true);
    expect(revocations.add(alice, Date.now())).to.equal(false);
    expect(revocations.add({ ...alice, issuedBefore: 500, expiresAt: alice.expiresAt - 1 }, Date.now())).to.equal(false);
    expect(revocations.add({ ...alice, issuedBefore: 500, expiresAt: alice.expiresAt + 1 }, Date.now())).to.equal(true);
    expect([...revocations]).to.deep.equal([{ ...alice, expiresAt: alice.expiresAt + 1 }]);
  });

  it("do not take a record that has expired", () => {
    expect(revocations.add(record("token", { expiresAt: 5 }), 5)).to.equal(false);
    expect([...revocations]).to.have.length(0);
  });

  it("forget expired records while others are added, even behind a record that lasts", () => {
    revocations.add(record("lasting", { expiresAt: 1_000_000 }), 0);
    for (let now = 0; now < 10_000; now += 1) revocations.add(record(String(now), { expiresAt: now + 100 }), now);
    expect([...revocations].length).to.be.within(101, 310);
    expect(revocations.covers(session({ tokenId: "lasting" }))).to.equal(true);
  });
});
