// guard:refresh of guests that become users, and of users that become guests.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { anonymous, anyone, signedIn } from "../../../lib/index.js";
import { closeEverything, refusal, serve, signal, type Setting } from "../../support/server.js";
import { codeOf, refresh } from "./refresh-support.js";

const withGuests = (setting: Setting = {}): Promise<Awaited<ReturnType<typeof serve>>> => {
  const late: { tokens?: object } = {};
  const first = { name: "jwt", reads: { auth: ["token"] }, authenticate: (handshake: never) => (late.tokens as { authenticate(given: never): unknown }).authenticate(handshake) };
  return serve({ ...setting, authenticate: [first, anonymous()] as never }).then((served) => {
    late.tokens = served.tokens;
    return served;
  });
};

describe("guard:refresh of guests", () => {
  afterEach(closeEverything);

  it("makes a guest any user, and a user a guest, on the same connection", async () => {
    const { guarded, member, token } = await withGuests({ events: { hello: anyone, message: signedIn } });
    const { client, socket } = await member("/", { auth: {} });
    socket.on("message", (ack: (sub: unknown) => void) => ack((socket.data as { user: { sub: string } }).user.sub));
    const who = () => [guarded.session(socket)?.subject, (socket.data as { user?: { sub: string } }).user?.sub];
    expect(who()).to.deep.equal([undefined, undefined]);
    for (const sub of ["alice", "bob"]) {
      await refresh(client, { token: token({ sub }) });
      expect(await client.emitWithAck("message")).to.equal(sub);
      expect(who()).to.deep.equal([sub, sub]);
      expect(await refresh(client, {})).to.deep.equal({ expiresIn: null, expiresAt: null });
      expect(who()).to.deep.equal([undefined, undefined]);
    }
    expect(await refresh(client, {})).to.deep.equal({ expiresIn: null, expiresAt: null });
    expect(client.connected).to.equal(true);
  });

  it("signs a user out in all namespaces or in none: not if one of them has no guests", async () => {
    const { io, guarded, rawMember, tokens, token } = await withGuests();
    guarded.of("/admin", { authenticate: tokens });
    io.of("/admin");
    const { raw, socket } = await rawMember();
    await raw.connect("/admin", { token: token() });
    raw.send('421["guard:refresh",{}]');
    expect(await raw.next((frame) => frame.startsWith("431"))).to.contain("token_missing");
    expect(guarded.session(socket)!.subject).to.equal("alice");
  });

  it("leaves a guest a guest in a namespace that has only guests, and makes it a user in all others", async () => {
    const { io, guarded, raw, token } = await withGuests();
    guarded.of("/lobby", { authenticate: anonymous() });
    io.of("/lobby");
    io.of("/other");
    const client = await raw();
    for (const name of ["/", "/lobby", "/other"]) await client.connect(name, {});
    client.send(`421${JSON.stringify(["guard:refresh", { token: token() }])}`);
    expect(await client.next((frame) => frame.startsWith("431"))).to.match(/^431\[\{"expiresIn":\d/);
    const subjects = ["/", "/lobby", "/other"].map((name) => guarded.session([...io.of(name).sockets.values()][0]!)!.subject);
    expect(subjects).to.deep.equal(["alice", undefined, "alice"]);
  });

  it("in two namespaces to two users at the same time signs one of them in, and denies the other", async () => {
    const waiting: { sub: string; go: () => void }[] = [];
    const both = signal();
    const slow = async (claims: { sub: string }) => {
      await new Promise<void>((go) => { if (waiting.push({ sub: claims.sub, go }) === 2) both.settle(); });
      return { sub: claims.sub };
    };
    const { io, raw, guarded, token } = await withGuests({ findUser: slow });
    io.of("/other");
    const client = await raw();
    await client.connect("/", {});
    await client.connect("/other", {});
    client.send(`421${JSON.stringify(["guard:refresh", { token: token({ sub: "alice" }) }])}`);
    client.send(`42/other,2${JSON.stringify(["guard:refresh", { token: token({ sub: "bob" }) }])}`);
    await both.promise;
    const refreshed = signal<string | undefined>();
    guarded.on("refreshed", ({ subject }) => refreshed.settle(subject));
    waiting.find(({ sub }) => sub === "bob")!.go();
    expect(await refreshed.promise).to.equal("bob");
    waiting.find(({ sub }) => sub === "alice")!.go();
    expect(await client.next((frame) => frame.startsWith("431"))).to.contain("credential_invalid");
    expect(["/", "/other"].map((name) => guarded.session([...io.of(name).sockets.values()][0]!)!.subject)).to.deep.equal(["bob", "bob"]);
  });

  it("is a login for a guest: an address that guesses by it waits, and who is signed in does not", async () => {
    const served = await withGuests();
    served.clock.stop();
    const { client: alice } = await served.member();
    const { client } = await served.member("/", { auth: {} });
    const codes: unknown[] = [];
    for (let guess = 0; guess < 11; guess += 1) codes.push(codeOf(await refresh(client, { token: `no token ${guess}` })));
    expect(codes.slice(9)).to.deep.equal(["token_malformed", "rate_limited"]);
    expect((await refusal(served.connect("/", { auth: {} }))).data!.code).to.equal("rate_limited");
    expect(await refresh(alice, { token: served.token() })).to.have.property("expiresIn");
  });

  it("to a guest leaves the rooms of the user, and empties socket.data", async () => {
    const served = await withGuests();
    const { client, socket } = await served.member();
    const facts: { subject: string | undefined; before: string | undefined }[] = [];
    served.guarded.on("refreshed", ({ subject, before }) => facts.push({ subject, before }));
    await socket.join("alice's room");
    (socket.data as { cart?: string }).cart = "alice's";
    await refresh(client, {});
    await refresh(client, { token: served.token({ sub: "bob" }) });
    expect([...socket.rooms]).to.deep.equal([socket.id]);
    expect(socket.data).to.have.all.keys("user");
    expect(facts).to.deep.equal([{ subject: undefined, before: "alice" }, { subject: "bob", before: undefined }]);
  });
});
