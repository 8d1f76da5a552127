/** The key ring: which key verifies which token, and what changes when keys are rotated, retired and revoked. */
import { expect } from "chai";
import { GuardError } from "../../../lib/guard-error.js";
import { issueToken } from "../../../lib/token/issue.js";
import { type JwtKey, type KeyRing, keyRing } from "../../../lib/token/create-key-ring.js";
import { validityNow } from "../../../lib/token/verify.js";
import { readTokenOptions } from "../../../lib/token/options.js";
import { useClock } from "../../support/clock.js";
import { accepted, now, rsaPair, second, secret, signTexts, verdict } from "./support.js";

const [one, two, three] = ["1", "2", "3"].map((digit) => digit.repeat(64)) as [string, string, string];
const hour = 3_600_000;

const signed = (key: string, kid?: string) =>
  signTexts(JSON.stringify({ alg: "HS256", ...(kid !== undefined && { kid }) }), JSON.stringify({ sub: "alice", iat: second, exp: second + 36_000 }), Buffer.from(key));

function code(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect(error).to.be.instanceOf(GuardError);
    expect((error as GuardError).message).to.match(/^[^\n]+[.?]$/);
    return (error as GuardError).code;
  }
  return "nothing";
}

const rsa = rsaPair();

describe("A key ring", () => {
  const clock = useClock(now);

  it("tries a token without kid against every key", () => {
    const keys = keyRing([{ kid: "one", secret: one }, { secret: two }]);
    expect(verdict(signed(one), { keys })).to.equal("accepted");
    expect(verdict(signed(two), { keys })).to.equal("accepted");
    expect(verdict(signed(three), { keys })).to.equal("token_invalid");
  });

  it("tries a token with kid against the key of that kid and the keys without one", () => {
    const keys = keyRing([{ kid: "one", secret: one }, { kid: "two", secret: two }, { secret: three }]);
    expect(verdict(signed(one, "one"), { keys })).to.equal("accepted");
    expect(verdict(signed(one, "two"), { keys })).to.equal("token_invalid");
    expect(verdict(signed(one, "unknown"), { keys })).to.equal("token_invalid");
    expect(verdict(signed(three, "unknown"), { keys })).to.equal("accepted");
    expect(verdict(signed(three, "one"), { keys })).to.equal("accepted");
  });

  it("with a sole key without kid verifies tokens that name one, as Supabase's legacy tokens do", () => {
    for (const keys of [one, [{ secret: one }], keyRing([{ secret: one }])]) {
      expect(verdict(signed(one, "qB+3/x9="), { keys })).to.equal("accepted");
      expect(verdict(signed(two, "qB+3/x9="), { keys })).to.equal("token_invalid");
    }
  });

  it("takes any kid of 1 to 256 printable ASCII characters", () => {
    for (const kid of ["1", "a key of ours", "Zm9v+YmFy/MTIz=", `"{~}" <kid>`, "k".repeat(256)]) {
      const config = readTokenOptions({ keys: [{ kid, secret: one }, { kid: "other", secret: two }] });
      const token = issueToken({ sub: "alice" }, { expiresIn: "1h" }, config);
      expect(verdict(token, { keys: config.ring }), kid).to.equal("accepted");
    }
    for (const kid of ["", "k".repeat(257), "a\nb", "ключ", "\u007f", 7, null]) expect(code(() => keyRing([{ kid: kid as string, secret: one }])), JSON.stringify(kid)).to.equal("option_invalid");
  });

  it("accepts the tokens of a key until just before its acceptUntil, and then refuses them as expired", () => {
    for (const acceptUntil of [now + hour, new Date(now + hour)]) {
      const keys = keyRing([{ secret: one }, { secret: two, acceptUntil }]);
      const token = signed(two);
      expect(accepted(token, { keys }).endsAt).to.equal(now + hour);
      expect(verdict(token, { keys }, now + hour - 1)).to.equal("accepted");
      expect(verdict(token, { keys }, now + hour)).to.equal("token_expired");
      expect(verdict(signed(one), { keys }, now + hour)).to.equal("accepted");
    }
  });

  it("signs with the new key after a rotation, and accepts the old keys for the grace", () => {
    const ring = keyRing([{ kid: "one", secret: one }, { secret: two, acceptUntil: now + 1000 }]);
    const config = readTokenOptions({ keys: ring });
    const before = [signed(one), signed(two)].map((token) => accepted(token, { keys: ring }));
    ring.rotate({ kid: "three", secret: three }, { grace: "1h" });
    expect(issueToken({ sub: "a" }, { expiresIn: 1000 }, config)).to.satisfy((token: string) => Buffer.from(token.split(".")[0] as string, "base64url").includes("\"kid\":\"three\""));
    expect(before.map((verified) => validityNow(verified, config)?.endsAt)).to.deep.equal([now + hour, now + 1000]);
    expect(verdict(signed(one, "one"), { keys: ring }, now + hour - 1)).to.equal("accepted");
    expect(verdict(signed(one, "one"), { keys: ring }, now + hour)).to.equal("token_expired");
  });

  it("never accepts an old key for longer because of another rotation", () => {
    const ring = keyRing([{ secret: one }]);
    ring.rotate({ secret: two }, { grace: 1000 });
    ring.rotate({ secret: three }, { grace: "1h" });
    expect(accepted(signed(one), { keys: ring }).endsAt).to.equal(now + 1000);
    expect(accepted(signed(two), { keys: ring }).endsAt).to.equal(now + hour);
  });

  it("removes keys past their acceptUntil at the next rotation", () => {
    const ring = keyRing([{ secret: one }]);
    ring.rotate({ secret: two }, { grace: 1000 });
    clock.advance(1000);
    ring.rotate({ secret: three }, { grace: "1h" });
    expect(verdict(signed(one), { keys: ring }, Date.now())).to.equal("token_invalid");
    ring.rotate({ secret: one }, { grace: "1h" });
    expect(verdict(signed(one), { keys: ring }, Date.now())).to.equal("accepted");
  });

  it("ends the tokens of the old keys at once with grace 0", () => {
    const ring = keyRing([{ secret: one }]);
    ring.rotate({ secret: two }, { grace: 0 });
    expect(verdict(signed(one), { keys: ring })).to.equal("token_expired");
    expect(verdict(signed(two), { keys: ring })).to.equal("accepted");
  });

  it("removes a key at once with revoke", () => {
    const ring = keyRing([{ kid: "one", secret: one }, { kid: "two", secret: two }]);
    const config = readTokenOptions({ keys: ring });
    const verified = accepted(signed(two, "two"), { keys: ring });
    ring.revoke({ kid: "two" });
    expect(validityNow(verified, config)).to.equal(undefined);
    expect(verdict(signed(two, "two"), { keys: ring })).to.equal("token_invalid");
    expect(verdict(signed(two), { keys: ring })).to.equal("token_invalid");
  });

  it("decides about a session what verifying its token again would decide, when a key comes back under another kid", () => {
    const ring = keyRing([{ kid: "one", secret: one }, { kid: "two", secret: two }]);
    const config = readTokenOptions({ keys: ring });
    const [named, nameless] = [signed(two, "two"), signed(two)].map((token) => accepted(token, { keys: ring })) as [never, never];
    ring.revoke({ kid: "two" });
    ring.rotate({ kid: "other", secret: two }, { grace: "1h" });
    expect([validityNow(named, config) !== undefined, validityNow(nameless, config) !== undefined]).to.deep.equal([false, true]);
    expect([verdict(signed(two, "two"), { keys: ring }), verdict(signed(two), { keys: ring })]).to.deep.equal(["token_invalid", "accepted"]);
  });

  it("counts its changes and calls its listeners after each, until they unsubscribe", () => {
    const ring = keyRing([{ kid: "one", secret: one }, { kid: "two", secret: two }]);
    const heard: number[] = [];
    const stop = ring.onChange(() => heard.push(ring.generation));
    expect(ring.generation).to.equal(0);
    ring.rotate({ kid: "three", secret: three }, { grace: "1h" });
    ring.revoke({ kid: "one" });
    stop();
    ring.revoke({ kid: "two" });
    expect(heard).to.deep.equal([1, 2]);
    expect(ring.generation).to.equal(3);
  });

  it("calls every listener even if one throws, and the errors become uncaught exceptions", async () => {
    const ring = keyRing([{ kid: "one", secret: one }, { kid: "two", secret: two }]);
    const heard: string[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    try {
      const surfaced = new Promise<unknown[]>((resolve) => {
        const errors: unknown[] = [];
        process.on("uncaughtException", (error) => errors.push(error) === 2 && resolve(errors));
      });
      const [first, second] = [new Error("first"), new Error("second")];
      ring.onChange(() => {
        throw first;
      });
      ring.onChange(() => heard.push("between"));
      ring.onChange(() => {
        throw second;
      });
      ring.onChange(() => heard.push("last"));
      ring.revoke({ kid: "two" });
      expect(heard).to.deep.equal(["between", "last"]);
      expect(await surfaced).to.deep.equal([first, second]);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) process.on("uncaughtException", listener);
    }
  });

  it("is unchanged by a rotation or a revocation that it refuses", () => {
    const ring = keyRing([{ kid: "one", secret: one }]);
    const refused: [() => unknown, string][] = [
      [() => ring.rotate({ kid: "one", secret: two }, { grace: "1h" }), "key_duplicate"],
      [() => ring.rotate({ kid: "two", secret: one }, { grace: "1h" }), "key_duplicate"],
      [() => ring.rotate({ kid: "two", secret: "short" }, { grace: "1h" }), "secret_too_short"],
      [() => (ring.rotate as (key: JwtKey) => void)({ secret: two }), "option_invalid"],
      [() => ring.rotate({ secret: two }, { grace: -1 }), "option_invalid"],
      [() => ring.revoke({ kid: "two" }), "kid_unknown"],
      [() => ring.revoke(undefined as never), "kid_unknown"],
      [() => ring.revoke({ kid: "one" }), "keys_empty"],
    ];
    for (const [change, expected] of refused) expect(code(change)).to.equal(expected);
    expect(ring.generation).to.equal(0);
    expect(verdict(signed(one, "one"), { keys: ring })).to.equal("accepted");
  });

  it("refuses lists of keys that are empty, not lists, or have duplicates", () => {
    const wrong: [unknown, string][] = [
      [[], "keys_empty"],
      [undefined, "option_invalid"],
      [{ secret: one }, "option_invalid"],
      [[{ kid: "a", secret: one }, { kid: "a", secret: two }], "key_duplicate"],
      [[{ secret: one }, { kid: "a", secret: Buffer.from(one) }], "key_duplicate"],
      [[{ secret: one }, { secret: one, algorithm: "HS512" }], "key_duplicate"],
      [[{ publicKey: rsa.publicKey, algorithm: "RS256" }, { ...rsa, algorithm: "PS256" }], "key_duplicate"],
    ];
    for (const [keys, expected] of wrong) expect(code(() => keyRing(keys as JwtKey[]))).to.equal(expected);
  });

  it("shows no key material", () => {
    const ring: KeyRing = keyRing([{ kid: "one", secret }]);
    const { verifiedBy } = accepted(signTexts("{\"alg\":\"HS256\"}", JSON.stringify({ sub: "a", exp: second + 60 })), { keys: ring });
    expect(JSON.stringify([ring, verifiedBy])).not.to.include(secret.toString("base64")).and.not.to.include(secret.toString("hex"));
  });
});
