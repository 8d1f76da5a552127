// Only the literal true lets an event through. An error of a check denies the event and does not end the process.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { z } from "zod";
import { deny, every, some, type Denial, type GuardAuditEvents } from "../../../lib/index.js";
import { closeEverything, serve } from "../../support/server.js";

const wrong: Record<string, () => unknown> = {
  "throws": () => { throw new Error("broken"); },
  "throws undefined": () => { throw undefined as unknown as Error; },
  "rejects": async () => { throw new Error("broken"); },
  "returns undefined": () => undefined,
  "returns null": () => null,
  "returns 1": () => 1,
  "returns \"true\"": () => "true",
  "returns {}": () => ({}),
  "returns a promise of 1": async () => 1,
  "returns new Boolean(true)": () => Object(true) as unknown,
  "returns a thenable that throws": () => ({ then() { throw new Error("broken"); } }),
  "returns an object whose `then` throws": () => Object.defineProperty({}, "then", { get() { throw new Error("broken"); } }),
  "returns an allowing check": () => () => true,
};

describe("checks over the wire", () => {
  afterEach(closeEverything);

  for (const [what, check] of Object.entries(wrong)) {
    for (const [form, wrap] of Object.entries({ alone: (one: never) => one, "inside every": (one: never) => every(one), "first inside some": (one: never) => some(one, () => true) })) {
      it(`deny the event as check_failed if one ${what}, ${form}`, async () => {
        const { member, guarded } = await serve({ events: { act: wrap(check as never) } });
        const failures: GuardAuditEvents["failed"][] = [];
        guarded.on("failed", (fact) => failures.push(fact));
        const { client, socket } = await member();
        let ran = 0;
        socket.on("act", () => ran++);
        const { error } = await client.emitWithAck("act") as { error: Denial };
        expect(error).to.deep.include({ code: "check_failed", status: 503, reconnect: "later", event: "act" });
        expect(JSON.stringify(error)).to.not.contain("broken");
        expect([ran, failures.length, failures[0]?.event]).to.deep.equal([0, 1, "act"]);
      });
    }
  }

  it("run no handler if one of them ends its own session and then allows", async () => {
    let end = () => {};
    const { rawMember, ring } = await serve({ events: { leave: () => { end(); return true; } } });
    const { raw, socket } = await rawMember();
    end = () => ring.revoke({ kid: "first" });
    const ran: string[] = [];
    socket.onAny((name: string) => ran.push(name));
    socket.on("leave", () => ran.push("handler"));
    raw.send('421["leave"]', '422["leave"]');
    expect(await raw.next((frame) => frame.includes("guard:bye"))).to.contain("token_invalid");
    await raw.closed;
    expect(ran).to.deep.equal([]);
  });

  it("deny as forbidden with false, and with a sentence of their own with deny(...)", async () => {
    const { member } = await serve({ events: { no: () => false, own: async () => deny("only your own name", { retryAfter: 5_000 }) } });
    const { client } = await member();
    expect(await client.emitWithAck("no")).to.deep.equal({ error: { guard: true, code: "forbidden", status: 403, message: "You are not allowed to do this.", event: "no" } });
    expect(await client.emitWithAck("own")).to.deep.equal({ error: { guard: true, code: "forbidden", status: 403, message: "only your own name", retryAfter: 5_000, event: "own" } });
  });

  it("are given the user, the arguments without the ack, the event and the session", async () => {
    let seen: unknown[] = [];
    const { member } = await serve({ events: { act: ({ user, args, event, session, signal }) => {
      seen = [(user as { sub: string }).sub, args, event, session.subject, session.method, signal.aborted];
      return true;
    } } });
    const { client, socket } = await member();
    socket.on("act", (_one, _two, ack: () => void) => ack());
    await client.emitWithAck("act", 1, { two: 2 });
    expect(seen).to.deep.equal(["alice", [1, { two: 2 }], "act", "alice", "jwt", false]);
  });

  it("end the session with onDenied: \"disconnect\", of one rule or of the guard", async () => {
    const own = await serve({ events: { no: { allow: every(() => false), onDenied: "disconnect" } } });
    const all = await serve({ onDenied: "disconnect", events: { no: () => false } });
    for (const [served, name] of [[own, "no"], [all, "no"], [all, "unknown"]] as const) {
      const { raw } = await served.rawMember();
      raw.send(`421["${name}"]`);
      expect(await raw.next((frame) => frame.startsWith("431"))).to.contain('"guard":true');
      expect(await raw.next((frame) => frame.includes("guard:bye"))).to.contain('"reconnect":"never"');
      await raw.closed;
    }
  });

  it("keep the session with onDenied: \"reject\" of the rule, even if the guard says \"disconnect\"", async () => {
    const { member } = await serve({ onDenied: "disconnect", events: { no: { allow: every(() => false), onDenied: "reject" } } });
    const { client } = await member();
    await client.emitWithAck("no");
    expect(await client.emitWithAck("no")).to.have.nested.property("error.code", "forbidden");
  });

  it("a payload that is not valid tells the host the issues of its schema, and the client only where", async () => {
    const { member, guarded } = await serve({ events: { say: { allow: () => true, payload: z.object({ text: z.string() }) } } });
    const denied: GuardAuditEvents["denied"][] = [];
    guarded.on("denied", (fact) => denied.push(fact));
    const { client } = await member();
    const { error } = await client.emitWithAck("say", { text: 1 }) as { error: Denial };
    expect(error).to.deep.equal({ guard: true, code: "payload_invalid", status: 400, message: 'Argument 1 of "say" is not valid at text.', event: "say" });
    expect(denied[0]?.issues?.map(({ message, path }) => [message, path])).to.deep.equal([["Invalid input: expected string, received number", ["text"]]]);
    await client.emitWithAck("unknown");
    expect(denied[1]).to.not.have.property("issues");
  });
});
