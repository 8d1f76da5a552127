// Races of a client's rooms: joins and leaves against lost connections, sign-ins, evictions and new rules, in any order. In the end the client
// and the server agree about who is in which room, and nothing has arrived for those who had left.
import { expect } from "chai";
import { anonymous, anyone, role, signedBy, signedIn, signer } from "../../../lib/index.js";
import type { GuardRoom } from "../../../lib/client/index.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { closeEverything, makeTokens, nextTurn, serve, type Served } from "../../support/server.js";
import { openGuardClient, type Harness } from "./support.js";

const signs = signer({ key: "chat", secret: "a secret of the tests, twenty bytes and more" });
const names = ["lobby", "members", "private-orders"] as const;
const rules = (memberRole: string): object => ({ "lobby": { join: anyone, presence: true, publish: { typing: signedIn } }, "members": { join: role(memberRole) }, "private-orders": { join: signedBy(signs) } });

const runs = draws(2_000);

describe("races of a client's rooms", () => {
  afterEach(closeEverything);

  it("end with the client and the server in the same rooms", async () => {
    const random = randomFrom(seed());
    const { tokens } = makeTokens();
    const served = await serve({ authenticate: [tokens, anonymous()], signer: signs, rooms: rules("member") as never, limits: { login: false } });
    const counts = { joined: 0, left: 0 };
    for (let run = 0; run < runs; run += 1) {
      const race = new Race(served, random, run);
      await race.run();
      counts.joined += race.joined;
      counts.left += race.removed;
    }
    console.log(`  ${runs} races: ${counts.joined} rooms were joined in the end, ${counts.left} were taken away`);
    // The runs prove something only if both happen. In a few runs, neither has to.
    expect(counts.joined + counts.left).to.be.greaterThan(runs / 4);
    if (runs > 1_000) expect(Math.min(counts.joined, counts.left)).to.be.greaterThan(runs / 10);
  });
});

class Race {
  readonly #served: Served;
  readonly #random: () => number;
  readonly #run: number;
  readonly #harness: Harness;
  readonly #handles: { readonly room: GuardRoom; readonly late: () => number; readonly hasLeft: () => boolean }[] = [];
  readonly #pending = new Set<Promise<unknown>>();
  readonly #log: string[] = [];
  #isUser: boolean;
  joined = 0;
  removed = 0;

  constructor(served: Served, random: () => number, run: number) {
    this.#served = served;
    this.#random = random;
    this.#run = run;
    this.#isUser = random() < 0.7;
    this.#harness = openGuardClient(served, { getToken: () => (this.#isUser ? served.token({ sub: `user ${run}`, role: "member" }) : null) });
  }

  async run(): Promise<void> {
    const actions = [
      () => this.#join(), () => this.#join(), () => this.#join(), () => this.#leave(), () => this.#leave(),
      () => this.#break(), () => this.#evict(), () => this.#changeRules(), () => this.#login(), () => this.#logout(), () => this.#send(),
    ];
    for (let step = 0; step < 12; step += 1) {
      actions[Math.floor(this.#random() * actions.length)]!();
      for (let turns = Math.floor(this.#random() * 4); turns > 0; turns -= 1) await nextTurn();
      if (this.#random() < 0.3) await new Promise((resolve) => setTimeout(resolve, 3));
    }
    await this.#settle();
    this.#compare();
    const { client, socket } = this.#harness;
    client.close();
    socket.io.reconnection(false);
    socket.disconnect();
  }

  #join(): void {
    const name = this.#pick(names);
    this.#log.push(`join ${name}`);
    const authorize = async ({ room, signingId }: { room: string; signingId: string }) => {
      for (let turns = Math.floor(this.#random() * 3); turns > 0; turns -= 1) await nextTurn();
      return signs.authorizeRoom(signingId, room);
    };
    this.#track(this.#harness.client.join(name, name === "private-orders" ? { authorize } : {}).then((room) => this.#watch(room)));
  }

  #watch(room: GuardRoom): void {
    let late = 0;
    let hasLeft = false;
    const hear = (): void => { if (hasLeft) late += 1; };
    room.on("news", hear);
    room.onPublished("typing", hear);
    room.subscribe(() => { if (room.status === "left" && room.error !== null) this.removed += 1; });
    const leave = room.leave.bind(room);
    room.leave = () => {
      const left = leave();
      hasLeft = true;
      room.subscribe(hear);
      return left;
    };
    this.#handles.push({ room, late: () => late, hasLeft: () => hasLeft });
  }

  #leave(): void {
    const open = this.#handles.filter(({ room }) => room.status !== "left");
    if (open.length === 0) return;
    const { room } = this.#pick(open);
    this.#log.push(`leave ${room.name}`);
    this.#track(room.leave());
  }

  #break(): void {
    this.#log.push("break");
    this.#serverSocket()?.conn.close();
  }

  #evict(): void {
    const name = this.#pick(names);
    this.#log.push(`evict from ${name}`);
    this.#track(this.#served.guarded.room(name).evict(`user ${this.#run}`));
  }

  /** Members are let out of their room, and may come again. */
  #changeRules(): void {
    this.#log.push("rules");
    for (const memberRole of ["admin", "member"]) this.#served.guarded.updateRules({ rooms: rules(memberRole) as never });
  }

  #login(): void {
    this.#log.push("login");
    this.#isUser = true;
    this.#track(this.#harness.client.login());
  }

  #logout(): void {
    this.#log.push("logout");
    this.#isUser = false;
    this.#track(this.#harness.client.logout());
  }

  #send(): void {
    for (const name of names) this.#served.guarded.room(name).emit("news", this.#run);
  }

  /** Waits until nothing is on its way any more. The clock of the client moves, so that it tries again what it has put off. */
  async #settle(): Promise<void> {
    const { client, socket, time } = this.#harness;
    const isQuiet = (): boolean => this.#pending.size === 0 && client.state.status === "connected" && this.#handles.every(({ room }) => room.status !== "joining");
    for (let quiet = 0, tries = 0; quiet < 2; tries += 1) {
      if (tries > 2_000) throw new Error(this.#describe(`it does not come to rest: ${client.state.status}, ${this.#pending.size} pending, ${this.#handles.map(({ room }) => `${room.name} ${room.status}`).join()}`));
      this.#send();
      // What the client has sent before is answered before this.
      if (socket.connected) await Promise.race([socket.timeout(1_000).emitWithAck("guard:leave", { room: "nowhere" }).catch(() => undefined), new Promise((resolve) => socket.once("disconnect", resolve))]);
      else await new Promise((resolve) => setTimeout(resolve, 2));
      time.advance(100);
      await nextTurn();
      quiet = isQuiet() ? quiet + 1 : 0;
    }
  }

  #compare(): void {
    const { rooms } = this.#serverSocket()!;
    for (const name of names) {
      const isJoined = this.#handles.some(({ room }) => room.name === name && room.status === "joined");
      expect(rooms.has(name), this.#describe(name)).to.equal(isJoined);
      if (isJoined) this.joined += 1;
    }
    for (const { room, late, hasLeft } of this.#handles) {
      expect(late(), this.#describe(`${room.name} after leave()`)).to.equal(0);
      if (room.status === "left" && !hasLeft()) expect(room.error, this.#describe(`why ${room.name} was left`)).not.to.equal(null);
    }
  }

  #serverSocket() {
    return this.#served.io.of("/").sockets.get(this.#harness.socket.id ?? "");
  }

  #track(promise: Promise<unknown>): void {
    const settled = promise.catch(() => undefined).finally(() => this.#pending.delete(settled));
    this.#pending.add(settled);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)]!;
  }

  #describe(what: string): string {
    return `run ${this.#run}: ${what}; ${this.#log.join(", ")}`;
  }
}
