/** What `guardClient` is told. */
import { realTime, type Time } from "./time.js";

export interface GuardClientOptions {
  /**
   * Fetches a token: for each connect and reconnect, and to renew a session before it ends. Null connects as a guest.
   * It is tried again, at growing intervals, when it throws, rejects or does not answer in `tokenTimeout`.
   */
  readonly getToken: () => string | null | Promise<string | null>;
  /** Milliseconds that `getToken` may take. Default 10,000. */
  readonly tokenTimeout?: number;
  /** Milliseconds that the server may take to answer an event or a renewal. Default 10,000. */
  readonly ackTimeout?: number;
  /** @internal */
  readonly time?: Time;
}

export function readOptions(options: GuardClientOptions): Required<GuardClientOptions> {
  const { getToken, tokenTimeout = 10_000, ackTimeout = 10_000, time = realTime } = options;
  if (typeof getToken !== "function") throw new TypeError("guardClient needs getToken, a function that answers a token, or null for a guest.");
  return { getToken, tokenTimeout, ackTimeout, time };
}
