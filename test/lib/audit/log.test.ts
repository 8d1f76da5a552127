import { expect } from "chai";
import { pino } from "pino";
import { Writable } from "node:stream";
import { afterEach, describe, it } from "mocha";
import type { AuditRecord } from "../../../lib/audit/record.js";
import { signedIn, type Denied } from "../../../lib/index.js";
import { eventually } from "../../support/eventually.js";
import { closeEverything, event, refusal, serve, signal, type Options } from "../../support/server.js";

afterEach(closeEverything);

function kept() {
  const records: AuditRecord[] = [];
  const has = (type: string, more: Partial<AuditRecord> = {}) => eventually(() => records.some((one) => one.type === type && Object.entries(more).every(([name, value]) => one[name as keyof AuditRecord] === value)), `a record of ${type} ${JSON.stringify(more)}`);
  return { records, has, sink: (record: AuditRecord) => void records.push(record) };
}

describe("The audit log of a guard", () => {
  it("has a record of each audit event, with who, where and what", async () => {
    const { records, has, sink } = kept();
    const { guarded, member, connect } = await serve({ audit: { sinks: [sink] }, trustProxy: 1 });
    const { client, socket } = await member("/", { extraHeaders: { "x-forwarded-for": "203.0.113.9" } });
    await client.emitWithAck("nothing");
    await refusal(connect("/", { auth: {}, extraHeaders: { "x-forwarded-for": "203.0.113.9" } }));
    const gone = event(client, "disconnect");
    await guarded.revoke({ subject: "alice" }, { actor: "root" });
    await gone;
    await has("ended");
    const of = { subject: "alice", socket: socket.id, method: "jwt", address: "203.0.113.9", namespace: "/" };
    expect(records.map(({ time, issuedBefore: _, ...rest }) => {
      expect(time).to.be.closeTo(Date.now(), 10_000);
      return rest;
    })).to.deep.equal([
      { type: "connected", ...of },
      { type: "denied", ...of, event: "nothing", code: "event_unlisted", reason: records[1]!.reason },
      { type: "refused", address: "203.0.113.9", namespace: "/", code: "token_missing", reason: "no authenticator found a credential" },
      { type: "revoked", target: "subject", subject: "alice", actor: "root" },
      { type: "ended", ...of, code: "token_revoked", reason: "a revocation covers the credential" },
    ]);
  });

  it("gives each sink all records; with a logger such as pino, denials and failures are warnings", async () => {
    const { has, sink } = kept();
    const lines: { level: number; msg: string; audit: AuditRecord }[] = [];
    const output = new Writable({ write: (chunk: Buffer, _, done) => { lines.push(JSON.parse(chunk.toString()) as never); done(); } });
    const { member } = await serve({ audit: { sinks: [pino(output), sink] } });
    const { client } = await member();
    await client.emitWithAck("nothing");
    await has("denied");
    expect(lines.map(({ level, msg, audit }) => [level, msg, audit.type])).to.deep.equal([[30, "connected", "connected"], [40, "denied event_unlisted", "denied"]]);
  });

  it("does not wait for a sink, and a sink that fails does not keep records from the others", async () => {
    const { records, has, sink } = kept();
    const failing = () => { throw new Error("no logger"); };
    const { guarded, member } = await serve({ audit: { sinks: [failing, { write: () => new Promise(() => undefined) }, sink] } });
    const failed = signal<unknown>();
    guarded.on("failed", ({ source }) => failed.settle(source));
    const { client } = await member();
    await client.emitWithAck("nothing");
    await has("denied");
    expect(await failed.promise).to.equal("audit");
    expect(records[0]!.type).to.equal("connected");
  });

  it("is complete when guarded.close() has settled, with what was counted", async () => {
    const { records, sink } = kept();
    let isClosed = false;
    const store = { write: async (all: readonly AuditRecord[]) => all.forEach(sink), close: async () => { isClosed = true; } };
    const { guarded, member } = await serve({ audit: { sinks: [store] } });
    const { client } = await member();
    for (let nth = 0; nth < 5; nth += 1) await client.emitWithAck("nothing");
    await guarded.close();
    expect(records.map(({ type, code, count }) => [type, code, count])).to.deep.equal([
      ["connected", undefined, undefined], ["denied", "event_unlisted", undefined], ["ended", "server_closing", undefined], ["denied", "event_unlisted", 4],
    ]);
    expect(isClosed).to.equal(true);
    guarded.record({ action: "too late" });
    expect(records).to.have.lengthOf(4);
  });

  it("denies events while its buffer is full, if the host wants that, and drops records else", async () => {
    for (const onFull of ["deny", "drop-and-count"] as const) {
      const { records, has, sink } = kept();
      const { promise, settle } = signal();
      const store = { write: async (all: readonly AuditRecord[]) => { await promise; all.forEach(sink); } };
      const { guarded, io, member, connect } = await serve({ events: { message: signedIn }, audit: { sinks: [store], buffer: 5, onFull } });
      io.on("connection", (socket) => socket.on("message", (ack: (answer: string) => void) => ack("done")));
      const { client } = await member();
      const send = () => client.emitWithAck("message") as Promise<string | Denied>;
      expect(await send()).to.equal("done");
      for (let nth = 0; nth < 10; nth += 1) guarded.record({ action: "test" });
      const answer = await send();
      if (onFull === "deny") expect((await refusal(connect())).data).to.have.property("code", "unavailable");
      if (onFull === "deny") expect(answer).to.have.nested.property("error.code", "unavailable");
      else expect(answer).to.equal("done");
      settle();
      await has("dropped");
      expect(records.find(({ type }) => type === "dropped")).to.deep.include({ count: onFull === "deny" ? 8 : 6 });
      expect(await send()).to.equal("done");
    }
  });

  it("needs sinks that are sinks, and options that exist", async () => {
    const wrong: readonly [object | undefined, string][] = [
      [{ sinks: [] }, "option_invalid"], [{ sinks: [{}] }, "option_invalid"], [{ sinks: [null] }, "option_invalid"], [{}, "option_invalid"], [undefined, "option_undefined"],
      [{ sinks: [() => undefined], buffer: 0 }, "option_invalid"], [{ sinks: [() => undefined], onFull: "block" }, "option_invalid"], [{ sinks: [() => undefined], to: "file" }, "option_unknown"],
    ];
    for (const [audit, code] of wrong) {
      expect(await serve({ audit } as Options).then(() => "started", (error: { code: string }) => error.code), JSON.stringify(audit)).to.equal(code);
    }
  });
});

