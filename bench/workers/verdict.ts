// One verdict without Socket.IO: the session, the rule and its check. The steps are those of lib/socket/event-gate.ts, on the
// built package.
import { unlimited } from "../../lib/limits/limit.js";
import { jwt, role } from "socket.io-guard";
import type { GuardIdentity } from "../../lib/authenticate/authenticator.js";
import type * as Compile from "../../lib/policy/compile.js";
import type * as Tallies from "../../lib/metrics/tally.js";
import type * as LiveSessions from "../../lib/session/session.js";
import { answerCommands } from "../framework/worker.js";
import { quantile } from "../framework/statistics.js";
import { freshSecret, signTokens } from "../tokens.js";

export interface Asked {
  rules: number;
  sockets: number;
  /** The number of different events, spread over all rules and sockets. Each batch decides all of them `repeated` times. */
  questions: number;
  repeated: number;
  batches: number;
}

const { Policy } = await built<typeof Compile>("policy/compile.js");
const tallies = new (await built<typeof Tallies>("metrics/tally.js")).Tallies();
const { LiveSession } = await built<typeof LiveSessions>("session/session.js");

/** Nanoseconds per verdict, the 10th percentile of all batches. */
function measure({ rules, sockets, questions, repeated, batches }: Asked): number {
  const policy = policyOf(rules);
  const sessions = sessionsOf(sockets);
  const asked = Array.from({ length: questions }, (_, nth) => ({
    session: sessions[Math.floor(nth * sockets / questions)]!,
    data: [`event-${Math.floor(nth * rules / questions)}`, { text: "See you at the harbour at noon", room: "lobby" }] as [string, object],
  }));

  const decideAll = (): number => {
    let allowed = 0;
    for (const { session, data } of asked) {
      if (session.invalidity(Date.now()) !== undefined) continue;
      const rule = policy.ruleOf(data[0]);
      if (rule.decide(session, data) === true) allowed++;
    }
    return allowed;
  };

  const perVerdict: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    let allowed = 0;
    const start = process.hrtime.bigint();
    for (let time = 0; time < repeated; time++) allowed += decideAll();
    perVerdict.push(Number(process.hrtime.bigint() - start) / (questions * repeated));
    if (allowed !== questions * repeated) throw new Error(`only ${allowed} of ${questions * repeated} were allowed`);
  }
  return quantile(perVerdict.slice(batches / 2), 0.1);
}

/** Nanoseconds of reading the clock, which each verdict does once. It differs much between machines. */
function clock(batches: number): number {
  const perReading: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    let sum = 0;
    const start = process.hrtime.bigint();
    for (let time = 0; time < 10_000; time++) sum += Date.now();
    perReading.push(Number(process.hrtime.bigint() - start) / 10_000);
    if (sum === 0) throw new Error("there is no time");
  }
  return quantile(perReading, 0.1);
}

function policyOf(rules: number): Compile.Policy {
  const names = Array.from({ length: rules }, (_, nth) => `event-${nth}`);
  const events = Object.fromEntries(names.map((name) => [name, role<{ role: "member" | "admin" }>("member", "admin")]));
  return new Policy(events, { limitsOf: () => unlimited, undeclared: undefined, onDenied: "reject", checkTimeout: 2_000, failed: () => undefined, tallyOf: (event) => tallies.of(event) });
}

function sessionsOf(sockets: number): InstanceType<typeof LiveSession>[] {
  const secret = freshSecret();
  const tokens = jwt({ keys: secret });
  const context = { freshness: { staleAt: Infinity }, newSigning: undefined };
  return signTokens(secret, sockets).map((token, nth) => {
    const identity = tokens.authenticate({ auth: { token }, headers: {} } as never) as GuardIdentity;
    return new LiveSession(`socket-${nth}`, "/", identity, undefined, context);
  });
}

// The internals of the package as it is published, not as tsx would compile it.
function built<Module>(file: string): Promise<Module> {
  return import(new URL(`../../dist/${file}`, import.meta.url).href) as Promise<Module>;
}

answerCommands({ measure, clock });
