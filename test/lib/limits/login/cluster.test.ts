// Guessing on two nodes, whose adapters send each other JSON, as those of real clusters do.
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { Adapter } from "socket.io-adapter";
import type { Authenticator, Denial } from "../../../../lib/index.js";
import { denial } from "../../../../lib/protocol.js";
import { closeEverything, event, serve } from "../../../support/server.js";

const passwords: Authenticator<{ sub: string }> = {
  name: "passwords",
  reads: { auth: ["username", "password"] },
  accountOf: ({ auth }) => auth["username"] as string,
  authenticate: ({ auth: { username, password } }) =>
    password === username ? { method: "passwords", subject: String(username), claims: { sub: String(username) }, notBefore: -Infinity, endsAt: Infinity } : denial("credential_invalid"),
};

async function twoNodes() {
  const sent: string[] = [];
  const nodes = new Set<Linked>();
  const network = { loses: false };
  class Linked extends Adapter {
    declare readonly nsp: { readonly name: string; _onServerSideEmit(packet: unknown): void };

    override init(): void { nodes.add(this); }

    override serverSideEmit(packet: unknown[]): void {
      sent.push(JSON.stringify(packet));
      if (!network.loses) for (const node of nodes) if (node !== this && node.nsp.name === this.nsp.name) node.nsp._onServerSideEmit(JSON.parse(JSON.stringify(packet)));
    }
  }
  const start = async () => {
    const served = await serve({ authenticate: passwords as never, trustProxy: 1, server: { adapter: Linked } });
    // Who has failed often waits for a second.
    served.clock.stop();
    const hits: object[] = [];
    served.guarded.on("limitHit", (hit) => hits.push(hit));
    const logIn = async (address: string, username: string, password: string) => {
      const client = served.connect("/", { auth: { username, password }, extraHeaders: { "x-forwarded-for": address } });
      return Promise.race([event(client, "guard:session").then(() => "in"), event<{ data: Denial }>(client, "connect_error").then(({ data }) => data.code)]);
    };
    return { ...served, logIn, hits };
  };
  return { nodes: [await start(), await start()] as const, sent, network };
}

describe("failed logins on two nodes", () => {
  afterEach(closeEverything);

  it("make an address wait on both after ten in all, and tell the audit event limitHit", async () => {
    const { nodes } = await twoNodes();
    for (let nth = 0; nth < 10; nth += 1) expect(await nodes[nth % 2]!.logIn("203.0.113.1", `name ${nth}`, "a guess")).to.equal("credential_invalid");
    for (const { logIn, hits, guarded } of nodes) {
      expect(await logIn("203.0.113.1", "bob", "bob")).to.equal("rate_limited");
      expect(hits).to.have.length(1);
      expect(hits[0]).to.include({ limit: "login", address: "203.0.113.1", namespace: "/" }).and.have.property("retryAfter").that.is.within(1, 1_000);
      expect(guarded.stats().limitHits).to.deep.equal({ login: 1 });
    }
    expect(await nodes[0].logIn("203.0.113.2", "bob", "bob")).to.equal("in");
  });

  it("make an account wait on both, but not for an owner who has logged in from that network on either", async () => {
    const { nodes } = await twoNodes();
    expect(await nodes[0].logIn("198.51.100.1", "alice", "alice")).to.equal("in");
    for (let nth = 0; nth < 10; nth += 1) await nodes[nth % 2]!.logIn(`203.0.113.${nth}`, "alice", "a guess");
    for (const { logIn } of nodes) {
      expect(await logIn("203.0.113.100", "Alice ", "alice")).to.equal("rate_limited");
      expect(await logIn("198.51.100.1", "alice", "alice")).to.equal("in");
    }
  });

  it("are sent with a digest of the account, and a success only if its network is new", async () => {
    const { nodes: [node], sent } = await twoNodes();
    await node.logIn("203.0.113.1", "a password in the wrong field", "a guess");
    for (let time = 0; time < 3; time += 1) await node.logIn("203.0.113.1", "alice", "alice");
    expect(sent.map((packet) => (JSON.parse(packet) as [string, { result: string }])[1].result)).to.deep.equal(["failed", "succeeded"]);
    expect(sent.join()).to.include("203.0.113.1").and.not.match(/password|alice/);
  });

  it("count on their own node only while messages are lost", async () => {
    const { nodes: [one, other], network } = await twoNodes();
    network.loses = true;
    for (let nth = 0; nth < 10; nth += 1) await one.logIn("203.0.113.1", `name ${nth}`, "a guess");
    expect(await one.logIn("203.0.113.1", "bob", "bob")).to.equal("rate_limited");
    expect(await other.logIn("203.0.113.1", "bob", "bob")).to.equal("in");
  });

  it("survive messages of another form", async () => {
    const { nodes: [one, other] } = await twoNodes();
    for (const message of [undefined, null, 1, {}, { result: "failed" }, { result: "failed", accounts: [1] }, { result: "failed", network: 1, accounts: [] }]) one.io.serverSideEmit("guard:login", message);
    expect(await other.logIn("203.0.113.1", "bob", "bob")).to.equal("in");
  });
});
