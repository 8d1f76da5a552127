import { expect } from "chai";
import { describe, it } from "mocha";
import type { AuditRecord, AuditStore } from "../../../lib/audit/record.js";
import { SinkQueue } from "../../../lib/audit/sink-queue.js";
import { eventually } from "../../support/eventually.js";
import { nextTurn, signal } from "../../support/server.js";

const record = (time: number): AuditRecord => ({ time, type: "action", action: "test" });

function queueOf(write: AuditStore["write"], capacity = 10_000, close?: AuditStore["close"]) {
  const errors: unknown[] = [];
  let recovered = 0;
  const queue = new SinkQueue({ store: { write, ...(close && { close }) }, capacity, onError: (error) => errors.push(error), onRecovered: () => { recovered += 1; } });
  return { queue, errors, get recovered() { return recovered; } };
}

describe("The records that wait for a sink", () => {
  it("are written in their order in later turns, at most 1,000 at once and one batch at a time", async () => {
    const batches: number[][] = [];
    let isBusy = false;
    const { queue } = queueOf(async (records) => {
      expect(isBusy).to.equal(false);
      isBusy = true;
      batches.push(records.map(({ time }) => time));
      await nextTurn();
      isBusy = false;
    });
    for (let nth = 0; nth < 2_500; nth += 1) queue.add(record(nth));
    expect(batches).to.deep.equal([]);
    await eventually(() => queue.waiting === 0, "all records are written");
    expect(batches.map(({ length }) => length)).to.deep.equal([1_000, 1_000, 500]);
    expect(batches.flat()).to.deep.equal(Array.from({ length: 2_500 }, (_, nth) => nth));
  });

  it("stay in their order when writing fails, and are written again", async () => {
    let left = 2;
    const written: number[] = [];
    const tried = queueOf(async (records) => {
      if (left-- > 0) throw new Error("disk full");
      written.push(...records.map(({ time }) => time));
    });
    for (let nth = 0; nth < 3; nth += 1) tried.queue.add(record(nth));
    await eventually(() => tried.queue.waiting === 0, "the sink works again");
    expect(written).to.deep.equal([0, 1, 2]);
    expect(tried.errors.map(String)).to.deep.equal(["Error: disk full", "Error: disk full"]);
    expect(tried.recovered).to.equal(1);
  });

  it("are dropped when the buffer is full, and a record says how many", async () => {
    const { promise, settle } = signal();
    const written: AuditRecord[] = [];
    const { queue } = queueOf(async (records) => {
      await promise;
      written.push(...records);
    }, 10);
    for (let nth = 0; nth < 25; nth += 1) queue.add(record(nth));
    expect(queue.isFull).to.equal(true);
    settle();
    await eventually(() => queue.waiting === 0, "there is a place again");
    expect(queue.isFull).to.equal(false);
    expect(written.map(({ time }) => time).slice(0, 10)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(written.slice(10).map(({ time: _, ...rest }) => rest)).to.deep.equal([{ type: "dropped", count: 15, first: 10, last: 24 }]);
  });

  it("are written before close() settles, also if the sink has failed, and then the sink is closed", async () => {
    const done: string[] = [];
    let left = 1;
    const { queue } = queueOf(async (records) => {
      if (left-- > 0) throw new Error("not yet");
      done.push(`${records.length} written`);
    }, 10, async () => void done.push("closed"));
    queue.add(record(1));
    await eventually(() => left === 0, "a write has failed");
    await queue.close(5_000);
    expect(done).to.deep.equal(["1 written", "closed"]);
  });

  it("do not keep close() waiting for a sink that hangs", async () => {
    const { queue, errors } = queueOf(() => new Promise(() => undefined), 10, () => Promise.reject(new Error("cannot close")));
    queue.add(record(1));
    await queue.close(20);
    expect(errors.map(String)).to.deep.equal(["Error: cannot close"]);
  });
});
