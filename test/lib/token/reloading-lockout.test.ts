/** A token whose `kid` no loaded key has: the keys are loaded again, so that a rotation at the issuer refuses nobody. */
import { expect } from "chai";
import { afterEach } from "mocha";
import { jwt } from "../../../lib/authenticate/jwt.js";
import type { JwtKey } from "../../../lib/token/create-key-ring.js";
import { useClock } from "../../support/clock.js";
import { event, refusal, serve } from "../../support/server.js";
import { closeLoading, codeOf, load, one, soon, two } from "./loading.js";

const three: JwtKey = { kid: "3", secret: "3".repeat(64) };
const tokenOf = (key: JwtKey) => jwt({ keys: [key] }).issue({ sub: "alice" }, soon);

/** A ring that counts its loads, and the keys that it loads. */
function counted() {
  const published = { keys: [one] as readonly JwtKey[], loads: 0, fails: false };
  const ring = load(async () => {
    published.loads += 1;
    if (published.fails) throw new Error("no issuer");
    return published.keys;
  }, { onError: () => undefined });
  return { published, ring, tokens: jwt({ keys: ring }) };
}

describe("A token with an unknown kid", () => {
  const clock = useClock();
  afterEach(closeLoading);

  it("is accepted at a handshake after one load, which all handshakes of the moment share", async () => {
    const { published, ring, tokens } = counted();
    await ring.ready;
    const { connect } = await serve({ authenticate: tokens as never });
    published.keys = [two, one];
    await Promise.all(Array.from({ length: 20 }, () => event(connect("/", { auth: { token: tokenOf(two) } }), "guard:session")));
    expect(published.loads).to.equal(2);
    await event(connect("/", { auth: { token: tokenOf(one) } }), "guard:session");
  });

  it("is invalid if the keys that were loaded for it do not have it either", async () => {
    const { published, ring, tokens } = counted();
    await ring.ready;
    expect(await codeOf(() => tokens.verify(tokenOf(two)))).to.equal("token_invalid");
    expect(published.loads).to.equal(2);
  });

  it("makes the keys load once in 30 s at most, and is unavailable meanwhile", async () => {
    const { published, ring, tokens } = counted();
    await ring.ready;
    expect(await codeOf(() => tokens.verify(tokenOf(two)))).to.equal("token_invalid");
    published.keys = [three, one];
    const { connect } = await serve({ authenticate: tokens as never });
    expect((await refusal(connect("/", { auth: { token: tokenOf(three) } }))).data).to.deep.include({ code: "unavailable", reconnect: "later" });
    expect(published.loads).to.equal(2);
    clock.advance(30_000);
    expect((await tokens.verify(tokenOf(three))).sub).to.equal("alice");
    expect(published.loads).to.equal(3);
  });

  it("is unavailable if the keys cannot be loaded", async () => {
    const { published, ring, tokens } = counted();
    await ring.ready;
    published.fails = true;
    expect(await codeOf(() => tokens.verify(tokenOf(two)))).to.equal("unavailable");
    expect((await tokens.verify(tokenOf(one))).sub).to.equal("alice");
  });

  it("is invalid at once where the keys are not loaded", async () => {
    expect(await codeOf(() => jwt({ keys: [one] }).verify(tokenOf(two)))).to.equal("token_invalid");
  });
});

describe("A key that is missing from the loaded keys", () => {
  const clock = useClock();
  afterEach(closeLoading);

  it("ends no session, and is accepted at handshakes, before its grace of 10 minutes is over", async () => {
    const { published, ring, tokens } = counted();
    published.keys = [two, one];
    await ring.ready;
    await ring.reload();
    const { connect } = await serve({ authenticate: tokens as never });
    const token = tokenOf(one);
    const client = connect("/", { auth: { token } });
    await event(client, "guard:session");
    published.keys = [two];
    await ring.reload();
    clock.advance(599_000);
    // Missing once more does not begin another grace.
    await ring.reload();
    expect(client.connected).to.equal(true);
    await event(connect("/", { auth: { token } }), "guard:session");
    const bye = event(client, "guard:bye");
    clock.advance(1_000);
    expect(await bye).to.deep.include({ code: "token_expired" });
    expect(await codeOf(() => tokens.verify(token))).to.equal("token_expired");
    await ring.reload();
    expect(await codeOf(() => tokens.verify(token))).to.equal("token_invalid");
  });

  it("counts as before if it is back in time", async () => {
    const { published, ring, tokens } = counted();
    await ring.ready;
    const token = tokenOf(one);
    published.keys = [two];
    await ring.reload();
    published.keys = [two, one];
    await ring.reload();
    clock.advance(1_200_000);
    expect((await tokens.verify(token)).sub).to.equal("alice");
  });

  it("does not sign, and may share its kid with the key that replaces it", async () => {
    const replaced: JwtKey = { kid: "1", secret: "4".repeat(64) };
    const { published, ring, tokens } = counted();
    await ring.ready;
    const before = tokenOf(one);
    published.keys = [replaced];
    await ring.reload();
    expect((await tokens.verify(before)).sub).to.equal("alice");
    expect((await jwt({ keys: [replaced] }).verify(tokens.issue({ sub: "alice" }, soon))).sub).to.equal("alice");
  });

  it("can be revoked, which ends its grace, while a key that is loaded cannot", async () => {
    const { published, ring, tokens } = counted();
    await ring.ready;
    const token = tokenOf(one);
    published.keys = [two];
    await ring.reload();
    expect(await codeOf(() => ring.revoke({ kid: "2" }))).to.equal("ring_loaded");
    ring.revoke({ kid: "1" });
    expect(await codeOf(() => tokens.verify(token))).to.equal("token_invalid");
    await ring.reload();
    expect(ring.generation).to.equal(3);
  });

  it("ends at once if it is not missing but loaded with an end in the past", async () => {
    const { published, ring, tokens } = counted();
    await ring.ready;
    published.keys = [two, { ...one, acceptUntil: 0 }];
    await ring.reload();
    expect(await codeOf(() => tokens.verify(tokenOf(one)))).to.equal("token_expired");
  });

  it("is refused at once with a missingKeyGrace of 0", async () => {
    let keys = [two, one];
    const ring = load(() => keys, { missingKeyGrace: 0 });
    const tokens = jwt({ keys: ring });
    keys = [two];
    await ring.reload();
    expect(await codeOf(() => tokens.verify(tokenOf(one)))).to.equal("token_invalid");
  });
});
