// The tests that every store of limits has to pass.
import { randomUUID } from "node:crypto";
import { expect } from "chai";
import type { LimitStore, StoredWindow } from "../../lib/limits/limit-store.js";
import { randomFrom, seed } from "./draws.js";
import { pause } from "./pause.js";

export interface Engine {
  /** The store of another node. */
  connect(): LimitStore;
  /** Everything that the store keeps, as text. */
  dump(): Promise<string>;
  /** Forgets which nodes there are. */
  forgetNodes(): Promise<unknown>;
}

/** A window of a key of its own. */
export function windowOf(count: number, window: number): StoredWindow {
  return { id: randomUUID(), count, window };
}

/** The milliseconds until there is a place; 0 if it was taken. */
export async function waitOf(store: LimitStore, windows: readonly StoredWindow[]): Promise<number> {
  const { waits } = await store.take(windows, "a node");
  return Math.max(...waits);
}

/** A place that was taken at some instant: not before `from`, and not after `to`. */
export interface TakenPlace {
  readonly from: number;
  readonly to: number;
}

/** Takes from several nodes at once, until they have so many places. */
async function hammer(stores: readonly LimitStore[], window: StoredWindow, places: number): Promise<TakenPlace[]> {
  const taken: TakenPlace[] = [];
  const random = randomFrom(seed());
  await Promise.all(stores.map(async (store) => {
    while (taken.length < places) {
      const from = performance.now();
      const wait = await waitOf(store, [window]);
      if (wait === 0) taken.push({ from, to: performance.now() });
      else await pause(random() * Math.min(wait, window.window / 10));
    }
  }));
  return taken;
}

/** The most places that were certainly taken within one window. */
export function mostWithin(taken: readonly TakenPlace[], window: number): number {
  return Math.max(0, ...taken.map(({ from: start }) => taken.filter(({ from, to }) => from >= start && to < start + window).length));
}

export function describeLimitStore(name: string, open: () => Engine): void {
  describe(`limits in ${name}`, () => {
    const engine = (): Engine => open();

    it("give no more places than there are, and say how long to wait", async () => {
      const [one, other] = [engine().connect(), engine().connect()];
      const window = windowOf(3, 1_500);
      for (const store of [one, other, one]) expect(await waitOf(store, [window])).to.equal(0);
      const wait = await waitOf(other, [window]);
      expect(wait).to.be.within(1, 1_500);
      await pause(wait + 1);
      expect(await waitOf(one, [window])).to.equal(0);
    });

    it("take a place in each window or in none, and tell the wait of each", async () => {
      const store = engine().connect();
      const [wide, narrow, full] = [windowOf(2, 60_000), windowOf(5, 60_000), windowOf(1, 60_000)];
      expect(await waitOf(store, [full])).to.equal(0);
      for (let time = 0; time < 4; time += 1) {
        const { waits, places } = await store.take([wide, full, narrow], "a node");
        expect([waits[0], waits[2]]).to.deep.equal([0, 0]);
        expect(waits[1]).to.be.within(1, 60_000);
        expect(places).to.deep.equal([]);
      }
      expect(await waitOf(store, [narrow, wide])).to.equal(0);
      expect(await waitOf(store, [wide, narrow])).to.equal(0);
      expect(await waitOf(store, [wide])).to.be.within(1, 60_000);
    });

    for (const count of [2, 100]) {
      it(`have the place again that was given back, of ${count}`, async () => {
        const [one, other] = [engine().connect(), engine().connect()];
        const window = windowOf(count, 60_000);
        const { places } = await one.take([window], "a node");
        for (let time = 1; time < count; time += 1) await one.take([window], "a node");
        expect(await waitOf(other, [window])).to.be.above(0);
        await other.giveBack([window], places);
        expect(await waitOf(one, [window])).to.equal(0);
        expect(await waitOf(one, [window])).to.be.above(0);
      });
    }

    it("give nothing back that was not taken", async () => {
      const store = engine().connect();
      const window = windowOf(1, 60_000);
      await store.giveBack([window], [1]);
      const { places } = await store.take([window], "a node");
      await store.giveBack([window], [places[0]! + 1]);
      expect(await waitOf(store, [window])).to.be.above(0);
    });

    for (const [count, sentence] of [[5, "each instant"], [40, "counts"]] as const) {
      it(`let no more than ${count} pass in any window when four nodes hammer one key, from ${sentence}`, async () => {
        const stores = Array.from({ length: 4 }, () => engine().connect());
        const window = windowOf(count, 150);
        const taken = await hammer(stores, window, 3 * count);
        expect(mostWithin(taken, window.window)).to.be.within(1, count);
      });
    }

    it("do not stop each other when nodes take many windows in different orders", async () => {
      const windows = Array.from({ length: 6 }, () => windowOf(1_000, 60_000));
      const random = randomFrom(seed());
      const stores = Array.from({ length: 4 }, () => engine().connect());
      await Promise.all(stores.map(async (store) => {
        for (let time = 0; time < 25; time += 1) {
          const some = [...windows].sort(() => random() - 0.5).slice(0, 4);
          const { places } = await store.take(some, "a node");
          if (random() < 0.3) await store.giveBack(some, places);
        }
      }));
    });

    it("count the nodes that said that they are there", async () => {
      const [one, other] = [engine().connect(), engine().connect()];
      await engine().forgetNodes();
      expect(await one.announce("first")).to.include({ nodes: 1 });
      expect(await other.announce("second")).to.include({ nodes: 2 });
      expect(await other.announce("first")).to.deep.equal({ nodes: 2, isKnown: true });
    });

    it("keep only digests", async () => {
      await engine().connect().take([windowOf(1, 60_000)], "a node");
      expect(await engine().dump()).to.match(/\d{16} 1/).and.not.include("alice");
    });
  });
}
