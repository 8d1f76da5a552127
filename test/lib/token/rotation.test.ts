/** The rotation of docs/tokens.md over three nodes that load from one place: no token is refused in the grace, and none of the old key is accepted after it. */
import { expect } from "chai";
import { afterEach } from "mocha";
import { type Jwt, type JwtClaims, jwt } from "../../../lib/authenticate/jwt.js";
import type { GuardError } from "../../../lib/guard-error.js";
import type { Denial } from "../../../lib/protocol.js";
import { type JwtKey, type ReloadingKeyRing, keyRing } from "../../../lib/token/create-key-ring.js";
import { useClock, type TestClock } from "../../support/clock.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { closeEverything, event, serve, type Client } from "../../support/server.js";
import { now } from "./support.js";

const oldKey: JwtKey = { kid: "2026-11", secret: "o".repeat(64) };
const newKey: JwtKey = { kid: "2026-12", secret: "n".repeat(64) };
const perSecond = 500;
const lifetime = 10;

interface Node {
  readonly ring: ReloadingKeyRing;
  readonly tokens: Jwt<JwtClaims, { readonly sub: string }>;
}

const rings: ReloadingKeyRing[] = [];

/** Three nodes, the second of a time that the test moves, and the place that they load from. */
function cluster(clock: TestClock) {
  const shared = {
    keys: [oldKey] as readonly JwtKey[],
    get second() { return clock.ahead / 1000; },
    set second(second) { clock.ahead = second * 1000; },
  };
  const nodes = Array.from({ length: 3 }, (): Node => {
    const ring = keyRing({ load: async () => shared.keys, pollInterval: "1h" });
    rings.push(ring);
    return { ring, tokens: jwt({ keys: ring }) };
  });
  return { shared, nodes };
}

async function codeOf({ tokens }: Node, token: string): Promise<string> {
  return tokens.verify(token).then(() => "accepted", (error: GuardError) => error.code);
}

describe("A rotation over three nodes", () => {
  const clock = useClock(now);
  afterEach(closeEverything);
  afterEach(() => rings.splice(0).forEach((ring) => ring.close()));

  const perSecondOfSockets = Math.max(50, draws(perSecond));
  it(`denies none of ${perSecondOfSockets} events a second on sockets that stay open in the grace, and accepts none of the old key's after it`, async () => {
    const { shared, nodes } = cluster(clock);
    await Promise.all(nodes.map(({ ring }) => ring.ready));
    const graceEnds = 15;
    const published: Record<number, readonly JwtKey[]> = {
      2: [oldKey, newKey],
      5: [newKey, oldKey],
      8: [newKey, { ...oldKey, acceptUntil: now + graceEnds * 1000 }],
    };
    const accepted: { readonly isOld: boolean; readonly second: number }[] = [];
    const servers = await Promise.all(nodes.map(({ tokens }) => serve({ authenticate: tokens as never })));
    for (const { io } of servers) {
      io.on("connection", (socket) => {
        const isOld = socket.handshake.auth["isOld"] as boolean;
        socket.on("message", (ack: () => void) => {
          accepted.push({ isOld, second: shared.second });
          ack();
        });
      });
    }
    const open = async (isOld: boolean) => Promise.all(nodes.map(async ({ tokens }, place) => {
      const token = tokens.issue({ sub: "alice" }, { expiresIn: "1h" });
      return (await servers[place]!.member("/", { auth: { token, isOld } })).client;
    }));
    const old = await open(true);
    const byes = old.map((client) => event<Denial>(client, "guard:bye"));
    let fresh: Client[] = [];
    const denials: unknown[] = [];
    for (shared.second = 0; shared.second < graceEnds + 3; shared.second += 1) {
      shared.keys = published[shared.second] ?? shared.keys;
      // Each node follows at its own second after the keys were published.
      for (const [place, { ring }] of nodes.entries()) if (published[shared.second - place] !== undefined) await ring.reload();
      if (shared.second === 10) fresh = await open(false);
      const asked = [...(shared.second < graceEnds ? old : []), ...fresh];
      await Promise.all(Array.from({ length: perSecondOfSockets }, async (_, nth) => {
        const answer: unknown = await asked[nth % asked.length]!.emitWithAck("message");
        if (answer !== undefined) denials.push(answer);
      }));
      if (shared.second >= graceEnds) for (const client of old) client.emit("message");
    }
    for (const { code } of await Promise.all(byes)) expect(code).to.equal("token_expired");
    expect(denials).to.deep.equal([]);
    expect(accepted.filter(({ isOld, second }) => isOld && second >= graceEnds)).to.deep.equal([]);
    expect(accepted.length).to.equal((graceEnds + 3) * perSecondOfSockets);
  });

  it(`denies none of ${perSecond} tokens a second in the grace, and accepts none of the old key after it`, async () => {
    const random = randomFrom(seed());
    const { shared, nodes } = cluster(clock);
    await Promise.all(nodes.map(({ ring }) => ring.ready));
    const graceEnds = 12 + lifetime + 1;
    // Each node follows at its own second after the keys were published.
    const published: Record<number, readonly JwtKey[]> = {
      2: [oldKey, newKey],
      7: [newKey, oldKey],
      12: [newKey, { ...oldKey, acceptUntil: now + graceEnds * 1000 }],
      30: [newKey],
    };
    const delays = nodes.map((_node, place) => 1 + place);
    const live: { readonly token: string; readonly until: number; readonly isOld: boolean }[] = [];
    const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!;
    const denials: string[] = [];
    const signers = new Set<string>();
    let last = "";
    for (shared.second = 0; shared.second < 36; shared.second += 1) {
      shared.keys = published[shared.second] ?? shared.keys;
      for (const [place, { ring }] of nodes.entries()) {
        if (published[shared.second - delays[place]!] !== undefined) await ring.reload();
      }
      for (let call = 0; call < perSecond; call += 1) {
        if (call % 5 === 0) {
          const token = pick(nodes).tokens.issue({ sub: "alice" }, { expiresIn: lifetime * 1000 });
          const { kid } = JSON.parse(Buffer.from(token.split(".")[0]!, "base64url").toString()) as { kid: string };
          signers.add(`${kid} at ${shared.second}`);
          if (kid === oldKey.kid) last = token;
          live.push({ token, until: Date.now() + lifetime * 1000, isOld: kid === oldKey.kid });
        }
        const { token, until, isOld } = pick(live.slice(-perSecond * 2));
        const code = await codeOf(pick(nodes), token);
        if (Date.now() < until ? code !== "accepted" : code !== "token_expired" && !(isOld && code === "token_invalid")) denials.push(`${code} at ${shared.second}`);
      }
    }
    expect(denials).to.deep.equal([]);
    // Both keys signed at once while the nodes changed over, and only the new one afterwards.
    expect([...signers].filter((signer) => signer.endsWith(" at 9"))).to.have.length(2);
    expect([...signers].filter((signer) => signer.startsWith(oldKey.kid!)).map((signer) => Number(signer.split(" at ")[1]))).to.satisfy((seconds: number[]) => Math.max(...seconds) < 11);
    for (const node of nodes) expect(await codeOf(node, last)).to.equal("token_invalid");
  });

  it("ends tokens that would live longer than the grace at its end, on every node", async () => {
    const { shared, nodes } = cluster(clock);
    await Promise.all(nodes.map(({ ring }) => ring.ready));
    const token = nodes[0]!.tokens.issue({ sub: "alice" }, { expiresIn: "1h" });
    shared.keys = [newKey, { ...oldKey, acceptUntil: now + 60_000 }];
    for (const { ring } of nodes) await ring.reload();
    shared.second = 59;
    for (const node of nodes) expect(await codeOf(node, token)).to.equal("accepted");
    shared.second = 60;
    for (const node of nodes) expect(await codeOf(node, token)).to.equal("token_expired");
  });

  it("refuses no token of a key that a node does not know yet: the node loads the keys again", async () => {
    const { shared, nodes } = cluster(clock);
    await Promise.all(nodes.map(({ ring }) => ring.ready));
    shared.keys = [newKey, oldKey];
    await nodes[0]!.ring.reload();
    const token = nodes[0]!.tokens.issue({ sub: "alice" }, { expiresIn: "1h" });
    expect(await codeOf(nodes[1]!, token)).to.equal("accepted");
  });
});
