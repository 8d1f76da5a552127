import { expect } from "chai";
import { createHmac } from "node:crypto";
import Pusher from "pusher";
import { Webhook } from "standardwebhooks";
import type { WebhookQueue } from "../../../lib/webhooks/index.js";
import { verifyWebhook, webhooks } from "../../../lib/webhooks/index.js";
import { eventually } from "../../support/eventually.js";
import { closeEverything } from "../../support/server.js";
import { memoryQueue, ok, otherSecret, receiver, retryAtOnce, secret, senderTo } from "./support.js";

afterEach(closeEverything);

const rejection = (promise: Promise<unknown>) => promise.then(() => "resolved", (error: { code?: string }) => error.code);
const noDeliveries = (): WebhookQueue => ({ ...fake, claim: async () => [] });
const fake: WebhookQueue = {
  add: async () => undefined, bury: async () => undefined, claim: async () => [], settle: async () => [], deadLetters: async () => [], replay: async () => 0, removeDeadLetters: async () => 0,
  counts: async (endpoints) => endpoints.map(() => ({ backlog: 0, dead: 0, oldest: null })),
};

describe("webhooks", () => {
  it("POST an event of the host as Standard Webhooks defines it", async () => {
    const to = await receiver();
    const { hooks } = senderTo(to.url);
    const id = await hooks.send({ type: "order.paid", subject: "alice", data: { total: 7, text: "\u00e4" } });
    await to.receivedTimes(1);
    const [{ headers, raw, body }] = to.received as [typeof to.received[0]];
    expect(body).to.deep.equal({ type: "order.paid", timestamp: body.timestamp, data: { total: 7, text: "\u00e4" } });
    expect(Date.parse(body.timestamp)).to.be.closeTo(Date.now(), 5_000);
    expect(headers).to.include({ "webhook-id": id, "content-type": "application/json", "content-length": String(Buffer.byteLength(raw)) });
    expect(headers).not.to.have.any.keys("x-pusher-key", "x-pusher-signature", "authorization", "cookie");
    expect(new Webhook(secret).verify(raw, headers as Record<string, string>)).to.deep.equal(body);
    expect(verifyWebhook(secret, headers, raw)).to.deep.equal(body);
    await eventually(async () => (await hooks.stats()).backlog === 0, "an empty backlog");
  });

  it("POST audit records with their own time, to the endpoints that want their type", async () => {
    const [ended, everything] = [await receiver(), await receiver()];
    const { hooks } = senderTo("", { endpoints: [{ url: ended.url, secrets: secret, events: ["ended"] }, { url: everything.url, secrets: secret, events: "all" }, { url: ended.url, secrets: secret, events: [], name: "nothing" }] });
    const records = [{ time: 1_800_000_000_000, type: "ended", subject: "alice", code: "token_expired" }, { time: 1_800_000_000_001, type: "denied", address: "192.0.2.1" }];
    await hooks.write(records);
    await Promise.all([ended.receivedTimes(1), everything.receivedTimes(2)]);
    expect(ended.received.map(({ body }) => body)).to.deep.equal([{ type: "ended", timestamp: "2027-01-15T08:00:00.000Z", data: { subject: "alice", code: "token_expired" } }]);
    expect(everything.received.map(({ body }) => body.data)).to.have.deep.members([{ subject: "alice", code: "token_expired" }, { address: "192.0.2.1" }]);
    expect(everything.received.find(({ body }) => body.type === "ended")!.id).to.equal(ended.received[0]!.id);
  });

  it("sign with each secret, and in Pusher's format beside", async () => {
    const to = await receiver();
    const pusher = { key: "chat", secret: "0123456789abcdef0123" };
    const { hooks } = senderTo("", { endpoints: [{ url: to.url, secrets: [secret, otherSecret], events: "all", pusher }] });
    await hooks.send({ type: "ended", data: {} });
    await to.receivedTimes(1);
    const { headers, raw, body } = to.received[0]!;
    for (const one of [secret, otherSecret]) expect(new Webhook(one).verify(raw, headers as Record<string, string>)).to.deep.equal(body);
    expect(headers).to.include({ "x-pusher-key": "chat", "x-pusher-signature": createHmac("sha256", pusher.secret).update(raw).digest("hex") });
    expect(new Pusher({ appId: "1", ...pusher, cluster: "eu" }).webhook({ headers, rawBody: raw }).isValid()).to.equal(true);
  });

  it("deliver the events of one subject in order, and those of others meanwhile", async () => {
    retryAtOnce();
    let failures = 3;
    const to = await receiver((response, { body }) => (body.data === "a0" && failures-- > 0 ? response.writeHead(500).end() : ok(response)));
    const { hooks } = senderTo(to.url);
    await Promise.all(Array.from({ length: 30 }, (_, place) => [hooks.send({ type: "ended", subject: "alice", data: `a${place}` }), hooks.send({ type: "ended", subject: "bob", data: `b${place}` })]).flat());
    await to.receivedTimes(63);
    const of = (letter: string) => to.received.map(({ body }) => String(body.data)).filter((data) => data.startsWith(letter));
    expect(of("b")).to.deep.equal(Array.from({ length: 30 }, (_, place) => `b${place}`));
    expect(of("a")).to.deep.equal(["a0", "a0", "a0", ...Array.from({ length: 30 }, (_, place) => `a${place}`)]);
    expect(to.received.findIndex(({ body }) => body.data === "b29")).to.be.lessThan(to.received.findIndex(({ body }) => body.data === "a29"));
  });

  it("send again what was not answered with 2xx in time, with the same id and a new signature", async () => {
    retryAtOnce();
    let attempt = 0;
    const answers = ["reset", "500", "redirect", "silence", "404", "ok"];
    const other = await receiver();
    const to = await receiver((response) => {
      const answer = answers[attempt++];
      if (answer === "redirect") response.writeHead(307, { location: other.url }).end();
      else if (answer === "reset") response.socket!.destroy();
      else if (answer === "ok") response.writeHead(200).end("thank you");
      else if (answer !== "silence") response.writeHead(Number(answer)).end();
    });
    const { hooks, errors } = senderTo(to.url, { timeout: 2_000 });
    const id = await hooks.send({ type: "ended", subject: "alice", data: {} });
    await to.receivedTimes(answers.length);
    await eventually(async () => (await hooks.stats()).backlog === 0, "an empty backlog");
    expect(to.received.map((one) => one.id)).to.deep.equal(answers.map(() => id));
    expect(other.received).to.deep.equal([]);
    for (const { headers, raw } of to.received) expect(verifyWebhook(secret, headers, raw)).to.be.an("object");
    expect(errors.map(({ code }) => code)).to.deep.equal(Array.from({ length: 5 }, () => "webhook_failed"));
    expect(errors.map(({ message }) => /failed: ([^.]+)\./.exec(message)![1])).to.deep.equal(["the connection failed (ECONNRESET)", "status 500", "status 307", "no answer in time", "status 404"]);
    expect((await hooks.stats()).endpoints).to.deep.equal([{ name: "one", backlog: 0, dead: 0, oldestAge: 0, delivered: 1, failed: 5 }]);
  });

  it("wait as long as Retry-After asks for", async () => {
    retryAtOnce();
    const times: number[] = [];
    const to = await receiver((response) => {
      times.push(performance.now());
      if (times.length === 1) response.writeHead(429, { "retry-after": "1" }).end();
      else ok(response);
    });
    const { hooks } = senderTo(to.url);
    await hooks.send({ type: "ended", data: {} });
    await to.receivedTimes(2);
    expect(times[1]! - times[0]!).to.be.at.least(950);
  });

  it("become dead letters when they have failed for retryFor, are told, and can be replayed", async () => {
    retryAtOnce();
    const to = await receiver((response) => response.writeHead(503).end());
    const { hooks, errors } = senderTo(to.url, { retryFor: 100 });
    const id = await hooks.send({ type: "ended", subject: "alice", data: { a: 1 } });
    await eventually(async () => (await hooks.stats()).dead === 1, "a dead letter");
    const [letter] = await hooks.deadLetters();
    expect(letter).to.deep.include({ id, endpoint: "one", type: "ended", subject: "alice", reason: "status 503", body: to.received[0]!.raw });
    expect(letter!.attempts).to.equal(to.received.length).and.be.greaterThan(1);
    expect(errors.at(-1)!.code).to.equal("webhook_dead");
    to.reply = ok;
    expect(await hooks.replay([id, "unknown"])).to.equal(1);
    await to.receivedTimes(letter!.attempts + 1);
    expect(to.received.at(-1)).to.deep.include({ id, raw: to.received[0]!.raw });
    await eventually(async () => (await hooks.stats()).backlog === 0, "an empty backlog");
    expect(await hooks.deadLetters()).to.deep.equal([]);
  });

  it("become dead letters at once if the endpoint is gone (410)", async () => {
    const to = await receiver((response, { body }) => (body.type === "old" ? response.writeHead(410).end() : ok(response)));
    const { hooks } = senderTo(to.url);
    await hooks.send({ type: "old", subject: "alice", data: {} });
    await hooks.send({ type: "new", subject: "alice", data: {} });
    await to.receivedTimes(2);
    expect((await hooks.deadLetters()).map(({ reason, attempts }) => [reason, attempts])).to.deep.equal([["status 410", 1]]);
  });

  it("keep other endpoints going while one is slow, with at most `concurrency` requests to each", async () => {
    const held: (() => void)[] = [];
    const slow = await receiver((response) => { held.push(() => ok(response)); });
    const fast = await receiver();
    const { hooks } = senderTo("", { concurrency: 3, endpoints: [slow, fast].map(({ url }) => ({ url, secrets: secret, events: "all" as const })) });
    await Promise.all(Array.from({ length: 12 }, (_, place) => hooks.send({ type: "ended", data: place })));
    await Promise.all([fast.receivedTimes(12), slow.receivedTimes(3)]);
    await hooks.send({ type: "ended", data: "one more" });
    await fast.receivedTimes(13);
    expect(held).to.have.length(3);
    slow.reply = ok;
    for (const answer of held) answer();
    await slow.receivedTimes(13);
  });

  it("deliver with a second node, and what a closed one has left", async () => {
    const to = await receiver();
    const store = memoryQueue();
    const [first, second] = [senderTo(to.url, { store }), senderTo(to.url, { store })];
    await Promise.all(Array.from({ length: 40 }, (_, place) => [first, second][place % 2]!.hooks.send({ type: "ended", subject: `user ${place % 5}`, data: place })));
    await first.hooks.close();
    expect(await rejection(first.hooks.send({ type: "ended", data: {} }))).to.equal("webhooks_closed");
    expect(await rejection(first.hooks.write([{ time: 1, type: "ended" }]))).to.equal("webhooks_closed");
    await second.hooks.send({ type: "ended", data: "last" });
    await to.receivedTimes(41);
    await eventually(async () => (await second.hooks.stats()).backlog === 0, "an empty backlog");
    expect(new Set(to.received.map(({ id }) => id)).size).to.equal(41);
    expect(to.received).to.have.length(41);
  });

  it("keep the id of a record that is written again, because the store has failed", async () => {
    const to = await receiver();
    const store = memoryQueue();
    let fails = true;
    const broken: WebhookQueue = Object.assign(Object.create(store) as WebhookQueue, {
      add: async (deliveries: never) => {
        await store.add(deliveries);
        if (fails) throw new Error("the answer was lost");
      },
      claim: store.claim.bind(store), settle: store.settle.bind(store), counts: store.counts.bind(store),
    });
    const { hooks, errors } = senderTo(to.url, { store: broken });
    const records = [{ time: 1, type: "ended", subject: "alice" }, { time: 1, type: "ended", subject: "alice" }];
    expect(await rejection(hooks.write(records))).to.equal("store_unavailable");
    expect(errors[0]!.cause).to.have.property("message", "the answer was lost");
    await to.receivedTimes(2);
    fails = false;
    await hooks.write(records);
    await eventually(async () => (await hooks.stats()).backlog === 0, "an empty backlog");
    const ids = to.received.map(({ id }) => id);
    expect(new Set(ids).size).to.equal(2);
    expect(ids.slice(2)).to.have.members(ids.slice(2).map((_, place) => ids[place]!));
  });

  it("become dead letters at once, or are rejected, when the backlog of an endpoint is full", async () => {
    const full = (): WebhookQueue => ({ ...noDeliveries(), counts: async (names) => names.map((name) => ({ backlog: name === "one" ? 5 : 0, dead: 0, oldest: null })) });
    const endpoints = ["one", "two"].map((name) => ({ url: "http://127.0.0.1:1", secrets: secret, events: "all" as const, name }));
    const [added, buried]: string[][] = [[], []];
    const store: WebhookQueue = { ...full(), add: async (some) => void added!.push(...some.map(({ endpoint }) => endpoint)), bury: async (some) => void buried!.push(...some.map(({ endpoint }) => endpoint)) };
    const { hooks, errors } = senderTo("", { endpoints, store, maxBacklog: 5 });
    await hooks.send({ type: "ended", data: {} });
    expect([added, buried, errors.map(({ code }) => code)]).to.deep.equal([["two"], ["one"], ["webhook_dead"]]);
    const rejecting = senderTo("", { endpoints, store, maxBacklog: 5, onFull: "reject" });
    expect(await rejection(rejecting.hooks.send({ type: "ended", data: {} }))).to.equal("webhooks_full");
    expect(added).to.deep.equal(["two"]);
  });

  it("count what a node adds until the store is counted again", async () => {
    let buried = 0;
    const { hooks } = senderTo("http://127.0.0.1:1", { store: { ...noDeliveries(), bury: async (some) => void (buried += some.length) }, maxBacklog: 3 });
    await Promise.all(Array.from({ length: 5 }, () => hooks.send({ type: "ended", data: {} })));
    expect(buried).to.equal(2);
  });

  it("refuse an event that a receiver could not read", async () => {
    const { hooks } = senderTo("http://127.0.0.1:1", { store: fake });
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const deep = JSON.parse(`${"[".repeat(32)}${"]".repeat(32)}`) as unknown;
    for (const wrong of [{ type: "", data: {} }, { type: "a b", data: {} }, { type: 7, data: {} }, { type: "a", subject: "", data: {} }, { type: "a", subject: "a".repeat(1_025), data: {} }, { type: "a", data: circle }, { type: "a", data: 1n }, { type: "a", data: "x".repeat(65_536) }, { type: "a", data: deep }]) {
      expect(await rejection(hooks.send(wrong as never))).to.equal("option_invalid");
    }
    expect(await hooks.send({ type: "a", data: JSON.parse(`${"[".repeat(31)}${"]".repeat(31)}`) })).to.match(/^msg_/);
  });

  it("stop the start with a wrong option", () => {
    const store = fake;
    const endpoint = { url: "https://hooks.example/", secrets: secret, events: "all" as const };
    const wrong: [object, string][] = [
      [{ store }, "option_invalid"], [{ endpoints: [endpoint] }, "option_invalid"], [{ store: {}, endpoints: [endpoint] }, "option_invalid"], [{ store, endpoints: [endpoint], retryfor: "5m" }, "option_unknown"],
      [{ store, endpoints: [endpoint, endpoint] }, "option_invalid"], [{ store, endpoints: [endpoint], concurrency: 0 }, "option_invalid"], [{ store, endpoints: [endpoint], onFull: "drop" }, "option_invalid"], [{ store, endpoints: [endpoint], allowPrivate: undefined }, "option_undefined"],
      ...["http://hooks.example/", "ftp://hooks.example/", "https://name:password@hooks.example/", "hooks.example", "https://localhost/", "https://127.1/", "https://[::1]/", "https://10.0.0.1/", "https://[::ffff:8.8.8.8]/", "http://localhost/"].map((url): [object, string] => [{ store, endpoints: [{ ...endpoint, url }] }, "option_invalid"]),
      ...[{ secrets: [] }, { secrets: "whsec_" }, { events: undefined }, { events: "ended" }, { events: ["a b"] }, { name: "" }, { pusher: { key: "chat" } }, { pusher: { key: "chat", secret: "short" } }].map((change): [object, string] => [{ store, endpoints: [{ ...endpoint, ...change }] }, Object.values(change)[0] === undefined ? "option_undefined" : "option_invalid"]),
    ];
    for (const [options, code] of wrong) expect(() => webhooks(options as never), JSON.stringify(options)).to.throw().with.property("code", code);
  });

  it("go on when the store is back", async () => {
    const to = await receiver();
    const store = memoryQueue();
    let isDown = true;
    const failing: WebhookQueue = Object.assign(Object.create(store) as WebhookQueue, {
      add: store.add.bind(store), settle: store.settle.bind(store), counts: store.counts.bind(store),
      claim: (...args: Parameters<WebhookQueue["claim"]>) => (isDown ? Promise.reject(new Error("down")) : store.claim(...args)),
    });
    const { hooks, errors } = senderTo(to.url, { store: failing });
    await hooks.send({ type: "ended", data: {} });
    await eventually(() => errors.length > 0, "an error");
    expect(errors[0]!.code).to.equal("store_unavailable");
    isDown = false;
    await to.receivedTimes(1);
  });
});
