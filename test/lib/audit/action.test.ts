import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { signedIn, type GuardAuditEvents } from "../../../lib/index.js";
import { closeEverything, event, serve } from "../../support/server.js";

afterEach(closeEverything);

describe("The audit events of what the host does", () => {
  it("tell what was revoked, without the token, and who did it", async () => {
    const { guarded, tokens, token } = await serve();
    const heard: GuardAuditEvents["revoked"][] = [];
    guarded.on("revoked", (one) => heard.push(one));
    const raw = token();
    const { jti } = await tokens.verify(raw) as { jti: string };
    const before = Date.now();
    await guarded.revoke({ token: raw }, { actor: "root" });
    await guarded.revoke({ session: "abc" });
    await guarded.revoke({ subject: "alice", issuedBefore: before }, { actor: "root" });
    await guarded.revokeAll({ issuedBefore: before, actor: "root" });
    expect(heard.map(({ issuedBefore, ...rest }) => ({ ...rest, isAsGiven: issuedBefore === before }))).to.deep.equal([
      { target: "token", tokenId: jti, actor: "root", isAsGiven: heard[0]!.issuedBefore === before },
      { target: "session", session: "abc", isAsGiven: heard[1]!.issuedBefore === before },
      { target: "subject", subject: "alice", actor: "root", isAsGiven: true },
      { target: "all", actor: "root", isAsGiven: true },
    ]);
    expect(JSON.stringify(heard)).to.not.include(raw);
  });

  it("tell of evictions, of new rules, of users who were disconnected, and of what it records itself", async () => {
    const { guarded, member } = await serve();
    const heard: unknown[] = [];
    for (const name of ["evicted", "rulesChanged", "action"] as const) guarded.on(name, (one) => heard.push([name, one]));
    const { client } = await member();
    await guarded.room("lobby", { namespace: "chat" }).evict("alice", { actor: "root" });
    guarded.updateRules({ events: { other: signedIn } }, { actor: "root" });
    const gone = event(client, "disconnect");
    guarded.disconnectUser("alice", { actor: "root" });
    await gone;
    guarded.record({ action: "role granted", actor: "root", subject: "alice", detail: "admin" });
    expect(heard).to.deep.equal([
      ["evicted", { namespace: "/chat", room: "lobby", subject: "alice", actor: "root" }],
      ["rulesChanged", { maps: ["events"], actor: "root" }],
      ["action", { action: "disconnectUser", subject: "alice", actor: "root" }],
      ["action", { action: "role granted", actor: "root", subject: "alice", detail: "admin" }],
    ]);
  });

  it("need an actor that is a text, and nothing else; without one, nothing happens", async () => {
    const { guarded, member } = await serve();
    await member();
    const refusals = await Promise.all([
      guarded.revoke({ subject: "alice" }, { actor: "" }),
      guarded.revokeAll({ actor: 7 as never }),
      guarded.room("lobby").evict("alice", { actor: "a".repeat(1_025) }),
      guarded.revoke({ subject: "alice" }, { by: "root" } as never),
    ].map((call) => call.then(() => "done", ({ code }: { code: string }) => code)));
    expect(refusals).to.deep.equal(["option_invalid", "option_invalid", "option_invalid", "option_unknown"]);
    expect(() => guarded.disconnectUser("alice", { actor: null as never })).to.throw("`actor` must be a string of 1 to 1024 characters.");
    expect(() => guarded.updateRules({ events: {} }, { actor: "" })).to.throw("`actor`");
    expect(() => guarded.record({ action: "" })).to.throw("`action` must be a string of 1 to 1024 characters.");
    expect(guarded.stats().sessions).to.equal(1);
  });
});
