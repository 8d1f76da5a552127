// Races: a right is taken away while joins and leaves of the client are on the way, and while the server sends to the room.
// Whatever the order, no message that is sent to the room after the decision reaches the client.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { eventually } from "../../support/eventually.js";
import type { Raw } from "../../support/raw.js";
import { closeEverything, event, nextTurn, type Served, type ServerSocket } from "../../support/server.js";
import { serveRooms } from "./support.js";

const decisions = ["revoke", "evict", "userChanged", "updateRules", "refresh", "leave by the host"] as const;
const moments = ["now", "turns", "joined", "microtask", "tick"] as const;
const room = "private-team";

/** Who may be in the room, and how its check answers in this run. */
const allowed = new Set<string>();
let answer: (isAllowed: boolean) => boolean | Promise<boolean> = (isAllowed) => isAllowed;

interface Asked { readonly user: { readonly sub: string; readonly out?: boolean } }

const rooms = { [room]: { join: ({ user }: Asked) => answer(allowed.has(user.sub) && user.out !== true), presence: true } };

describe("races of rooms", function () {
  afterEach(closeEverything);

  it("never deliver a message after the decision", async () => {
    const random = randomFrom(seed());
    const served = await serveRooms(rooms, { limits: { login: false } });
    const counts = { early: 0, late: [] as string[] };
    for (let run = 0; run < draws(10_000); run += 1) {
      const { early, late, what } = await new Race(served, random, run).run();
      counts.early += early;
      counts.late.push(...late.map((number) => `run ${run}, ${what}: message ${number}`));
    }
    console.log(`  ${draws(10_000)} races: messages delivered before the decision: ${counts.early}, after it: ${counts.late.length}`);
    expect(counts.late).to.deep.equal([]);
    await eventually(() => served.io.sockets.sockets.size === 0, "all sockets are gone");
    expect(served.guarded.room(room).members(), "nobody is present without a socket").to.deep.equal([]);
    // The runs prove something only if messages are delivered before the decision.
    expect(counts.early).to.be.greaterThan(draws(10_000));
  });
});

class Race {
  readonly #served: Served;
  readonly #random: () => number;
  readonly #decision: (typeof decisions)[number];
  readonly #moment: (typeof moments)[number];
  readonly #isSlow: boolean;
  readonly #subject: string;
  #socket!: ServerSocket;
  /** The number of the last message that was sent to the room. */
  #sent = 0;
  /** That of the last one before the decision. */
  #decidedAt = Infinity;

  constructor(served: Served, random: () => number, run: number) {
    this.#served = served;
    this.#random = random;
    this.#decision = this.#pick(decisions);
    this.#moment = this.#pick(moments);
    // Where a check has to answer first, it does not decide at once.
    this.#isSlow = ["revoke", "evict"].includes(this.#decision) && random() < 0.5;
    this.#subject = `subject ${run}`;
  }

  async run(): Promise<{ early: number; late: number[]; what: string }> {
    const { guarded, token } = this.#served;
    allowed.add(this.#subject);
    answer = this.#isSlow ? (isAllowed) => this.#answerLater(isAllowed) : (isAllowed) => isAllowed;
    const { raw, socket } = await this.#served.rawMember("/", { token: token({ sub: this.#subject }) });
    this.#socket = socket;
    const stop = [guarded.on("roomJoined", () => this.#at("joined")), guarded.on("refreshed", () => { if (this.#decision === "refresh") this.#decided(); })];
    const arrived = event(socket.conn as never, "packet");
    raw.send(...this.#batch());
    // Turns count from when the server has read it: on a busy machine, many pass before.
    if (this.#moment !== "now") await arrived;
    await this.#act();
    if (this.#decision === "refresh") raw.send(this.#refresh());
    raw.send(...this.#batch());
    await this.#finish(raw);
    for (const each of stop) each();
    allowed.delete(this.#subject);
    const numbers = raw.frames.flatMap((frame) => /^42\["m",(\d+)\]/.exec(String(frame))?.[1] ?? []).map(Number);
    return {
      early: numbers.filter((number) => number <= this.#decidedAt).length,
      late: numbers.filter((number) => number > this.#decidedAt),
      what: `${this.#decision} at ${this.#moment}${this.#isSlow ? ", slow check" : ""}`,
    };
  }

  /** Sends to the room in each turn, and decides at some moment. */
  async #act(): Promise<void> {
    const turns = 2 + Math.floor(this.#random() * 8);
    const at = this.#moment === "now" ? 0 : Math.floor(this.#random() * turns);
    for (let turn = 0; turn < turns; turn += 1) {
      this.#send();
      if (turn === at && (this.#moment === "now" || this.#moment === "turns")) this.#decide();
      this.#send();
      await nextTurn();
    }
    this.#decide();
    this.#send();
  }

  /** The socket has joined: some decisions come right then. */
  #at(moment: "joined"): void {
    this.#send();
    if (this.#moment === moment) this.#decide();
    if (this.#moment === "microtask") queueMicrotask(() => this.#decide());
    if (this.#moment === "tick") process.nextTick(() => this.#decide());
    this.#send();
  }

  #send(): void {
    this.#served.io.to(room).emit("m", this.#sent += 1);
  }

  #decide(): void {
    if (this.#decidedAt !== Infinity || this.#decision === "refresh") return;
    const { guarded } = this.#served;
    // An evicted user may join again, if the rule allows it.
    if (this.#decision !== "revoke") allowed.delete(this.#subject);
    if (this.#decision === "revoke") void guarded.revoke({ subject: this.#subject });
    if (this.#decision === "evict") void guarded.room(room).evict(this.#subject);
    if (this.#decision === "userChanged") void guarded.userChanged(this.#subject);
    if (this.#decision === "updateRules") guarded.updateRules({ rooms: rooms as never });
    if (this.#decision === "leave by the host") void this.#socket.leave(room);
    this.#decided();
    this.#send();
  }

  #decided(): void {
    if (this.#decidedAt === Infinity) this.#decidedAt = this.#sent;
  }

  async #finish(raw: Raw): Promise<void> {
    if (this.#decision === "revoke") await raw.closed;
    else {
      // After the answers to all that it asked, more is sent to the room; what comes then has come before the last answer.
      raw.send('42998["guard:leave",{"room":"nowhere"}]');
      await raw.next((frame) => frame.startsWith("43998"));
      this.#send();
      raw.send('42999["guard:leave",{"room":"nowhere"}]');
      await raw.next((frame) => frame.startsWith("43999"));
      raw.close();
      await raw.closed;
    }
  }

  #batch(): string[] {
    const asked = Array.from({ length: 1 + Math.floor(this.#random() * 5) }, () => this.#pick(["guard:join", "guard:join", "guard:leave"]));
    return ["guard:join", ...asked].map((event) => `42["${event}",{"room":"${room}"}]`);
  }

  #refresh(): string {
    return `42["guard:refresh",{"token":"${this.#served.token({ sub: this.#subject, out: true })}"}]`;
  }

  async #answerLater(isAllowed: boolean): Promise<boolean> {
    for (let turns = Math.floor(this.#random() * 16); turns > 0; turns -= 1) await nextTurn();
    return isAllowed;
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.#random() * values.length)]!;
  }
}
