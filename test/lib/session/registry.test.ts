import { expect } from "chai";
import type { LiveCredential, ValidityWindow } from "../../../lib/authenticate/authenticator.js";
import { denial } from "../../../lib/protocol.js";
import { registryWithEnds } from "./support.js";

/** A credential whose instants the test changes. */
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

describe("a credential that an authenticator made for one identity", () => {
  it("is not listened to for longer than the sessions that it opened", () => {
    const { registry, open } = registryWithEnds();
    const { credential, listeners } = changing({ notBefore: 0, endsAt: Infinity });
    const [one, other] = [open({ credential }), open({ credential })];
    registry.settle(one);
    expect(listeners.size).to.equal(1);
    registry.end(other, denial("token_invalid"));
    expect(listeners.size).to.equal(0);
    open({ credential });
    expect(listeners.size).to.equal(1);
    registry.stop();
    expect(listeners.size).to.equal(0);
  });
});

describe("a session", () => {
  it("ends at its instant without anybody saying anything", async () => {
    const { registry, open, nextEnd } = registryWithEnds();
    const ended = nextEnd();
    const session = open({ endsAt: Date.now() + 30 });
    expect(session.refusal(Date.now())).to.equal(undefined);
    expect(await ended).to.equal(session);
    expect(session.ended?.code).to.equal("token_expired");
    expect(registry.size).to.equal(0);
  });

  it("holds from notBefore on, until just before its end", () => {
    const { open } = registryWithEnds();
    const session = open({ notBefore: 1_000, endsAt: 2_000 });
    const codes = [999, 1_000, 1_999, 2_000].map((now) => session.refusal(now));
    expect(codes).to.deep.equal(["token_not_active", undefined, undefined, "token_expired"]);
  });

  it("holds nothing by a clock that answers no number", () => {
    const { open } = registryWithEnds();
    expect(open({ endsAt: 2_000 }).refusal(Number.NaN)).to.equal("token_not_active");
  });

  it("of a guest has no end", () => {
    const { deadlines, open } = registryWithEnds();
    const session = open({ subject: undefined });
    expect(session.expiresAt).to.equal(Infinity);
    expect(session.guest).to.equal(true);
    expect(deadlines.size).to.equal(0);
  });

  it("ends once, and stays as it ended", () => {
    const { registry, ends, open } = registryWithEnds();
    const session = open();
    registry.end(session, denial("token_expired"));
    registry.end(session, denial("server_closing"));
    expect(ends).to.deep.equal([session]);
    expect(session.refusal(Date.now())).to.equal("token_expired");
  });

  it("aborts its signal when it ends, also if nobody had asked for it before", () => {
    const { registry, open } = registryWithEnds();
    const [early, late] = [open(), open()];
    const { signal } = early;
    expect(signal.aborted).to.equal(false);
    registry.endWhere(() => true, denial("server_closing"));
    expect(signal.aborted).to.equal(true);
    expect(late.signal.aborted).to.equal(true);
  });

  it("that is forgotten tells nobody, and is over", () => {
    const { registry, ends, open } = registryWithEnds();
    const session = open({ endsAt: Date.now() + 1e9 });
    registry.settle(session);
    expect(ends).to.deep.equal([]);
    expect(session.refusal(Date.now())).not.to.equal(undefined);
    expect(registry.size).to.equal(0);
  });
});

describe("a change of the credential", () => {
  it("ends the sessions that it no longer holds for at once, and no others", () => {
    const { ends, open } = registryWithEnds();
    const dropped = changing({ notBefore: 0, endsAt: Infinity });
    const kept = changing({ notBefore: 0, endsAt: Infinity });
    const session = open({ credential: dropped.credential });
    const other = open({ credential: kept.credential });
    dropped.change(undefined);
    expect(ends).to.deep.equal([session]);
    expect(session.ended?.code).to.equal("token_invalid");
    expect(other.refusal(Date.now())).to.equal(undefined);
  });

  it("moves the end of a session forward", async () => {
    const { open, nextEnd } = registryWithEnds();
    const { credential, change } = changing({ notBefore: 0, endsAt: Infinity });
    const session = open({ credential });
    const ended = nextEnd();
    change({ notBefore: 0, endsAt: Date.now() + 20 });
    expect(session.ended).to.equal(undefined);
    expect(await ended).to.equal(session);
  });

  it("is seen by the next look even if its news never came", () => {
    const { registry, open } = registryWithEnds();
    const { credential, change } = changing({ notBefore: 0, endsAt: Infinity });
    const session = open({ credential });
    registry.stop();
    change(undefined);
    expect(session.refusal(Date.now())).to.equal("token_invalid");
    expect(session.refusal(Date.now())).to.equal("token_invalid");
  });

  it("is listened to once, however many sessions there are, and no longer after the stop", () => {
    const { registry, open } = registryWithEnds();
    const { credential, listeners } = changing({ notBefore: 0, endsAt: Infinity });
    for (let count = 0; count < 3; count += 1) open({ credential });
    expect(listeners.size).to.equal(1);
    registry.stop();
    expect(listeners.size).to.equal(0);
  });
});

describe("ending many sessions", () => {
  it("marks all before a host hears of the first", () => {
    const { registry, open } = registryWithEnds();
    const living: number[] = [];
    const sessions = Array.from({ length: 5 }, () => open());
    for (const session of sessions) session.signal.addEventListener("abort", () => living.push(registry.size));
    const told: unknown[] = [];
    for (const session of sessions) session.holder.sessionEnded = (ended) => told.push(ended) < 0;
    registry.endWhere(() => true, denial("server_closing"));
    expect(told).to.have.length(5);
    expect(living).to.deep.equal([0, 0, 0, 0, 0]);
  });
});
