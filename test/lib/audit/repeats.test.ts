import { expect } from "chai";
import { describe, it } from "mocha";
import type { AuditRecord } from "../../../lib/audit/record.js";
import { RepeatedEvents } from "../../../lib/audit/repeats.js";
import type { GuardAuditEvents } from "../../../lib/index.js";
import { eventually } from "../../support/eventually.js";
import { collector } from "../../support/server.js";

const socket = { id: "s1", subject: "alice", method: "jwt", namespace: "/", address: "192.0.2.1" };
const denied: GuardAuditEvents["denied"] = { ...socket, code: "forbidden", event: "ban", reason: "the check failed" };

function log(window?: number) {
  const records: AuditRecord[] = [];
  return { records, repeated: new RepeatedEvents((record) => records.push(record), window) };
}

/** How many events the records stand for. */
const total = (records: readonly AuditRecord[]) => records.reduce((sum, { count = 1 }) => sum + count, 0);

describe("Audit events that repeat", () => {
  it("are written once at once, and then as one record with their count", () => {
    const { records, repeated } = log();
    for (let nth = 0; nth < 100_000; nth += 1) repeated.add("denied", { ...denied, id: `s${nth}` });
    expect(records).to.have.lengthOf(1);
    expect(records[0]).to.deep.equal({ time: records[0]!.time, type: "denied", subject: "alice", socket: "s0", method: "jwt", address: "192.0.2.1", namespace: "/", event: "ban", code: "forbidden", reason: "the check failed" });
    repeated.flush();
    const [, summary] = records;
    expect(records).to.have.lengthOf(2);
    expect(summary).to.deep.include({ type: "denied", subject: "alice", event: "ban", code: "forbidden", count: 99_999, socket: "s99999" });
    expect(summary!.first).to.be.at.least(records[0]!.time).and.at.most(summary!.last!);
    expect(summary!.time).to.equal(summary!.last);
  });

  it("are written in several turns of the event loop if thousands of kinds end together", async () => {
    let [summaries, inFirstTurn] = [0, 0];
    const repeated = new RepeatedEvents(({ count }) => {
      if (count === undefined) return;
      if (summaries === 0) setImmediate(() => { inFirstTurn = summaries; });
      summaries += 1;
      for (const until = performance.now() + 1; performance.now() < until;);
    }, 10);
    for (let nth = 0; nth < 300; nth += 1) repeated.add("denied", { ...denied, subject: `user${nth % 100}` });
    await eventually(() => summaries === 100, "a summary of each kind");
    expect(inFirstTurn).to.be.within(1, 20);
  });

  it("do not keep what a schema has found, only how many issues", () => {
    const { records, repeated } = log();
    const issues = [1, 2, 3].map(() => ({ message: "secret" }));
    for (let nth = 0; nth < 3; nth += 1) repeated.add("denied", { ...denied, code: "payload_invalid", issues });
    issues.length = 0;
    repeated.flush();
    expect(records.map((record) => record.issues)).to.deep.equal([3, 3]);
  });

  it("are told apart by subject, or else address, by event, room and code", () => {
    const { records, repeated } = log();
    const { subject: _, ...guest } = denied;
    const kinds: readonly object[] = [denied, { ...denied, subject: "bob" }, guest, { ...guest, address: "192.0.2.2" }, { ...denied, subject: "192.0.2.1" }, { ...denied, event: "kick" }, { ...denied, room: "lobby" }, { ...denied, code: "rate_limited" }];
    for (const kind of [...kinds, ...kinds]) repeated.add("denied", kind as never);
    expect(records).to.have.lengthOf(kinds.length);
    repeated.flush();
    expect(records).to.have.lengthOf(2 * kinds.length);
    expect(records.some(({ count }) => count !== undefined), "a single repetition is a record as any other").to.equal(false);
  });

  it("begin anew when their time is over", async () => {
    const { all, push, full } = collector<AuditRecord>(4);
    const repeated = new RepeatedEvents(push, 20);
    for (let nth = 0; nth < 3; nth += 1) repeated.add("denied", denied);
    for (let nth = 0; nth < 2; nth += 1) repeated.add("refused", { code: "token_missing", namespace: "/", address: "192.0.2.1" });
    await full;
    expect(all.map(({ type, count }) => [type, count])).to.deep.equal([["denied", undefined], ["refused", undefined], ["denied", 2], ["refused", undefined]]);
    repeated.add("denied", denied);
    expect(all).to.have.lengthOf(5);
    repeated.flush();
    expect(all).to.have.lengthOf(5);
  });

  it("of sessions and rooms are written ten times, and administrative ones always", () => {
    const { records, repeated } = log();
    for (let nth = 0; nth < 25; nth += 1) {
      repeated.add("connected", socket);
      repeated.add("roomJoined", { ...socket, room: "lobby" });
      repeated.add("action", { action: "ban", actor: "root" });
      repeated.add("evicted", { namespace: "/", room: "lobby", subject: "alice" });
    }
    const written = (type: string) => records.filter((record) => record.type === type).length;
    expect(["connected", "roomJoined", "action", "evicted"].map(written)).to.deep.equal([10, 10, 25, 25]);
    repeated.flush();
    expect(records.slice(-2).map(({ type, count }) => [type, count])).to.deep.equal([["connected", 15], ["roomJoined", 15]]);
  });

  it("of a user who invents names fall together by user and code, and their number adds up", () => {
    const { records, repeated } = log();
    for (let nth = 0; nth < 100_000; nth += 1) repeated.add("denied", { ...denied, code: nth % 2 === 0 ? "event_unlisted" : "forbidden", event: `name ${nth}` });
    repeated.flush();
    expect(records).to.have.lengthOf(20 + 2 + 2);
    expect(records.slice(-2).map(({ type, subject, address, event, code }) => ({ type, subject, address, event, code }))).to.deep.equal(["event_unlisted", "forbidden"].map((code) => ({ type: "denied", subject: "alice", address: undefined, event: undefined, code })));
    expect(total(records)).to.equal(100_000);
  });

  it("of a million addresses fall together by code, and their number adds up", () => {
    const { records, repeated } = log();
    for (let nth = 0; nth < 1_000_000; nth += 1) repeated.add("refused", { code: "token_missing", namespace: "/", address: `address ${nth}` });
    repeated.flush();
    expect(records).to.have.lengthOf(2_002);
    expect(records.at(-1)).to.deep.include({ type: "refused", code: "token_missing", count: 997_999 }).and.to.not.have.any.keys("address", "subject", "namespace");
    expect(total(records)).to.equal(1_000_000);
    repeated.add("refused", { code: "token_missing", namespace: "/", address: "address 1" });
    expect(records.at(-1), "there is a place again").to.deep.include({ address: "address 1" });
  });
});
