// Races: a session ends or changes while packets of its client are on the way. Whatever the order on the server, no listener
// runs for a packet that is decided after the session ended.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { DefaultEventsMap } from "socket.io";
import { every, role, type EventRules } from "../../../lib/index.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { Polling } from "../../support/polling.js";
import type { Raw } from "../../support/raw.js";
import { closeEverything, nextTurn, serve, type Served, type ServerSocket } from "../../support/server.js";

const decisions = ["expiry", "revoke", "refresh to another", "refresh to less", "key drop", "disconnect"] as const;
const situations = ["pending check", "batch in one write", "batch in one POST", "ack", "onAny", "upgrade"] as const;
const hour = 3_600_000;

describe("races", function () {
  afterEach(closeEverything);

  it("never run a listener after the decision, in any situation", async () => {
    const random = randomFrom(seed());
    const served = await serve({ events: rules, limits: { login: false } });
    const track = new Track(served);
    for (let run = 0; run < draws(10_000); run += 1) await new Race(served, track, random, run).run();
    console.log(`  ${draws(10_000)} races: events accepted before the decision: ${track.early}, after it: ${track.late.length}`);
    expect(track.late).to.deep.equal([]);
    // The runs prove something only if events are accepted before the decision.
    expect(track.early).to.be.greaterThan(draws(10_000) / 10);
  });
});

/** The answer that the rule of `slow` waits for. */
let ask = (): Promise<boolean> => Promise.resolve(true);

const rules: EventRules<DefaultEventsMap, unknown> = {
  quick: role("admin"),
  slow: every(role("admin"), () => ask()),
  last: role("admin", "member"),
};

/** Counts what listeners hear before the decision of the current run, and after it. */
class Track {
  early = 0;
  readonly late: string[] = [];
  isDecided = false;
  what = "";
  firstHeard: (() => void) | undefined;
  /** The session that a packet of its own client decides about. */
  refreshing = "";

  constructor({ guarded }: Served) {
    guarded.on("refreshed", ({ id }) => { if (id === this.refreshing) this.isDecided = true; });
    guarded.on("ended", ({ id }) => { if (id === this.refreshing) this.isDecided = true; });
  }

  hear(listener: string): void {
    if (this.isDecided) this.late.push(`${this.what}: ${listener}`);
    else this.early += 1;
    const first = this.firstHeard;
    this.firstHeard = undefined;
    first?.();
  }
}

class Race {
  readonly #served: Served;
  readonly #track: Track;
  readonly #random: () => number;
  readonly #decision: (typeof decisions)[number];
  readonly #situation: (typeof situations)[number];
  readonly #subject: string;
  readonly #token: string;
  #socket!: ServerSocket;

  constructor(served: Served, track: Track, random: () => number, run: number) {
    this.#served = served;
    this.#track = track;
    this.#random = random;
    this.#decision = this.#pick(decisions);
    this.#situation = this.#pick(situations);
    this.#subject = `subject ${run}`;
    this.#token = served.token({ sub: this.#subject, role: "admin" });
    track.what = `run ${run}, ${this.#decision} x ${this.#situation}`;
    track.isDecided = false;
    track.firstHeard = undefined;
    track.refreshing = "";
  }

  async run(): Promise<void> {
    const usesPolling = this.#situation === "batch in one POST" || this.#situation === "upgrade";
    await (usesPolling ? this.#runPolling() : this.#runWebsocket());
    this.#served.clock.ahead = 0;
  }

  async #runWebsocket(): Promise<void> {
    const { raw: client, socket } = await this.#served.rawMember("/", { token: this.#token });
    this.#listen(socket);
    if (this.#situation === "pending check") await this.#decideWhilePending(client);
    else {
      const packets = this.#situation === "ack" ? await this.#answers(client) : this.#batch();
      const decided = this.#decideSometime();
      client.send(...packets);
      await decided;
    }
    client.send('42["quick"]', '42["slow",0]', '42["quick"]');
    await this.#settle(client.closed, () => client.send('421["last"]'), client.next((frame) => frame.startsWith("431")));
    client.close();
    await client.closed;
  }

  async #runPolling(): Promise<void> {
    const client = await Polling.connect(this.#served.address, { token: this.#token });
    this.#listen(this.#served.io.sockets.sockets.get(client.id)!);
    void client.listen();
    const decided = this.#decideSometime();
    const batch = this.#batch();
    if (this.#situation === "batch in one POST") await client.post(...batch);
    else {
      const half = Math.floor(this.#random() * batch.length);
      await Promise.all([client.post(...batch.slice(0, half), '42["quick"]'), client.probe()]);
      client.upgrade(...batch.slice(half));
    }
    await decided;
    await client.post('42["quick"]', '42["slow",0]', '42["quick"]');
    for (const packet of ['42["quick"]', '42["slow",0]']) client.sendUpgraded(packet);
    const left = new Promise<void>((resolve) => {
      this.#socket.once("last", () => resolve());
      if (!this.#socket.connected) resolve();
      else this.#socket.once("disconnect", () => resolve());
    });
    await this.#settle(left, () => { void client.post('42["last"]'); client.sendUpgraded('42["last"]'); }, left);
    client.close();
    this.#socket.disconnect(true);
  }

  /** Settles when everything that was sent before is decided. */
  async #settle(ended: Promise<unknown>, ask: () => void, answered: Promise<unknown>): Promise<void> {
    ask();
    await Promise.race([ended, answered.catch(() => undefined)]);
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  }

  #listen(socket: ServerSocket): void {
    this.#socket = socket;
    this.#track.refreshing = this.#decision.startsWith("refresh") ? socket.id : "";
    const { hear } = { hear: (name: string) => this.#track.hear(name) };
    if (this.#situation === "onAny" || this.#random() < 0.1) socket.onAny((name: string) => { if (name !== "last") hear(`onAny ${name}`); });
    socket.on("quick", () => hear("quick"));
    socket.on("slow", () => hear("slow"));
    socket.on("last", (ack?: () => void) => ack?.());
  }

  /** Events, and among them the packet that decides, if the client sends it. */
  #batch(): string[] {
    const packets = Array.from({ length: 2 + Math.floor(this.#random() * 6) }, () => this.#pick(['42["quick"]', '42["quick"]', '42["slow",0]']));
    const own = this.#ownPacket();
    if (own !== undefined) packets.splice(Math.floor(this.#random() * packets.length), 0, own);
    return packets;
  }

  #ownPacket(): string | undefined {
    const { token } = this.#served;
    if (this.#decision === "refresh to another") return `42["guard:refresh",{"token":"${token({ sub: "another", role: "admin" })}"}]`;
    if (this.#decision === "refresh to less") return `42["guard:refresh",{"token":"${token({ sub: this.#subject, role: "member" })}"}]`;
    return undefined;
  }

  /** A check is pending at the decision, and answers before or after it. */
  async #decideWhilePending(client: Raw): Promise<void> {
    let settle: (is: boolean) => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      ask = () => {
        resolve();
        return new Promise((answer) => { settle = answer; });
      };
    });
    client.send('42["slow",0]', ...this.#batch());
    await asked;
    ask = () => Promise.resolve(true);
    const isBefore = this.#random() < 0.3;
    if (isBefore) settle(true);
    const decided = this.#decideSometime();
    await this.#turns();
    settle(true);
    await decided;
  }

  /** The server has emitted several events with acks, and the client sends all the acks at once. */
  async #answers(client: Raw): Promise<string[]> {
    for (let asked = 0; asked < 3; asked += 1) this.#socket.emit("confirm", () => this.#track.hear("ack"));
    const ids: string[] = [];
    while (ids.length < 3) ids.push(/^42(\d+)/.exec(await client.next((frame) => frame.includes("confirm")))![1]!);
    const answers = ids.map((id) => `43${id}[]`);
    const own = this.#ownPacket();
    // After a refresh to fewer rights the session goes on, and its acks are accepted.
    return own === undefined ? answers : this.#decision === "refresh to less" ? [...answers, own] : [own, ...answers];
  }

  /** Settles after the decision, which is made at once, some turns later, or while the first listener runs. */
  async #decideSometime(): Promise<void> {
    if (this.#decision.startsWith("refresh")) return;
    const decide = () => {
      if (this.#track.isDecided) return;
      this.#decide();
      this.#track.isDecided = true;
    };
    const moment = this.#pick(["now", "turns", "listener", "microtask", "tick"] as const);
    if (moment !== "now" && moment !== "turns") {
      this.#track.firstHeard = { listener: decide, microtask: () => queueMicrotask(decide), tick: () => process.nextTick(decide) }[moment];
    }
    if (moment !== "now") await this.#turns();
    decide();
  }

  #decide(): void {
    const { guarded, clock, ring } = this.#served;
    switch (this.#decision) {
      case "expiry":
        clock.ahead = hour;
        return;
      case "revoke":
        void guarded.revoke(this.#pick([{ subject: this.#subject }, { session: this.#socket.id }, { token: this.#token }]));
        return;
      case "key drop": {
        const kid = keyIdOf(this.#token);
        ring.rotate({ kid: `key ${this.#subject}`.replaceAll(" ", "-"), secret: `the secret of ${this.#subject}, thirty-two bytes and more` }, { grace: "1h" });
        return ring.revoke({ kid });
      }
      case "disconnect":
        this.#socket.disconnect(true);
        return;
      case "refresh to another":
      case "refresh to less":
        // A packet of the client decides.
    }
  }

  async #turns(): Promise<void> {
    for (let turns = Math.floor(this.#random() * 8); turns > 0; turns -= 1) await nextTurn();
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.#random() * values.length)]!;
  }
}

function keyIdOf(token: string): string {
  return (JSON.parse(Buffer.from(token.split(".")[0]!, "base64url").toString()) as { kid: string }).kid;
}

