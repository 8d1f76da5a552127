// guard:refresh while something else happens: events, checks, revocations.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, role, type CheckContext, type Denial } from "../../../lib/index.js";
import { closeEverything, nextTurn, serve, signal } from "../../support/server.js";
import { refresh } from "./refresh-support.js";

describe("guard:refresh while something else happens", () => {
  afterEach(closeEverything);

  it("applies to the event right after it, and not to the one before it", async () => {
    const { member, token } = await serve({ events: { ban: role("admin") } });
    const { client, socket } = await member();
    socket.on("ban", (ack: (answer: string) => void) => ack("banned"));
    const answers = await Promise.all([
      client.emitWithAck("ban"),
      refresh(client, { token: token({ role: "admin" }) }),
      client.emitWithAck("ban"),
      refresh(client, { token: token({ role: "member" }) }),
      client.emitWithAck("ban"),
    ]) as [{ error: Denial }, unknown, string, unknown, { error: Denial }];
    expect([answers[0].error.code, answers[2], answers[4].error.code]).to.deep.equal(["forbidden", "banned", "forbidden"]);
  });

  it("renews nothing if the session ends meanwhile", async () => {
    const asked = signal<() => void>();
    let questions = 0;
    const findUser = async (claims: { sub: string }) => {
      questions += 1;
      if (questions === 2) await new Promise<void>((go) => asked.settle(go));
      return { sub: claims.sub };
    };
    const { guarded, rawMember, token } = await serve({ findUser });
    const { raw } = await rawMember();
    let refreshed = 0;
    guarded.on("refreshed", () => { refreshed += 1; });
    raw.send(`421${JSON.stringify(["guard:refresh", { token: token({ role: "admin" }) }])}`);
    const go = await asked.promise;
    await guarded.revoke({ subject: "alice" });
    go();
    await raw.closed;
    expect(raw.frames.map(String).find((frame) => frame.startsWith("431"))).to.contain("token_revoked");
    await guarded.userChanged("alice");
    expect([refreshed, questions, guarded.stats().sessions]).to.deep.equal([0, 2, 0]);
  });

  it("makes a pending check run again for the new user", async () => {
    const users: unknown[] = [];
    const first = signal<(answer: boolean) => void>();
    const check = ({ user }: CheckContext<Record<string, unknown>>) => {
      users.push(user["role"]);
      return users.length === 1 ? new Promise<boolean>((resolve) => first.settle(resolve)) : user["role"] === "admin";
    };
    const { io, guarded, rawMember, token } = await serve({ events: { ban: check as never } });
    io.of("/other");
    const { raw, socket } = await rawMember("/", { token: token({ role: "admin" }) });
    await raw.connect("/other", { token: token({ role: "admin" }) });
    let ran = 0;
    socket.on("ban", () => { ran += 1; });
    raw.send('421["ban"]');
    const answer = await first.promise;
    const refreshed = new Promise<void>((resolve) => guarded.on("refreshed", () => resolve()));
    raw.send(`42/other,${JSON.stringify(["guard:refresh", { token: token({ role: "member" }) }])}`);
    await refreshed;
    answer(true);
    expect(await raw.next((frame) => frame.startsWith("431"))).to.contain("forbidden");
    expect([users, ran]).to.deep.equal([["admin", "member"], 0]);
  });

  it("keeps the packets behind it waiting, in order", async () => {
    const { member, token } = await serve({ findUser: async ({ sub }: { sub: string }) => { await Promise.resolve(); return { sub }; } });
    const { client, socket } = await member();
    const seen: number[] = [];
    const last = signal();
    (socket).on("message", (nth: number) => { if (seen.push(nth) === 20) last.settle(); });
    for (let nth = 0; nth < 20; nth += 1) {
      client.emit("message", nth);
      if (nth % 5 === 0) client.emit("guard:refresh", { token: token({ nth }) });
    }
    await last.promise;
    expect(seen).to.deep.equal(Array.from({ length: 20 }, (_, nth) => nth));
  });

  it("does not overtake a revocation, in whichever microtask that comes", async () => {
    let seen: (() => void) | undefined;
    const slow = {
      name: "slow",
      async authenticate({ auth }: { auth: { sub?: string } }) {
        if (auth.sub === undefined) return undefined;
        await nextTurn();
        const issuedAt = Date.now();
        seen?.();
        return { method: "slow", subject: auth.sub, claims: { sub: auth.sub }, notBefore: -Infinity, endsAt: Infinity, issuedAt };
      },
    };
    const served = await serve({ authenticate: [slow, anonymous()] as never });
    for (let offset = 0; offset < 30; offset += 1) {
      const subject = `user ${offset}`;
      const { client, socket } = await served.member("/", { auth: {} });
      const revoked = signal();
      seen = () => void (async () => {
        for (let passed = 0; passed < offset; passed += 1) await Promise.resolve();
        await served.guarded.revoke({ subject });
        revoked.settle();
      })();
      client.emit("guard:refresh" as never, { sub: subject });
      await revoked.promise;
      await nextTurn();
      const { signal: ended } = served.guarded.session(socket)!;
      expect(served.guarded.session(socket)!.subject === undefined || ended.aborted || !socket.connected, `offset ${offset}`).to.equal(true);
      client.disconnect();
      // A revoked login is a failed one, and a success clears those.
      await served.member("/", { auth: { sub: `somebody else ${offset}` } });
    }
  });
});
