import { expect } from "chai";
import type { LiveCredential, ValidityWindow } from "../../../lib/authenticate/authenticator.js";
import { denial, type DenialCode } from "../../../lib/protocol.js";
import { Refusal } from "../../../lib/refusal.js";
import type { LiveSession } from "../../../lib/session/session.js";
import { identity, registryWithEnds } from "./support.js";

/** A credential whose validity the test changes. */
function changing(instants: ValidityWindow | undefined) {
  const listeners = new Set<() => void>();
  let generation = 0;
  const credential: LiveCredential = {
    get generation() { return generation; },
    validity: () => instants,
    onChange: (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
  };
  const change = (next: ValidityWindow | undefined) => {
    instants = next;
    generation += 1;
    for (const listener of listeners) listener();
  };
  return { credential, change, listeners };
}

const ended = (code: DenialCode) => new Refusal(denial(code));
const codeAt = (session: LiveSession, now: number) => session.invalidity(now)?.denial.code;

describe("a session", () => {
  it("ends at its instant, even if its client sends nothing", async () => {
    const { registry, open, nextEnd } = registryWithEnds();
    const next = nextEnd();
    const endsAt = Date.now() + 30;
    const session = open({ endsAt });
    expect(codeAt(session, endsAt - 1)).to.equal(undefined);
    expect(await next).to.equal(session);
    expect(session.ended?.denial.code).to.equal("token_expired");
    expect(registry.size).to.equal(0);
  });

  it("is valid from notBefore until just before its end", () => {
    const session = registryWithEnds().open({ notBefore: 1_000, endsAt: 2_000 });
    expect([999, 1_000, 1_999, 2_000].map((now) => codeAt(session, now))).to.deep.equal(["token_not_active", undefined, undefined, "token_expired"]);
  });

  it("is not valid if the clock does not return a number", () => {
    const session = registryWithEnds().open({ endsAt: 2_000 });
    expect(codeAt(session, Number.NaN)).to.equal("token_not_active");
  });

  it("has no end if it is a guest's", () => {
    const session = registryWithEnds().open({ subject: undefined });
    expect([session.expiresAt, session.guest]).to.deep.equal([Infinity, true]);
    expect(codeAt(session, Number.MAX_SAFE_INTEGER)).to.equal(undefined);
  });

  it("ends once, and keeps its first reason", () => {
    const { registry, ends, open } = registryWithEnds();
    const session = open();
    registry.end(session, ended("token_expired"));
    registry.end(session, ended("server_closing"));
    expect(ends).to.deep.equal([session]);
    expect(codeAt(session, Date.now())).to.equal("token_expired");
  });

  it("aborts its signal when it is released, and a signal that is read only later is aborted already", () => {
    const { registry, open } = registryWithEnds();
    const [early, late] = [open(), open()];
    const { signal } = early;
    registry.endAll(() => true, ended("server_closing"));
    expect(signal.aborted).to.equal(false);
    for (const session of [early, late]) registry.release(session);
    expect([signal.aborted, late.signal.aborted]).to.deep.equal([true, true]);
  });

  it("is released at once if its socket is still connecting: it has no connection that would end", () => {
    const { registry, open } = registryWithEnds();
    const session = open();
    session.connection = undefined;
    const { signal } = session;
    registry.end(session, ended("token_revoked"));
    expect(signal.aborted).to.equal(true);
    expect(registry.release(session)).to.equal(false);
  });

  it("is over once it is released, and no end is told", () => {
    const { registry, ends, open } = registryWithEnds();
    const session = open({ endsAt: Date.now() + 1e9 });
    expect([registry.release(session), registry.release(session)]).to.deep.equal([true, false]);
    expect(ends).to.deep.equal([]);
    expect(codeAt(session, Date.now())).not.to.equal(undefined);
    expect(registry.size).to.equal(0);
  });
});

describe("the sessions of a subject", () => {
  it("are those that have not ended, the oldest first, also after a refresh", () => {
    const { registry, open } = registryWithEnds();
    const [first, second, third] = [open(), open(), open()];
    open({ subject: "bob" });
    registry.renew(first, identity({ endsAt: Date.now() + 1e9 }), undefined);
    registry.end(second, ended("token_revoked"));
    expect(registry.of("alice")).to.deep.equal([first, third]);
  });

  it("follow a session that becomes another subject's", () => {
    const { registry, open } = registryWithEnds();
    const session = open();
    registry.renew(session, identity({ subject: "bob" }), undefined);
    expect([registry.of("alice"), registry.of("bob")]).to.deep.equal([[], [session]]);
    registry.release(session);
    expect(registry.of("bob")).to.deep.equal([]);
  });
});

describe("a change of a credential", () => {
  it("ends the sessions that are no longer valid at once, and no others", () => {
    const { ends, open } = registryWithEnds();
    const [dropped, kept] = [changing({ notBefore: 0, endsAt: Infinity }), changing({ notBefore: 0, endsAt: Infinity })];
    const [session, other] = [open({ credential: dropped.credential }), open({ credential: kept.credential })];
    dropped.change(undefined);
    expect(ends).to.deep.equal([session]);
    expect(session.ended?.denial.code).to.equal("token_invalid");
    expect(codeAt(other, Date.now())).to.equal(undefined);
  });

  it("moves the end of a session forward", async () => {
    const { open, nextEnd } = registryWithEnds();
    const { credential, change } = changing({ notBefore: 0, endsAt: Infinity });
    const session = open({ credential });
    const next = nextEnd();
    change({ notBefore: 0, endsAt: Date.now() + 20 });
    expect(session.ended).to.equal(undefined);
    expect(await next).to.equal(session);
  });

  it("is seen by the next check, even if no notice of it came", () => {
    const { registry, open } = registryWithEnds();
    const { credential, change } = changing({ notBefore: 0, endsAt: Infinity });
    const session = open({ credential });
    registry.stop();
    change(undefined);
    expect([codeAt(session, Date.now()), codeAt(session, Date.now())]).to.deep.equal(["token_invalid", "token_invalid"]);
  });

  it("is subscribed to once for all sessions of the credential, for as long as there are any", () => {
    const { registry, open } = registryWithEnds();
    const { credential, listeners } = changing({ notBefore: 0, endsAt: Infinity });
    const [one, other] = [open({ credential }), open({ credential })];
    expect(listeners.size).to.equal(1);
    registry.release(one);
    expect(listeners.size).to.equal(1);
    registry.release(other);
    expect(listeners.size).to.equal(0);
    open({ credential });
    expect(listeners.size).to.equal(1);
    registry.stop();
    expect(listeners.size).to.equal(0);
  });
});

describe("ending many sessions", () => {
  it("ends all of them before a host hears of the first", () => {
    const { registry, open } = registryWithEnds();
    const living: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      const session = open();
      session.connection = undefined;
      session.signal.addEventListener("abort", () => living.push(registry.size));
    }
    registry.endAll(() => true, ended("server_closing"));
    expect(living).to.deep.equal([0, 0, 0, 0, 0]);
  });
});
