// One verdict, with nothing of Socket.IO around it: is the session fresh, which rule, what does it say. The steps are
// those of the gate (lib/socket/gate.ts), on the built package.
import type { Session } from "socket.io-guard";
import { jwt, role } from "socket.io-guard";
import type { Identity } from "../../lib/authenticate/authenticator.js";
import { answerCommands } from "../framework/worker.js";
import { quantile } from "../framework/statistics.js";
import { freshSecret, signTokens } from "../tokens.js";

export interface Asked {
  rules: number;
  sockets: number;
  /** Verdicts a batch, and how many batches. */
  verdicts: number;
  batches: number;
}

const { compilePolicy } = await built<typeof import("../../lib/policy/compile.js")>("policy/compile.js");
const { LiveSession } = await built<typeof import("../../lib/session/session.js")>("session/session.js");

/** Nanoseconds a verdict, the 10th percentile of all batches. */
function measure({ rules, sockets, verdicts, batches }: Asked): number {
  const policy = policyOf(rules);
  const sessions = sessionsOf(sockets);
  const asked = Array.from({ length: verdicts }, (_, nth) => ({
    session: sessions[(nth * 7919) % sockets]!,
    data: [`event-${(nth * 6_113) % rules}`, { text: "See you at the harbour at noon", room: "lobby" }] as [string, object],
  }));

  const decideAll = (): number => {
    let allowed = 0;
    for (const { session, data } of asked) {
      if (session.refusal(session.clock()) !== undefined) continue;
      const rule = policy.ruleOf(data[0]);
      if (rule.decide(session, data) === true) allowed++;
    }
    return allowed;
  };

  const perVerdict: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const start = process.hrtime.bigint();
    const allowed = decideAll();
    perVerdict.push(Number(process.hrtime.bigint() - start) / verdicts);
    if (allowed !== verdicts) throw new Error(`only ${allowed} of ${verdicts} were allowed`);
  }
  return quantile(perVerdict.slice(batches / 2), 0.1);
}

function policyOf(rules: number): ReturnType<typeof compilePolicy> {
  const names = Array.from({ length: rules }, (_, nth) => `event-${nth}`);
  const events = Object.fromEntries(names.map((name) => [name, role<{ role: "member" | "admin" }>("member", "admin")]));
  return compilePolicy(events, { undeclared: undefined, onDenied: "reject", checkTimeout: 2_000, failed: () => undefined });
}

function sessionsOf(sockets: number): InstanceType<typeof LiveSession>[] {
  const secret = freshSecret();
  const tokens = jwt({ keys: secret });
  const ignore = { look: (_session: Session) => undefined };
  return signTokens(secret, sockets).map((token, nth) => {
    const identity = tokens.authenticate({ auth: { token }, headers: {} } as never) as Identity;
    return new LiveSession(`socket-${nth}`, identity, undefined, tokens.clock ?? Date.now, { sessionEnded: () => undefined }, ignore);
  });
}

// The inside of the package, as it is published and not as tsx would compile it.
function built<Module>(file: string): Promise<Module> {
  return import(new URL(`../../dist/${file}`, import.meta.url).href) as Promise<Module>;
}

answerCommands({ measure });
