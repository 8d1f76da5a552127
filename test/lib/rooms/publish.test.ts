// guard:publish: members send events to each other without a handler, and only those that the room's rule declares.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { z } from "zod";
import { anonymous, anyone, deny, role, signedIn } from "../../../lib/index.js";
import { closeEverything, event, makeTokens, signal } from "../../support/server.js";
import { heard, join, leave, publish, serveRooms, userOf } from "./support.js";

const rooms = {
  lobby: {
    join: anyone,
    publish: {
      typing: anyone,
      draw: { allow: signedIn, payload: z.object({ x: z.number() }).strict() },
      close: { allow: role("admin"), onDenied: "disconnect" },
      own: ({ user, args: [id] }: { user: { sub: string }; args: readonly unknown[] }) => user.sub === id || deny("Only your own."),
    },
  },
};

async function two(more: object = {}) {
  const served = await serveRooms(rooms, more);
  const [alice, bob] = [await userOf(served, "alice"), await userOf(served, "bob")];
  await join(alice.client, "lobby");
  await join(bob.client, "lobby");
  return { served, alice, bob };
}

/** Alice has published an event whose check is at work until `answer` is settled, and bob hears what arrives. */
async function whileChecked() {
  const answer = signal<boolean>();
  const asked = signal();
  const served = await serveRooms({ lobby: { join: signedIn, publish: { slow: () => { asked.settle(); return answer.promise; } } } });
  const [alice, bob] = [await userOf(served, "alice"), await userOf(served, "bob")];
  await join(alice.client, "lobby");
  await join(bob.client, "lobby");
  const got = heard(bob.client, "guard:published");
  const publishing = publish(alice.client, "lobby", "slow");
  await asked.promise;
  return { served, got, publishing, answer };
}

describe("guard:publish", () => {
  afterEach(closeEverything);

  it("reaches the other members under the guard's own name, with who sent it", async () => {
    const { alice, bob } = await two();
    const echoed = heard(alice.client, "guard:published");
    const posed = heard(bob.client, "typing");
    const got = event(bob.client, "guard:published");
    expect(await publish(alice.client, "lobby", "typing", { on: true })).to.deep.equal({ room: "lobby" });
    expect(await got).to.deep.equal({ room: "lobby", event: "typing", data: { on: true }, from: "alice" });
    expect(await echoed.settled(), "the sender hears nothing").to.deep.equal([]);
    expect(await posed.settled(), "it does not look like an event of the server").to.deep.equal([]);
  });

  it("sends what the schema returned, and denies what it refuses", async () => {
    const { alice, bob } = await two();
    const got = event(bob.client, "guard:published");
    expect((await publish(alice.client, "lobby", "draw", { x: "1" })).error).to.include({ code: "payload_invalid", event: "draw", room: "lobby" });
    expect((await publish(alice.client, "lobby", "draw", { x: 1, y: 2 })).error!.code).to.equal("payload_invalid");
    await publish(alice.client, "lobby", "draw", { x: 1 });
    expect(await got).to.deep.equal({ room: "lobby", event: "draw", data: { x: 1 }, from: "alice" });
  });

  it("asks the event's own rule, with the room and the data", async () => {
    const { alice } = await two();
    expect((await publish(alice.client, "lobby", "own", "bob")).error).to.include({ code: "forbidden", message: "Only your own.", event: "own" });
    expect((await publish(alice.client, "lobby", "own", "alice")).room).to.equal("lobby");
  });

  it("denies an event that the rule does not declare, also names of the language", async () => {
    const { alice } = await two();
    for (const name of ["drawing", "", "__proto__", "constructor", "guard:left", "typing ", "x".repeat(128)]) expect((await publish(alice.client, "lobby", name)).error!.code, name).to.equal("event_unlisted");
    expect((await publish(alice.client, "lobby", "x".repeat(129))).error!.code).to.equal("event_malformed");
  });

  it("is for members only", async () => {
    const { served, alice, bob } = await two();
    const spied = heard(bob.client, "guard:published");
    const carol = await userOf(served, "carol");
    expect((await publish(carol.client, "lobby", "typing")).error).to.include({ code: "not_a_member", event: "typing", room: "lobby" });
    await carol.socket.join("lobby");
    expect((await publish(carol.client, "lobby", "typing")).error!.code, "the server's own join makes no member").to.equal("not_a_member");
    await leave(alice.client, "lobby");
    expect((await publish(alice.client, "lobby", "typing")).error!.code).to.equal("not_a_member");
    expect(await spied.settled()).to.deep.equal([]);
  });

  it("names no sender for a guest", async () => {
    const { tokens } = makeTokens();
    const { served, bob } = await two({ authenticate: [tokens, anonymous()] });
    const guest = served.connect("/", { auth: {} });
    await event(guest, "guard:session");
    await join(guest, "lobby");
    const got = event(bob.client, "guard:published");
    await publish(guest, "lobby", "typing");
    expect(await got).to.deep.equal({ room: "lobby", event: "typing", from: null });
    expect((await publish(guest, "lobby", "draw", { x: 1 })).error!.code).to.equal("token_missing");
  });

  it("allows ten events in any second, and says when the next may come", async () => {
    const { served, alice, bob } = await two();
    const got = heard(bob.client, "guard:published");
    served.clock.stop();
    for (let nth = 0; nth < 10; nth += 1) expect((await publish(alice.client, "lobby", "typing", nth)).room).to.equal("lobby");
    const { error } = await publish(alice.client, "lobby", "typing", 10);
    expect(error).to.include({ code: "rate_limited", event: "typing" });
    expect(error!.retryAfter).to.be.within(1, 1_070);
    served.clock.advance(2_000);
    for (let nth = 11; nth < 21; nth += 1) await publish(alice.client, "lobby", "typing", nth);
    expect((await publish(alice.client, "lobby", "typing", 21)).error!.code).to.equal("rate_limited");
    expect((await got.settled()).map((each) => (each as { data: number }).data)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it("disconnects if the rule says so", async () => {
    const { alice } = await two();
    const bye = event<{ code: string }>(alice.client, "guard:bye");
    void publish(alice.client, "lobby", "close");
    expect((await bye).code).to.equal("forbidden");
  });

  it("is not sent if the member has left while an asynchronous check was at work", async () => {
    const { served, got, publishing, answer } = await whileChecked();
    await served.guarded.room("lobby").evict("alice");
    answer.settle(true);
    expect((await publishing).error!.code).to.equal("not_a_member");
    expect(await got.settled()).to.deep.equal([]);
  });

  it("is decided by the rules as they are when it is sent, if they were replaced while an asynchronous check was at work", async () => {
    for (const [code, publishRules] of [["forbidden", { slow: role("admin") }], ["event_unlisted", {}]] as const) {
      const { served, got, publishing, answer } = await whileChecked();
      served.guarded.updateRules({ rooms: { lobby: { join: signedIn, publish: publishRules } } });
      answer.settle(true);
      expect((await publishing).error).to.include({ code, event: "slow", room: "lobby" });
      expect(await got.settled()).to.deep.equal([]);
    }
  });

  it("is decided by the new rules at once, also while the membership itself is still asked about", async () => {
    const served = await serveRooms({ lobby: { join: signedIn, publish: { typing: signedIn } } });
    const { client } = await userOf(served);
    await join(client, "lobby");
    const answer = signal<boolean>();
    served.guarded.updateRules({ rooms: { lobby: { join: () => answer.promise } } });
    expect((await publish(client, "lobby", "typing")).error!.code).to.equal("event_unlisted");
    answer.settle(true);
  });

  for (const [kind, allow] of [["synchronous", signedIn], ["asynchronous", () => Promise.resolve(true)]] as const) {
    it(`is denied after a ${kind} check if the schema returns what cannot be sent, and the process goes on`, async () => {
      const served = await serveRooms({ lobby: { join: signedIn, publish: { pay: { allow, payload: z.coerce.bigint() } } } });
      const failed = event<{ source: string; event: string; error: Error }>({ once: served.guarded.on.bind(served.guarded) }, "failed");
      const [alice, bob] = [await userOf(served, "alice"), await userOf(served, "bob")];
      await join(alice.client, "lobby");
      await join(bob.client, "lobby");
      const got = heard(bob.client, "guard:published");
      expect((await publish(alice.client, "lobby", "pay", "5")).error).to.include({ code: "check_failed", event: "pay", room: "lobby" });
      expect(await failed).to.include({ source: "check", event: "pay" }).and.to.have.property("error").that.is.instanceOf(TypeError);
      expect(await got.settled()).to.deep.equal([]);
    });
  }

  it("is impossible in encrypted rooms", async () => {
    const served = await serveRooms({ "*": { join: signedIn, publish: { typing: signedIn } } });
    const { client } = await userOf(served);
    await join(client, "private-encrypted-team");
    expect((await publish(client, "private-encrypted-team", "typing")).error!.code).to.equal("event_unlisted");
    await expectInvalid({ "private-encrypted-$team": { join: signedIn, publish: { typing: signedIn } } }, "encrypted");
  });
});

async function expectInvalid(invalid: object, words: string): Promise<void> {
  const error = await serveRooms(invalid).then(() => undefined, (thrown: Error & { code: string }) => thrown);
  expect(error?.code).to.equal("rule_invalid");
  expect(error!.message).to.include(words);
}
