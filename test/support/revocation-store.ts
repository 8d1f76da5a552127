// The tests that every store of revocations has to pass.
import { expect } from "chai";
import { noticeLives, noticeOf, NoticeWriter, type Notice } from "../../lib/session/notice.js";
import { retention, merge, type Revocation, type RevocationStore, type RevocationVersion } from "../../lib/session/revocation.js";
import { restoreClock, startClock } from "./clock.js";
import { draws, randomFrom, seed } from "./draws.js";
import { hour, keyOf, readAll, record } from "./revocations.js";

/** An engine, empty at the start of each test. */
export interface Engine {
  /** The store of another node. */
  connect(): RevocationStore;
  /** The number of records in the store. */
  count(): Promise<number>;
  empty(): Promise<void>;
}

export function describeRevocationStore(name: string, open: () => Engine): void {
  describe(`revocations in ${name}`, () => {
    let engine: Engine;
    let store: RevocationStore;
    beforeEach(async () => {
      engine = open();
      await engine.empty();
      store = engine.connect();
    });

    afterEach(restoreClock);

    it("are empty at first, and have a version", async () => {
      const { records, version } = await store.since(undefined);
      expect(records).to.deep.equal([]);
      expect(await store.since(version)).to.deep.equal({ records: [], version });
    });

    it("are read unchanged and in order by every node", async () => {
      const records = [
        record("token", { issuedBefore: 1_700_000_000_000.125 }), record("alice", { kind: "subject" }), record("socket", { kind: "session" }), record("", { kind: "all" }),
        record("token", { kind: "subject" }),
      ];
      await store.append(records);
      expect((await readAll(engine.connect())).records).to.deep.equal(records);
    });

    it("may contain any characters, and may be long", async () => {
      const values = ["\u0000", "a\u0000b", "\ud800", "\\u0000", '"', "'; DROP TABLE guard_revocations; --", "two words\n", "É", "é", "e\u0301", "A", "a", "__proto__", "epoch", "雪".repeat(1_024)];
      const random = randomFrom(1);
      values.push(Array.from({ length: 1_024 }, () => String.fromCharCode(0x4e00 + Math.floor(random() * 20_000))).join(""));
      await store.append(values.map((value) => record(value)));
      expect((await readAll(store)).records.map(({ value }) => value)).to.deep.equal(values);
    });

    it("are read from the version that a node has reached", async () => {
      await store.append([record("one")]);
      const first = await readAll(store);
      await store.append([record("two"), record("three")]);
      const second = await readAll(store, first.version);
      expect(second.records.map(({ value }) => value)).to.deep.equal(["two", "three"]);
      expect((await readAll(store, second.version)).records).to.deep.equal([]);
    });

    it("are read in pages", async () => {
      const records = Array.from({ length: 3_500 }, (_, index) => record(String(index)));
      await store.append(records);
      const first = await store.since(undefined);
      expect(first.records.length).to.be.within(1, 3_499);
      const rest = await readAll(store, first.version);
      expect([...first.records, ...rest.records]).to.deep.equal(records);
    });

    it("do not change when they are appended again", async () => {
      const one = record("one");
      await store.append([one, one]);
      const { version } = await readAll(store);
      await store.append([one]);
      await engine.connect().append([one, { ...one, issuedBefore: one.issuedBefore - 1, expiresAt: one.expiresAt - 1 }]);
      expect(await store.since(version)).to.deep.equal({ records: [], version });
    });

    it("are merged and read again when they reach further", async () => {
      const one = record("one");
      await store.append([one, record("two")]);
      const { version } = await readAll(store);
      await store.append([{ ...one, issuedBefore: one.issuedBefore + 5, expiresAt: one.expiresAt - 5 }]);
      await store.append([{ ...one, issuedBefore: one.issuedBefore - 7, expiresAt: one.expiresAt + 7 }]);
      const reaching = { ...one, issuedBefore: one.issuedBefore + 5, expiresAt: one.expiresAt + 7 };
      expect((await readAll(store, version)).records).to.deep.equal([reaching]);
      expect((await readAll(store)).records.map(({ value }) => value)).to.deep.equal(["two", "one"]);
    });

    it("carry notices: each is read after it was written, also the same one again and that of another node, and removed after its life", async () => {
      const notice: Notice = { kind: "evict", namespace: "/admin", room: "private-room-a=b,c.d;e@f", subject: "\u0000 alice \ud800" };
      const writers = [new NoticeWriter(), new NoticeWriter()];
      let { version } = await readAll(store);
      for (const writer of [writers[0]!, writers[0]!, writers[1]!, writers[0]!]) {
        await engine.connect().append([writer.recordOf(notice)]);
        const page = await readAll(store, version);
        expect(page.records.map(noticeOf)).to.deep.equal([notice]);
        version = page.version;
      }
      expect(await engine.count()).to.equal(2);
      startClock().advance(noticeLives.evict + retention + 60_000);
      await store.append([record("now")]);
      expect(await engine.count()).to.equal(1);
    });

    it("do not change by an empty append", async () => {
      await store.append([]);
      expect((await store.since(undefined)).records).to.deep.equal([]);
    });

    it("are removed some time after their expiry, when others are appended", async () => {
      // Time goes on during the test: on a busy machine, for seconds.
      const minute = 60_000;
      const now = Date.now();
      await store.append([record("short"), record("long", { expiresAt: now + 2 * hour }), record("shorter", { expiresAt: now + hour / 2 })]);
      const { version } = await readAll(store);
      const clock = startClock();
      clock.advance(hour / 2 + retention - minute);
      await store.append([record("meanwhile", { expiresAt: now + 3 * hour })]);
      expect(await engine.count()).to.equal(4);
      clock.advance(hour / 2 + 2 * minute);
      await store.append([record("now", { expiresAt: now + 3 * hour })]);
      expect(await engine.count()).to.equal(3);
      expect((await readAll(store)).records.map(({ value }) => value)).to.deep.equal(["long", "meanwhile", "now"]);
      expect((await readAll(store, version)).records.map(({ value }) => value)).to.deep.equal(["meanwhile", "now"]);
    });

    it("are read from the beginning, with a new epoch, after the store was emptied", async () => {
      await store.append([record("one"), record("two")]);
      const before = await readAll(store);
      await engine.empty();
      await engine.connect().append([record("three"), record("four"), record("five")]);
      const after = await readAll(store, before.version);
      expect(after.records.map(({ value }) => value)).to.deep.equal(["three", "four", "five"]);
      expect(after.version.epoch).not.to.equal(before.version.epoch);
    });

    it("are read from the beginning by a node that is ahead of the store", async () => {
      await store.append([record("one")]);
      const { version } = await readAll(store);
      const { records } = await readAll(store, { ...version, number: version.number + 10 });
      expect(records.map(({ value }) => value)).to.deep.equal(["one"]);
    });

    it("are never missed by a node that reads while three others append", async () => {
      const random = randomFrom(seed());
      const expected = new Map<string, Revocation>();
      const known = new Map<string, Revocation>();
      let writing = 3;
      const write = async (writer: RevocationStore): Promise<void> => {
        for (let batch = 0; batch < 20 + draws(200); batch += 1) {
          const records = Array.from({ length: 1 + Math.floor(random() * 60) }, () => record(String(Math.floor(random() * 4_000)), { issuedBefore: Math.floor(random() * 1_000) }));
          for (const one of records) expected.set(keyOf(one), merge(expected.get(keyOf(one)), one));
          await writer.append(records);
        }
        writing -= 1;
      };
      const read = async (): Promise<void> => {
        const reader = engine.connect();
        for (let last = false, version: RevocationVersion | undefined; ;) {
          const page = await reader.since(version);
          if (version?.epoch === page.version.epoch) expect(page.version.number).to.be.at.least(version.number);
          version = page.version;
          for (const one of page.records) known.set(keyOf(one), one);
          if (page.records.length === 0 && last) return;
          last = writing === 0;
        }
      };
      await Promise.all([read(), ...Array.from({ length: 3 }, () => write(engine.connect()))]);
      expect(known.size).to.equal(expected.size);
      for (const [key, one] of expected) expect(known.get(key)).to.deep.equal(one);
    });
  });
}
