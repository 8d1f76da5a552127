// Events that several nodes count together, in a real Redis.
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { createClient } from "redis";
import { anyone, role, signedIn } from "../../../lib/index.js";
import type { Denial } from "../../../lib/protocol.js";
import { redisLimits } from "../../../lib/redis/index.js";
import { eventually } from "../../support/eventually.js";
import { needRedis, startRedis, type Redis } from "../../support/redis.js";
import { closeEverything, closeLater, serve, type Client } from "../../support/server.js";

function answerOk(...args: unknown[]): void {
  const ack = args.at(-1);
  if (typeof ack === "function") (ack as (answer: string) => void)("ok");
}

describe("limits.store", () => {
  let redis: Redis;
  let nth = 0;

  before(async function () {
    needRedis(this);
    redis = await startRedis([]);
  });
  after(() => redis?.close());
  afterEach(closeEverything);

  /** Two nodes with the same rules. */
  async function nodes(setting: object) {
    nth += 1;
    const opened = [];
    for (let node = 0; node < 2; node += 1) {
      const client = createClient({ url: redis.url });
      await client.connect();
      closeLater(() => client.destroy());
      const { limits, ...others } = { limits: {}, ...setting };
      const served = await serve({ ...others, limits: { ...limits, store: redisLimits(client, { prefix: `test-${nth}` }) } });
      closeLater(() => served.guarded.close());
      served.io.on("connection", (socket) => { for (const name of ["message", "slow"]) socket.on(name, answerOk); });
      opened.push({ ...served, client });
    }
    return [opened[0]!, opened[1]!] as const;
  }

  async function sent(client: Client, count: number, name = "message"): Promise<string[]> {
    const answers: string[] = [];
    for (let one = 0; one < count; one += 1) {
      const answer = await client.emitWithAck(name) as string | { error: Denial };
      answers.push(typeof answer === "string" ? answer : answer.error.code);
    }
    return answers;
  }

  it("counts the events of a user on all nodes", async () => {
    const [one, two] = await nodes({ events: { message: { allow: signedIn, limit: "3/1m" } } });
    const [first, second] = [await one.member(), await two.member()];
    expect(await sent(first.client, 2)).to.deep.equal(["ok", "ok"]);
    const hit = new Promise((resolve) => two.guarded.on("limitHit", resolve));
    expect(await sent(second.client, 3)).to.deep.equal(["ok", "rate_limited", "rate_limited"]);
    expect(await hit).to.deep.include({ limit: "event", rate: "3/1m", event: "message", subject: "alice" });
    expect(await sent(first.client, 1)).to.deep.equal(["rate_limited"]);
  });

  it("gives places back for events that are denied", async () => {
    const [one, two] = await nodes({ events: { message: { allow: role("admin"), limit: "2/1m" }, slow: { allow: signedIn, limit: "100/1m" } } });
    const [first, admin] = [await one.member(), await two.member("/", { auth: { token: two.token({ role: "admin" }) } })];
    for (let denied = 0; denied < 3; denied += 1) {
      expect(await sent(first.client, 1)).to.deep.equal(["forbidden"]);
      // The store has given the place back before it answers this one.
      await sent(first.client, 2, "slow");
    }
    expect(await sent(admin.client, 3)).to.deep.equal(["ok", "ok", "rate_limited"]);
  });

  it("keeps the order of a socket's events, and counts a connection on its own node", async () => {
    const [one] = await nodes({ events: { message: { allow: signedIn, limit: "100/1m" } }, limits: { connection: "20/1m" } });
    const { client, socket } = await one.member();
    const got: unknown[] = [];
    socket.on("message", (number: unknown) => got.push(number));
    for (let number = 0; number < 19; number += 1) client.emit("message", number);
    await client.emitWithAck("message", 19);
    expect(got).to.deep.equal(Array.from({ length: 20 }, (_, number) => number));
    expect(await sent(client, 1)).to.deep.equal(["rate_limited"]);
  });

  it("counts what is published in a room on all nodes", async () => {
    const [one, two] = await nodes({ rooms: { lobby: { join: anyone, publish: { typing: anyone } } }, limits: { room: "2/1m" } });
    const members = [await one.member(), await two.member()];
    const publish = async (member: number): Promise<string | undefined> =>
      ((await members[member]!.client.emitWithAck("guard:publish", { room: "lobby", event: "typing" })) as { error?: Denial }).error?.code;
    for (const { client } of members) await client.emitWithAck("guard:join", { room: "lobby" });
    expect([await publish(0), await publish(1), await publish(0), await publish(1)]).to.deep.equal([undefined, undefined, "rate_limited", "rate_limited"]);
  });

  it("gives back in report mode, too, what would have been denied", async () => {
    const [one, two] = await nodes({ mode: { authenticate: "enforce", events: "report" }, events: { message: { allow: role("admin"), limit: "1/1m" } } });
    const [first, admin] = [await one.member(), await two.member("/", { auth: { token: two.token({ role: "admin" }) } })];
    expect(await sent(first.client, 1)).to.deep.equal(["ok"]);
    await eventually(() => one.guarded.report().wouldDeny[0]?.count === 1, "the event is reported");
    expect(one.guarded.report().wouldDeny).to.have.deep.members([{ event: "message", code: "forbidden", reason: 'the check role("admin") returned false', count: 1 }]);
    // Redis answers in order: the place has been given back.
    await one.client.ping();
    expect(await sent(admin.client, 2)).to.deep.equal(["ok", "ok"]);
    await eventually(() => two.guarded.report().wouldDeny.length === 1, "the event over the limit is reported");
    expect(two.guarded.report().wouldDeny[0]).to.include({ code: "rate_limited", count: 1 });
    expect(two.guarded.stats().allowed).to.equal(1);
  });

  it("counts alone with its share while the store is away, and says so once", async () => {
    const store = { isDown: false };
    const failing = {
      announce: () => store.isDown ? Promise.reject(new Error("away")) : Promise.resolve({ nodes: 2, isKnown: true }),
      take: (windows: readonly unknown[]) => store.isDown ? Promise.reject(new Error("away")) : Promise.resolve({ waits: windows.map(() => 0), places: windows.map(() => 0), isKnown: true }),
      giveBack: () => Promise.resolve(),
    };
    const served = await serve({ events: { message: { allow: signedIn, limit: "4/1m" } }, limits: { store: failing } });
    closeLater(() => served.guarded.close());
    const failures: unknown[] = [];
    served.guarded.on("failed", ({ source }) => failures.push(source));
    const { client, socket } = await served.member();
    socket.on("message", (ack: (answer: string) => void) => ack("ok"));
    expect(await sent(client, 5)).to.deep.equal(Array(5).fill("ok"));
    store.isDown = true;
    expect(await sent(client, 3)).to.deep.equal(["ok", "ok", "rate_limited"]);
    expect(failures).to.deep.equal(["limits"]);
  });

  it("does not start with a store that is none", async () => {
    let error: unknown;
    await serve({ limits: { store: {} as never } }).catch((caught: unknown) => { error = caught; });
    expect(error).to.have.property("code", "option_invalid");
  });
});
