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
  /**
   * How long an event may wait for the server's limits, such as `"30s"`. If the server denies an event of `emitGuarded` or `room.emit` as
   * `rate_limited` with a `retryAfter`, it is sent again after that time and up to a tenth more, as often as necessary. Events of one name are
   * handled in the order of their calls, unless a limit lets a later one pass that was on its way before the denial came; in a room, those of
   * the same room and name. Other events do not wait. The promise rejects with the `DenialError` as soon as the time that is left is not enough,
   * when the socket disconnects, when another user is signed in, and when the client is closed. Default 0: it rejects at once.
   */
  readonly waitForLimits?: Duration;
  /** @internal */
  readonly time?: Time;
}

export interface ClientConfig {
  readonly getToken: GuardClientOptions["getToken"];
  readonly tokenTimeout: number;
  readonly ackTimeout: number;
  /** Undefined or 0: events do not wait. */
  readonly waitForLimits: number | undefined;
  readonly time: Time;
}

export function readOptions(options: GuardClientOptions): ClientConfig {
  if (typeof options.getToken !== "function") throw new TypeError("`getToken` must be a function.");
  return {
    time: globalThis,
    ...options,
    tokenTimeout: milliseconds("tokenTimeout", options),
    ackTimeout: milliseconds("ackTimeout", options),
    waitForLimits: options.waitForLimits && milliseconds("waitForLimits", options),
  };
}

const units: Record<string, number> = { "": 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function milliseconds(option: "tokenTimeout" | "ackTimeout" | "waitForLimits", { [option]: duration = "10s" }: GuardClientOptions): number {
  const [, count, unit] = /^([\d.]+) ?(.*)/.exec(duration as string) ?? [];
  const wait = +count! * units[unit!]!;
  // A longer timer fires at once.
  if (!(wait > 0 && wait < 2 ** 31)) throw new TypeError(`\`${option}\` must be a duration from "1ms" to "24d".`);
  return wait;
}
