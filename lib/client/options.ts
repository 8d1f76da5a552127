/** The options of `guardClient`. */
import type { Time } from "./alarm.js";

/** Milliseconds as a number, or a number with `ms`, `s`, `m`, `h` or `d`, such as `"30s"`. */
export type Duration = number | `${number}${"" | "ms" | "s" | "m" | "h" | "d"}`;

/** The options of guardClient(). */
export interface GuardClientOptions {
  /**
   * Returns a token, or null to connect as a guest. It is called before each connect and reconnect, and to renew a session before it ends.
   * If it throws, rejects or does not answer within `tokenTimeout`, it is called again, after growing delays.
   */
  readonly getToken: () => string | null | Promise<string | null>;
  /** How long to wait for `getToken`. Default `"10s"`. */
  readonly tokenTimeout?: Duration;
  /** How long to wait for the server's answer to an event or a renewal. Default `"10s"`. */
  readonly ackTimeout?: Duration;
  /** @internal */
  readonly time?: Time;
}

export interface ClientConfig {
  readonly getToken: GuardClientOptions["getToken"];
  readonly tokenTimeout: number;
  readonly ackTimeout: number;
  readonly time: Time;
}

export function readOptions(options: GuardClientOptions): ClientConfig {
  if (typeof options.getToken !== "function") throw new TypeError("`getToken` must be a function.");
  return { time: globalThis, ...options, tokenTimeout: milliseconds("tokenTimeout", options), ackTimeout: milliseconds("ackTimeout", options) };
}

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function milliseconds(option: "tokenTimeout" | "ackTimeout", { [option]: duration = "10s" }: GuardClientOptions): number {
  const [, count, unit = "ms"] = /^([\d.]+) ?(ms|[smhd])?$/.exec(String(duration)) ?? [];
  const wait = Number(count) * units[unit]!;
  // A longer timer fires at once.
  if (!(wait > 0 && wait < 2 ** 31)) throw new TypeError(`\`${option}\` must be a duration of up to 24 days, such as "30s".`);
  return wait;
}
