// The equality that the speed rests on: a few compares on an open session say what verifying its whole token again would say.
import { expect } from "chai";
import jsonwebtoken from "jsonwebtoken";
import type { GuardIdentity } from "../../../lib/authenticate/authenticator.js";
import { jwt, keyRing, type KeyRing } from "../../../lib/index.js";
import { Refusal } from "../../../lib/refusal.js";
import type { LiveSession } from "../../../lib/session/session.js";
import { restoreClock } from "../../support/clock.js";
import { draws, randomFrom, seed } from "../../support/draws.js";
import { newRegistry } from "./support.js";
import { verifiesAgain, type ModelKey, type ModelRules } from "./oracle.js";

const start = Date.UTC(2030, 0, 1);
const checksPerToken = 10;
const { signal } = new AbortController();

describe("the verdict on an event", () => {
  afterEach(restoreClock);

  it("is the one that verifying the whole token again would give, at any instant, clock and key ring", () => {
    const random = randomFrom(seed());
    const counts = { held: 0, refused: 0, opened: 0 };
    for (let draw = 0; draw < draws(100_000); draw += checksPerToken) compareOneToken(random, counts, draw);
    // The draws are worth something only if they fall on both sides.
    expect(counts.held).to.be.greaterThan(draws(100_000) / 20);
    expect(counts.refused).to.be.greaterThan(draws(100_000) / 20);
  });
});

type Random = () => number;

function compareOneToken(random: Random, counts: { held: number; refused: number; opened: number }, draw: number): void {
  let now = start + Math.floor(random() * 4_000);
  Date.now = () => now;
  const rules = drawRules(random);
  const model = [drawKey(random, "a"), drawKey(random, "b"), drawKey(random, undefined)].slice(0, 1 + Math.floor(random() * 3));
  const ring = keyRing(model.map(keyOf));
  const token = drawToken(random, model, now);
  const tokens = jwt({
    keys: ring,
    ...(rules.clockTolerance !== undefined && { clockTolerance: rules.clockTolerance * 1000 }),
    ...(rules.maxAge !== undefined && { maxAge: rules.maxAge * 1000 }),
  });
  let session: LiveSession | undefined;
  for (let check = 0; check < checksPerToken; check += 1) {
    const expected = verifiesAgain(token, model, rules, now);
    const answer = tokens.authenticate({ auth: { token }, headers: {}, address: "", namespace: "/", signal })!;
    const where = `draw ${draw}, check ${check}, at ${now}, ${JSON.stringify({ rules, model, token: jsonwebtoken.decode(token, { complete: true }) })}`;
    expect(!(answer instanceof Refusal), `handshake: ${where}`).to.equal(expected);
    if (session === undefined && !(answer instanceof Refusal)) session = open(answer as GuardIdentity);
    if (session !== undefined) expect(session.invalidity(now) === undefined, `event: ${where}`).to.equal(expected);
    if (expected) counts.held += 1;
    else counts.refused += 1;
    if (random() < 0.2) changeKeys(random, ring, model, now);
    now = drawInstant(random, now, token);
  }
}

function open(identity: GuardIdentity): LiveSession {
  const registry = newRegistry();
  const session = registry.open("id", "/", identity, undefined);
  // Only the check itself may keep the session up to date: no timer, and no notice of a change of the keys.
  registry.stop();
  return session;
}

function drawRules(random: Random): ModelRules {
  return {
    clockTolerance: random() < 0.5 ? undefined : pick(random, [0, 1, 2.5, 60]),
    maxAge: random() < 0.7 ? undefined : pick(random, [1, 3, 7.5]),
  };
}

function drawKey(random: Random, kid: string | undefined): ModelKey {
  const secret = Array.from({ length: 4 }, () => random().toString(36).padEnd(14, "x")).join("");
  return { kid, secret, acceptUntil: random() < 0.7 ? Infinity : start + Math.floor(random() * 10_000) };
}

function keyOf({ kid, secret, acceptUntil }: ModelKey) {
  return { ...(kid !== undefined && { kid }), secret, ...(acceptUntil !== Infinity && { acceptUntil }) };
}

/** Signed by one of the keys, or by none of them; its instants are fractions of seconds around now. */
function drawToken(random: Random, model: readonly ModelKey[], now: number): string {
  const key = random() < 0.05 ? drawKey(random, "a") : pick(random, model);
  const seconds = (from: number, to: number) => now / 1000 + from + random() * (to - from);
  const round = random() < 0.3 ? Math.round : (value: number) => value;
  const payload = { sub: "alice", iat: round(seconds(-3, 6)), exp: round(seconds(4, 12)), ...(random() < 0.5 && { nbf: round(seconds(-3, 8)) }) };
  const kid = random() < 0.5 ? key.kid : pick(random, ["a", "b", "c", undefined]);
  const header = { alg: "HS256" as const, ...(kid !== undefined && { kid }) };
  return jsonwebtoken.sign(payload, key.secret, { header, noTimestamp: false });
}

function changeKeys(random: Random, ring: KeyRing, model: ModelKey[], now: number): void {
  const kid = pick(random, ["a", "b"]);
  if (random() < 0.4) {
    const place = model.findIndex((key) => key.kid === kid);
    if (place === -1 || model.length === 1) return;
    ring.revoke({ kid });
    model.splice(place, 1);
  } else {
    const grace = Math.floor(random() * 3_000);
    const key = { ...drawKey(random, `n${Math.floor(random() * 1e9)}`), acceptUntil: Infinity };
    ring.rotate(keyOf(key), { grace });
    // The ring forgets what is past by then, so that a clock that goes back does not bring it back.
    model.splice(0, model.length, ...model.filter((old) => now < old.acceptUntil));
    for (const old of model) old.acceptUntil = Math.min(old.acceptUntil, now + grace);
    model.unshift(key);
  }
}

/** Clocks go forward and back, and often stand right at an instant that counts. */
function drawInstant(random: Random, now: number, token: string): number {
  const { exp, iat, nbf } = jsonwebtoken.decode(token) as { exp: number; iat: number; nbf?: number };
  if (random() < 0.4) return Math.round(pick(random, [exp, iat, nbf ?? exp]) * 1000) + pick(random, [-5000, -1, 0, 1, 5000]);
  return now + Math.floor((random() - 0.3) * 4_000);
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)]!;
}
