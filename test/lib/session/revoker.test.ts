// guarded.revoke and guarded.revokeAll: which sessions end, and which tokens are refused from then on.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import jsonwebtoken from "jsonwebtoken";
import type { Denial } from "../../../lib/index.js";
import { closeEverything, event, firstSecret, refusal, serve, signal } from "../../support/server.js";
import { codeOf, tries } from "./revoking.js";

const hour = 3_600_000;

describe("guarded.revoke", () => {
  afterEach(closeEverything);

  it("ends every session of a subject in the same tick, and refuses its earlier tokens", async () => {
    const served = await serve();
    const { guarded, member, token, tokens, clock } = served;
    const old = token();
    const others = await member("/", { auth: { token: token({ sub: "bob" }) } });
    const mine = [await member(), await member()];
    const byes = mine.map(({ client }) => event<Denial>(client, "guard:bye"));
    void guarded.revoke({ subject: "alice" });
    expect(mine.map(({ socket }) => guarded.session(socket)!.signal.aborted)).to.deep.equal([true, true]);
    for (const bye of await Promise.all(byes)) expect(bye).to.deep.include({ code: "token_revoked", status: 401, reconnect: "never" });
    expect(guarded.session(others.socket)!.signal.aborted).to.equal(false);
    expect(await tries(served, old)).to.equal("token_revoked");
    clock.ahead = 5;
    expect(await tries(served, tokens.issue({ sub: "alice" } as never, { expiresIn: "1h" }))).to.equal("in");
  });

  it("silences the sessions that it ends in the same tick: they receive no later broadcast, emit or ack", async () => {
    const { io, guarded, rawMember } = await serve();
    const asked = signal<(answer: string) => void>();
    const all = await Promise.all(Array.from({ length: 20 }, () => rawMember()));
    const [{ raw, socket }] = all as [typeof all[0]];
    socket.on("message", asked.settle);
    raw.send('421["message"]');
    const answer = await asked.promise;
    void guarded.revoke({ subject: "alice" });
    io.emit("news");
    socket.emit("news");
    guarded.toUser("alice").emit("news");
    answer("news");
    await Promise.all(all.map(({ raw: { closed } }) => closed));
    for (const { raw: { frames } } of all) {
      expect(frames.map(String).filter((frame) => frame.includes("news"))).to.deep.equal([]);
      expect(frames.map(String).filter((frame) => frame.includes("token_revoked"))).to.not.deep.equal([]);
    }
  });

  it("revokes tokens of a subject whose iat is at or before issuedBefore, a Date or milliseconds", async () => {
    const served = await serve();
    const at = (instant: number) => {
      served.clock.ahead = instant - Date.now();
      const made = served.token();
      served.clock.ahead = 0;
      return made;
    };
    const now = Date.now();
    const [before, after] = [at(now - 60_000), at(now - 30_000)];
    const { iat } = await served.tokens.verify(before) as unknown as { iat: number };
    await served.guarded.revoke({ subject: "alice", issuedBefore: Math.round(iat * 1000) });
    expect([await tries(served, before), await tries(served, after)]).to.deep.equal(["token_revoked", "in"]);
    await served.guarded.revoke({ subject: "alice", issuedBefore: new Date() });
    expect(await tries(served, after)).to.equal("token_revoked");
    // An earlier instant does not undo a revocation.
    await served.guarded.revoke({ subject: "alice", issuedBefore: 0 });
    expect(await tries(served, after)).to.equal("token_revoked");
  });

  it("ends the sessions of one raw token, and no other session of its user", async () => {
    const served = await serve();
    const { guarded, member, token } = served;
    const [stolen, own] = [token(), token()];
    const thief = await member("/", { auth: { token: stolen } });
    const owner = await member("/", { auth: { token: own } });
    const bye = event<Denial>(thief.client, "guard:bye");
    await guarded.revoke({ token: stolen });
    expect((await bye).code).to.equal("token_revoked");
    expect([owner.client.connected, await tries(served, stolen), await tries(served, own)]).to.deep.equal([true, "token_revoked", "in"]);
  });

  it("revokes a raw token without a jti", async () => {
    const served = await serve();
    const bare = jsonwebtoken.sign({ sub: "alice" }, firstSecret, { expiresIn: "1h" });
    await served.guarded.revoke({ token: bare });
    expect(await tries(served, bare)).to.equal("token_revoked");
  });

  it("ignores a raw token that has expired, and rejects one that does not verify", async () => {
    const { guarded, token, clock } = await serve();
    clock.ahead = -2 * hour;
    const expired = token();
    clock.ahead = 0;
    await guarded.revoke({ token: expired });
    expect(await codeOf(guarded.revoke({ token: "no token" }))).to.equal("token_malformed");
    expect(await codeOf(guarded.revoke({ token: `${token().slice(0, -4)}AAAA` }))).to.equal("token_invalid");
  });

  it("revokes by the id of a token, and by the id of a session", async () => {
    const served = await serve();
    const { guarded, member, token } = served;
    const held = token({ jti: "the one" });
    const one = await member("/", { auth: { token: held } });
    await guarded.revoke({ tokenId: "the one" });
    await event(one.client, "disconnect");
    expect(await tries(served, held)).to.equal("token_revoked");
    const [first, second] = [await member(), await member()];
    await guarded.revoke({ session: first.socket.id });
    await event(first.client, "disconnect");
    expect(second.client.connected).to.equal(true);
  });

  it("refuses a socket that is still in a middleware of the host", async () => {
    const { io, guarded, connect } = await serve();
    io.use((_socket, next) => void guarded.revoke({ subject: "alice" }).then(() => next()));
    expect((await refusal(connect())).data!.code).to.equal("token_revoked");
  });

  it("refuses wrong targets", async () => {
    const { guarded } = await serve();
    const wrong = [undefined, null, {}, { subject: "" }, { subject: 1 }, { tokenId: "a", subject: "b" }, { tokenId: "a", issuedBefore: 1 }, { user: "alice" }];
    for (const what of wrong) expect(await codeOf(guarded.revoke(what as never)), JSON.stringify(what)).to.equal("revoke_invalid");
    for (const issuedBefore of [NaN, new Date(NaN), "yesterday"]) expect(await codeOf(guarded.revoke({ subject: "alice", issuedBefore: issuedBefore as never }))).to.equal("revoke_invalid");
  });

  it("ends every session with revokeAll, and refuses all tokens issued until then", async () => {
    const served = await serve();
    const { guarded, member, token } = served;
    const old = token({ sub: "carol" });
    const all = [await member(), await member("/", { auth: { token: token({ sub: "bob" }) } })];
    const byes = Promise.all(all.map(({ client }) => event(client, "guard:bye")));
    await guarded.revokeAll();
    await byes;
    expect(await tries(served, old)).to.equal("token_revoked");
    served.clock.ahead = 5;
    expect(await tries(served, token({ sub: "carol" }))).to.equal("in");
  });

  it("spares tokens issued after the issuedBefore of revokeAll", async () => {
    const served = await serve();
    const { guarded, member, token, clock } = served;
    const now = Date.now();
    clock.ahead = -60_000;
    const old = token({ sub: "carol" });
    clock.ahead = 0;
    const { client } = await member();
    await guarded.revokeAll({ issuedBefore: now - 30_000 });
    expect([await tries(served, old), client.connected]).to.deep.equal(["token_revoked", true]);
    const bye = event<Denial>(client, "guard:bye");
    await guarded.revokeAll({ issuedBefore: new Date() });
    expect((await bye).code).to.equal("token_revoked");
  });
});
