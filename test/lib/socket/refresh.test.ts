// guard:refresh: a new credential for a connection that stays open.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, role, type Denial, type SessionNotice } from "../../../lib/index.js";
import { closeEverything, event, serve, someEvents } from "../../support/server.js";
import { codeOf, refresh } from "./refresh-support.js";

const hour = 3_600_000;

describe("guard:refresh", () => {
  afterEach(closeEverything);

  it("moves the end of the session, replaces its claims, and tells the client and the host", async () => {
    const { guarded, member, tokens, clock } = await serve({ events: { ...someEvents, ban: role("admin") } });
    const { client, socket } = await member();
    const facts: unknown[] = [];
    guarded.on("refreshed", (fact) => facts.push(fact));
    const notice = event<SessionNotice>(client, "guard:session");
    const answer = await refresh(client, { token: tokens.issue({ sub: "alice", role: "admin" } as never, { expiresIn: "2h" }) }) as SessionNotice;
    expect(answer).to.have.all.keys("expiresIn", "expiresAt");
    expect(answer.expiresIn).to.be.within(2 * hour - 10_000, 2 * hour);
    expect((await notice).expiresAt).to.equal(answer.expiresAt);
    expect(guarded.session(socket)).to.deep.include({ subject: "alice", expiresAt: answer.expiresAt });
    expect(guarded.session(socket)!.claims["role"]).to.equal("admin");
    expect((socket.data as { user: unknown }).user).to.deep.include({ role: "admin" });
    expect(facts).to.deep.equal([{ id: socket.id, subject: "alice", method: "jwt", namespace: "/", address: "127.0.0.1", before: "alice" }]);
    clock.ahead = hour + 60_000;
    socket.on("message", (ack: (answer: string) => void) => ack("still here"));
    expect(await client.emitWithAck("message")).to.equal("still here");
    clock.ahead = 2 * hour;
    expect(await event<Denial>(client, "guard:bye")).to.deep.include({ code: "token_expired" });
  });

  it("shows the new token neither to handlers nor to other nodes", async () => {
    const { member, token } = await serve();
    const { client, socket } = await member();
    const held = token();
    await refresh(client, { token: held });
    expect(JSON.stringify([socket.handshake, socket.data])).to.not.contain(held.split(".")[2]);
  });

  it("renews every session of the connection with the same subject, and no other", async () => {
    const { io, guarded, rawMember, token, tokens } = await serve();
    const { raw, socket } = await rawMember();
    for (const [name, sub] of [["/same", "alice"], ["/other", "bob"]] as const) {
      io.of(name);
      await raw.connect(name, { token: token({ sub }) });
    }
    const ends = () => [socket, ...[...io.of("/same").sockets.values()], ...io.of("/other").sockets.values()].map((one) => Math.round((guarded.session(one)!.expiresAt - Date.now()) / hour));
    expect(ends()).to.deep.equal([1, 1, 1]);
    raw.send(`421${JSON.stringify(["guard:refresh", { token: tokens.issue({ sub: "alice" } as never, { expiresIn: "3h" }) }])}`);
    await raw.next((frame) => frame.startsWith("431"));
    expect(ends()).to.deep.equal([3, 3, 1]);
    expect(raw.frames.map(String).filter((frame) => frame.includes("guard:session") && frame.startsWith("42/same,"))).to.have.lengthOf(2);
    expect(raw.frames.map(String).filter((frame) => frame.includes("guard:session") && frame.startsWith("42/other,"))).to.have.lengthOf(1);
  });

  it("with a token that is not valid is denied, and does not change the session", async () => {
    const { guarded, member, token, clock } = await serve();
    const { client, socket } = await member();
    const before = guarded.session(socket)!.expiresAt;
    const expired = token();
    clock.ahead = -2 * hour;
    const early = token();
    clock.ahead = 0;
    expect(codeOf(await refresh(client, { token: early }))).to.equal("token_expired");
    for (const [auth, code] of [[{ token: `${expired.slice(0, -4)}AAAA` }, "credential_invalid"], [{ token: "no token" }, "token_malformed"], [{}, "token_missing"]] as const) {
      expect(codeOf(await refresh(client, auth)), code).to.equal(code);
    }
    for (const auth of [undefined, null, "text", 1]) expect(codeOf(await refresh(client, auth))).to.equal("event_malformed");
    expect([guarded.session(socket)!.expiresAt, client.connected]).to.deep.equal([before, true]);
  });

  it("counts as a denial if it fails: after twenty in a row the session ends", async () => {
    const { member } = await serve();
    const { client } = await member();
    const bye = event<Denial>(client, "guard:bye");
    for (let nth = 0; nth < 20; nth += 1) client.emit("guard:refresh", { token: "no token" });
    expect((await bye).code).to.equal("rate_limited");
  });

  it("is denied once the session has expired", async () => {
    const { member, token, clock } = await serve();
    const { client, socket } = await member();
    const bye = event<Denial>(client, "guard:bye");
    clock.ahead = hour;
    const fresh = token();
    clock.ahead = 0;
    // When the refresh has come: else the timer may see the new time first.
    socket.conn.once("packet", () => { clock.ahead = hour; });
    expect(codeOf(await refresh(client, { token: fresh }))).to.equal("token_expired");
    expect(await bye).to.deep.include({ code: "token_expired" });
  });

  it("is denied for a user that does not exist, and keeps nothing of that user", async () => {
    let asked = 0;
    const { guarded, member, token } = await serve({ findUser: (claims: { role?: unknown; sub: string }) => { asked += 1; return claims.role === "ghost" ? null : { sub: claims.sub }; } });
    const { client, socket } = await member();
    expect(codeOf(await refresh(client, { token: token({ role: "ghost" }) }))).to.equal("user_unknown");
    expect(asked).to.equal(2);
    await guarded.userChanged("alice");
    expect(asked).to.equal(3);
    expect((socket.data as { user: unknown }).user).to.deep.equal({ sub: "alice" });
  });

  it("with claims that cannot be copied is denied as a handshake is refused, and changes nothing", async () => {
    const odd = { name: "odd", authenticate: ({ auth }: { auth: { odd?: true } }) => auth.odd && { method: "odd", subject: "alice", claims: { sub: "alice", say: () => "hello" }, notBefore: -Infinity, endsAt: Infinity } };
    const served = await serve({ authenticate: [odd, anonymous()] as never });
    const { client, socket } = await served.member("/", { auth: {} });
    expect(codeOf(await refresh(client, { odd: true }))).to.equal("unavailable");
    expect(served.guarded.session(socket)!.subject).to.equal(undefined);
  });
});
