// The cost of a whole connection: TCP, the upgrade, CONNECT with an HS256 token, and closing it. With `anonymous()` the token is not read.
import { interleave } from "./framework/interleave.js";
import type { Result, Scale } from "./framework/result.js";
import { ratios, summarize } from "./framework/statistics.js";
import { withWorkers } from "./framework/worker.js";
import { freshSecret, signTokens } from "./tokens.js";
import type { Measured, Span } from "./workers/meter.js";
import { authenticators, type AuthenticatorName } from "./authenticators.js";

const compared = ["bare", "guarded", "anonymous", "usual, string secret", "usual, KeyObject"] as const;

export async function handshakes({ rounds, short }: Scale): Promise<Result> {
  const span: Span = { of: "connections", warmUp: short ? 400 : 8_000, measured: short ? 800 : 4_000 };
  const measured = await interleave(compared, rounds, (variant) =>
    withWorkers(["server", "load"], async (server, load) => {
      const secret = freshSecret();
      const port = await server.ask<number>("listen", { variant, secret });
      const measuring = server.ask<Measured>("meter", span);
      await load.ask("handshakes", { port, credentials: signTokens(secret, 1_000).map((token) => ({ token })), connections: 40 });
      return (await measuring).cpu / span.measured;
    }));

  const against = (variant: (typeof compared)[number]): number[] => ratios(measured[variant], measured.bare);
  return {
    name: "handshakes",
    level: "CPU of the server process per connection, opened and closed, HS256",
    columns: ["us/handshake", "x bare"],
    rows: compared.map((variant) => ({ variant, cells: [summarize(measured[variant]), summarize(against(variant))] })),
    goals: [
      { goal: "CPU of an HS256 handshake compared with bare", atMost: 1.2, measured: summarize(against("guarded")).median },
      { goal: "CPU of a handshake of anonymous() compared with bare", atMost: 1.08, measured: summarize(against("anonymous")).median },
    ],
  };
}

/** Each authenticator. The cost of a password is the cost of its hash. */
export async function benchAuthenticators({ rounds, short }: Scale): Promise<Result> {
  const measured = await interleave(authenticators, rounds, (name) =>
    withWorkers(["authenticators", "load"], async (server, load) => {
      const span = spanOf(name, short);
      const endpoint = await load.ask<number>("endpoint");
      const { port, credentials } = await server.ask<{ port: number; credentials: object[] }>("listen", { name, endpoint });
      const measuring = server.ask<Measured>("meter", span);
      await load.ask("handshakes", { port, credentials, connections: 40 });
      const { cpu, wall } = await measuring;
      return { perSecond: span.measured / wall * 1000, cpu: cpu / span.measured };
    }));
  return {
    name: "authenticators",
    level: "connections, opened and closed, 40 at a time, and the CPU of the server process",
    columns: ["handshakes/s", "us/handshake"],
    rows: authenticators.map((name) => ({ variant: name, cells: [summarize(measured[name].map(({ perSecond }) => perSecond)), summarize(measured[name].map(({ cpu }) => cpu))] })),
    goals: [],
  };
}

function spanOf(name: AuthenticatorName, short: boolean): Span {
  if (name.startsWith("userFile")) return { of: "connections", warmUp: 10, measured: short ? 20 : 200 };
  return { of: "connections", warmUp: short ? 200 : 4_000, measured: short ? 400 : 4_000 };
}
