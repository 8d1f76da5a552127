// What every queue of webhooks must do, whichever store it is in.
import { expect } from "chai";
import { createHash } from "node:crypto";
import type { ClaimedDelivery, SettledDelivery, WebhookDelivery, WebhookQueue } from "../../lib/webhooks/queue.js";
import { eventually } from "./eventually.js";
import { pause } from "./pause.js";

export interface QueueEngine {
  /** The queue of another node, each time. */
  readonly connect: () => WebhookQueue;
  readonly empty: () => Promise<unknown>;
}

const lease = 60_000;

/** A delivery. Those with the same subject and endpoint are in one lane. */
export function delivery(id: string, subject: string | null = null, endpoint = "one"): WebhookDelivery {
  const key = `${id} ${endpoint}`;
  const lane = createHash("sha256").update(subject === null ? key : `${endpoint} ${subject}`).digest("hex");
  return { key, id, endpoint, lane, type: "ended", subject, body: JSON.stringify({ type: "ended", data: { id } }), createdAt: 1_800_000_000_000 };
}

const delivered = (claim: ClaimedDelivery, keep = false): SettledDelivery => ({ ...claim, outcome: "delivered", failingSince: null, delay: 0, reason: "", keep });
const failed = (claim: ClaimedDelivery, delay: number): SettledDelivery => ({ ...claim, outcome: "retry", failingSince: claim.failingSince ?? 7.5, attempts: claim.attempts + 1, delay, reason: "status 500", keep: false });
const died = (claim: ClaimedDelivery, keep = false): SettledDelivery => ({ ...failed(claim, 0), outcome: "dead", keep });
const idsOf = (claims: readonly (ClaimedDelivery | undefined)[]) => claims.map((claim) => claim?.delivery.id);
const claimAll = (queue: WebhookQueue, ...endpoints: string[]) => queue.claim((endpoints.length === 0 ? ["one"] : endpoints).map((name) => ({ name, limit: 100 })), lease);

export function describeWebhookQueue(name: string, engineOf: () => QueueEngine): void {
  describe(`the queue of webhooks in ${name}`, () => {
    let queue: WebhookQueue, other: WebhookQueue;
    beforeEach(async () => {
      const engine = engineOf();
      await engine.empty();
      [queue, other] = [engine.connect(), engine.connect()];
    });

    it("gives each delivery to one node, as it was added", async () => {
      const added = [delivery("a", "alice"), delivery("b", "b\u0000ob\ud800 \"\\"), delivery("c")];
      await queue.add(added);
      const claims = await claimAll(other);
      expect(claims.map((claim) => claim.delivery)).to.have.deep.members(added);
      for (const { attempts, failingSince } of claims) expect([attempts, failingSince]).to.deep.equal([0, null]);
      expect(await claimAll(queue)).to.deep.equal([]);
      expect(await other.settle(claims.map((claim) => delivered(claim)), lease)).to.deep.equal([undefined, undefined, undefined]);
      expect(await queue.counts(["one"])).to.deep.equal([{ backlog: 0, dead: 0, oldest: null }]);
    });

    it("gives the deliveries of a lane one after the other, in the order in which they were added", async () => {
      await queue.add([delivery("1", "alice"), delivery("x", "bob"), delivery("2", "alice")]);
      await other.add([delivery("3", "alice")]);
      expect(idsOf(await claimAll(queue))).to.have.members(["1", "x"]);
      await queue.add([delivery("4", "alice")]);
      expect(await claimAll(other)).to.deep.equal([]);
    });

    it("gives the next delivery of a lane that is kept, and lets others claim one that is not", async () => {
      await queue.add(["1", "2", "3"].map((id) => delivery(id, "alice")));
      const [first] = await claimAll(queue);
      const [second] = await queue.settle([delivered(first!, true)], lease);
      expect(second!.delivery.id).to.equal("2");
      expect(await claimAll(other)).to.deep.equal([]);
      expect(await queue.settle([delivered(second!)], lease)).to.deep.equal([undefined]);
      expect(idsOf(await claimAll(other))).to.deep.equal(["3"]);
    });

    it("keeps endpoints apart, and claims no more than asked for", async () => {
      await queue.add([delivery("1", "alice", "one"), delivery("1", "alice", "two"), delivery("2", "bob", "two"), delivery("3", "carol", "two")]);
      expect(idsOf(await claimAll(queue))).to.deep.equal(["1"]);
      const some = await queue.claim([{ name: "one", limit: 5 }, { name: "two", limit: 2 }], lease);
      expect(some.map((claim) => claim.delivery.endpoint)).to.deep.equal(["two", "two"]);
      expect(await claimAll(other, "one", "two")).to.have.length(1);
    });

    it("holds a delivery that failed until it is due, and its lane with it", async () => {
      await queue.add([delivery("1", "alice"), delivery("2", "alice")]);
      const [claim] = await claimAll(queue);
      await queue.settle([failed(claim!, 1_500)], lease);
      expect(await claimAll(other)).to.deep.equal([]);
      const again = await untilClaimed(other);
      expect(again).to.deep.include({ attempts: 1, failingSince: 7.5 });
      expect(again.delivery).to.deep.equal(claim!.delivery);
      await other.settle([failed(again, 0)], lease);
      const third = await untilClaimed(queue);
      expect(third).to.deep.include({ attempts: 2, failingSince: 7.5 });
      const [next] = await queue.settle([delivered(third, true)], lease);
      expect(next).to.deep.include({ attempts: 0, failingSince: null });
    });

    it("gives a lane to another node when the lease has ended, and takes nothing from who held it before", async () => {
      await queue.add([delivery("1", "alice"), delivery("2", "alice")]);
      const [lost] = await queue.claim([{ name: "one", limit: 1 }], 50);
      const taken = await untilClaimed(other);
      expect(taken.delivery.id).to.equal("1");
      for (const late of [delivered(lost!, true), failed(lost!, 0), died(lost!)]) expect(await queue.settle([late], lease)).to.deep.equal([undefined]);
      expect(await claimAll(queue)).to.deep.equal([]);
      expect(idsOf(await other.settle([delivered(taken, true)], lease))).to.deep.equal(["2"]);
      expect(await other.deadLetters(10)).to.deep.equal([]);
    });

    it("renews the lease of a lane that is kept", async () => {
      await queue.add([delivery("1", "alice"), delivery("2", "alice")]);
      const [first] = await queue.claim([{ name: "one", limit: 1 }], 500);
      await queue.settle([delivered(first!, true)], lease);
      await pause(600);
      expect(await claimAll(other)).to.deep.equal([]);
    });

    it("keeps one delivery for each key, so that a write may be repeated", async () => {
      const twice = [delivery("1", "alice"), delivery("2", "alice"), delivery("3")];
      await queue.add(twice);
      await other.add(twice);
      await queue.add([delivery("4", "alice")]);
      expect((await queue.counts(["one"]))[0]!.backlog).to.equal(4);
      const [alice] = (await claimAll(queue)).filter((claim) => claim.delivery.subject === "alice");
      const second = (await queue.settle([delivered(alice!, true)], lease))[0]!;
      const third = (await queue.settle([delivered(second, true)], lease))[0]!;
      expect(idsOf([alice, second, third])).to.deep.equal(["1", "2", "4"]);
      expect(await queue.settle([delivered(third, true)], lease)).to.deep.equal([undefined]);
    });

    it("lists what is dead, the oldest first, and goes on with the lane", async () => {
      await queue.add([delivery("1", "a\u0000lice"), delivery("2", "a\u0000lice"), delivery("3", "a\u0000lice")]);
      const [first] = await claimAll(queue);
      const [second] = await queue.settle([died(first!, true)], lease);
      expect(second).to.deep.include({ attempts: 0, failingSince: 7.5 });
      await pause(5);
      await queue.settle([died(second!)], lease);
      const letters = await other.deadLetters(10);
      expect(letters.map(({ diedAt: _, ...letter }) => letter)).to.deep.equal(["1", "2"].map((id) => {
        const { key: _, lane: __, ...rest } = delivery(id, "a\u0000lice");
        return { ...rest, attempts: 1, reason: "status 500" };
      }));
      expect(letters[0]!.diedAt).to.be.closeTo(Date.now(), 5_000);
      expect(await other.deadLetters(1)).to.have.length(1);
      expect(await queue.counts(["one", "none"])).to.deep.equal([{ backlog: 1, dead: 2, oldest: 1_800_000_000_000 }, { backlog: 0, dead: 0, oldest: null }]);
      expect(idsOf(await claimAll(other))).to.deep.equal(["3"]);
    });

    it("replays dead letters of endpoints that are known, in their order and behind what waits", async () => {
      await queue.bury([delivery("1", "alice"), delivery("2", "alice"), delivery("2", "alice", "gone"), delivery("3", "alice")], "the backlog was full");
      await queue.add([delivery("0", "alice")]);
      expect(await other.replay(["2", "1", "unknown"], ["one", "two"])).to.equal(2);
      expect(await other.replay(["2", "1"], ["one", "two"])).to.equal(0);
      expect((await queue.deadLetters(10)).map(({ id, endpoint, attempts, reason }) => [id, endpoint, attempts, reason])).to.have.deep.members([["2", "gone", 0, "the backlog was full"], ["3", "one", 0, "the backlog was full"]]);
      const order: string[] = [];
      for (let [claim] = await claimAll(queue); claim !== undefined; [claim] = (await queue.settle([delivered(claim, true)], lease)) as [ClaimedDelivery | undefined]) {
        order.push(claim.delivery.id);
        if (claim.delivery.id === "1") expect(claim.delivery).to.deep.include({ ...delivery("1", "alice"), createdAt: claim.delivery.createdAt }).with.property("createdAt").that.is.closeTo(Date.now(), 5_000);
      }
      expect(order).to.deep.equal(["0", "1", "2"]);
    });

    it("removes dead letters that are too old, and the oldest of too many", async () => {
      for (const ids of [["1", "2"], ["3", "4", "5"]]) {
        await queue.bury(ids.map((id) => delivery(id)), "gone");
        await pause(5);
      }
      const times = (await queue.deadLetters(10)).map(({ diedAt }) => diedAt);
      expect(await queue.removeDeadLetters(times[2]!, 3)).to.equal(0);
      expect((await queue.deadLetters(10)).map(({ id }) => id)).to.have.members(["3", "4", "5"]);
      expect(await queue.removeDeadLetters(0, 1)).to.equal(2);
      expect(await queue.deadLetters(10)).to.have.length(1);
      expect((await queue.counts(["one"]))[0]!.dead).to.equal(1);
    });

    it("gives everything once to four nodes that add, claim and settle at the same time", async () => {
      const nodes = Array.from({ length: 4 }, () => engineOf().connect());
      const settled: string[] = [];
      // If one node fails, the others must not go on for ever.
      const until = performance.now() + 45_000;
      const subjects = ["alice", "bob", "carol", "dave", "eve"];
      const add = async (node: WebhookQueue, name: number) => {
        for (let batch = 0; batch < 10; batch += 1) await node.add(subjects.map((subject) => delivery(`${name} ${batch}`.replace(" ", "-") + subject, subject)));
      };
      const work = async (node: WebhookQueue) => {
        while (settled.length < 200 && performance.now() < until) {
          // SQLite answers within the same turn.
          await new Promise((resolve) => void setImmediate(resolve));
          let claims: readonly (ClaimedDelivery | undefined)[] = await claimAll(node);
          while (claims.some((claim) => claim !== undefined)) {
            const held = claims.filter((claim) => claim !== undefined);
            settled.push(...held.map((claim) => claim.delivery.id));
            claims = await node.settle(held.map((claim, place) => delivered(claim, place % 2 === 0)), lease);
          }
        }
      };
      await Promise.all([...nodes.map(add), ...nodes.map(work)]);
      expect(new Set(settled).size).to.equal(200);
      expect(settled).to.have.length(200);
      for (const subject of subjects) {
        for (let name = 0; name < 4; name += 1) {
          const batches = settled.filter((id) => id.startsWith(`${name}-`) && id.endsWith(subject)).map((id) => Number(/-(\d+)/.exec(id)![1]));
          expect(batches).to.deep.equal([...batches].sort((one, two) => one - two));
        }
      }
      expect((await queue.counts(["one"]))[0]!.backlog).to.equal(0);
    });

    it("takes thousands at once", async () => {
      await queue.add(Array.from({ length: 2_500 }, (_, place) => delivery(String(place), `subject ${place % 7}`)));
      expect((await other.counts(["one"]))[0]!.backlog).to.equal(2_500);
      expect(idsOf(await claimAll(other))).to.have.members(["0", "1", "2", "3", "4", "5", "6"]);
    });
  });
}

async function untilClaimed(queue: WebhookQueue): Promise<ClaimedDelivery> {
  let found: ClaimedDelivery | undefined;
  await eventually(async () => { [found] = await claimAll(queue); return found; }, "a claim");
  return found!;
}
