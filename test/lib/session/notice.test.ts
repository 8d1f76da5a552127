// Notices as records: what a store and a node of an earlier version make of them.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { isNoticeValue, noticeLives, noticeOf, NoticeWriter, type Notice } from "../../../lib/session/notice.js";
import { Revocations, supersedes } from "../../../lib/session/revocation.js";
import { restoreClock, startClock } from "../../support/clock.js";
import { hour, record } from "../../support/revocations.js";

const evict: Notice = { kind: "evict", namespace: "/admin", room: "private-group-7", subject: "alice" };
const user: Notice = { kind: "user", subject: "alice" };

describe("notices", () => {
  afterEach(restoreClock);

  it("are read as they were written, whatever characters they contain", () => {
    const strange = ["", "\"", "a b", "\u0000", "\ud800", "[1]", "guard:notice ", "雪"];
    const all: Notice[] = [evict, user, ...strange.flatMap((text): Notice[] => [
      { kind: "evict", namespace: text, room: text, subject: text }, { kind: "user", subject: text },
    ])];
    const writer = new NoticeWriter();
    expect(all.map((notice) => noticeOf(writer.recordOf(notice)))).to.deep.equal(all);
  });

  it("last a day if they evict, and an hour if a user has changed", () => {
    const now = Date.now();
    const lives = [evict, user].map((notice) => new NoticeWriter().recordOf(notice).expiresAt - now);
    expect(lives[0]).to.be.within(24 * hour, 24 * hour + 1_000);
    expect(lives[1]).to.be.within(hour, hour + 1_000);
    expect(noticeLives).to.deep.equal({ evict: 24 * hour, user: hour });
  });

  it("reach further each time, also within a millisecond and after the clock was set back", () => {
    const clock = startClock();
    const writer = new NoticeWriter();
    let last = writer.recordOf(evict);
    for (const step of [0, 0, 1, -5_000, 0, 10_000]) {
      clock.advance(step);
      const next = writer.recordOf(evict);
      expect(next.value).to.equal(last.value);
      expect(next.issuedBefore).to.be.above(last.issuedBefore);
      expect(supersedes(last, next)).to.equal(false);
      last = next;
    }
  });

  it("of two nodes are two records, so that a node whose clock is behind is heard, too", () => {
    const [one, other] = [new NoticeWriter().recordOf(evict), new NoticeWriter().recordOf(evict)];
    expect(one.value).to.not.equal(other.value);
  });

  it("of one subject, or of one room, are not those of another", () => {
    const writer = new NoticeWriter();
    const values = [evict, { ...evict, room: "lobby" }, { ...evict, namespace: "/" }, { ...evict, subject: "bob" }, user, { ...user, subject: "bob" }];
    expect(new Set(values.map((notice) => writer.recordOf(notice).value)).size).to.equal(values.length);
  });

  it("revoke nothing on a node that does not know them", () => {
    const known = new Revocations();
    const written = new NoticeWriter().recordOf(user);
    expect(known.add(written, Date.now())).to.equal(true);
    expect(known.covers({ id: "HwYRYxdEYzTYvHtEAAAB", subject: "alice", identity: { tokenId: "one", issuedAt: 0 } })).to.equal(false);
  });

  it("are no revocations, and revocations are no notices", () => {
    for (const kind of ["token", "subject", "session", "all"] as const) expect(noticeOf(record("HwYRYxdEYzTYvHtEAAAB", { kind }))).to.equal(undefined);
    const { value } = new NoticeWriter().recordOf(user);
    for (const kind of ["token", "subject", "all"] as const) expect(noticeOf(record(value, { kind }))).to.equal(undefined);
    expect([isNoticeValue(value), isNoticeValue("HwYRYxdEYzTYvHtEAAAB")]).to.deep.equal([true, false]);
  });

  it("that this version cannot follow are ignored", () => {
    for (const rest of ["", "no JSON", "null", "{}", "[]", "[\"node\",\"user\"]", "[\"node\",\"user\",7]", "[\"node\",\"evict\",\"/\",\"lobby\"]", "[\"node\",\"later\",\"alice\"]", "[\"node\",\"user\",\"a\",\"b\"]"]) {
      expect(noticeOf(record(`guard:notice ${rest}`, { kind: "session" }))).to.equal(undefined);
    }
  });
});
