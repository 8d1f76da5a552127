/** One question to the endpoint: who is this? */
import type { Sign } from "../webhooks/signature.js";
import type { ClaimsSchema } from "../token/rules.js";
import { readAnswer, type Found } from "./answer.js";
import { textOf } from "./body.js";
import { Trouble, trouble } from "./trouble.js";

export interface EndpointOptions {
  readonly url: URL;
  readonly permitted: ReadonlySet<number>;
  /** Milliseconds, to the end of the answer. */
  readonly timeout: number;
  readonly sign: Sign | undefined;
  readonly schema: ClaimsSchema | undefined;
}

/** Who it is; undefined if the endpoint does not know them. @throws GuardError if it said neither */
export type Ask = (body: string) => Promise<Found | undefined>;

// Statuses that ask to come again: they say nothing about who asks.
const later = new Set([408, 421, 425, 429]);

export function endpoint({ url, permitted, timeout, sign, schema }: EndpointOptions): Ask {
  /** What it says; undefined if its status permits nothing. */
  async function post(body: string, signal: AbortSignal): Promise<Said | undefined> {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", accept: "application/json, text/plain", "user-agent": "socket.io-guard", ...sign?.(body) },
      redirect: "manual",
      signal,
    });
    if (permitted.has(response.status)) return { text: await textOf(response), type: response.headers.get("content-type") };
    // What is not read would hold its connection.
    response.body?.cancel().catch(() => undefined);
    return judge(response.status);
  }

  return async (body) => {
    const signal = AbortSignal.timeout(timeout);
    const said = await post(body, signal).catch((error: unknown) => {
      if (error instanceof Trouble) throw error;
      throw signal.aborted ? trouble.timeout() : trouble.unreachable(error);
    });
    return said && readAnswer(said.text, said.type, schema);
  };
}

interface Said {
  readonly text: string;
  readonly type: string | null;
}

/** @throws GuardError `endpoint_redirects`, `endpoint_failed` */
function judge(status: number): undefined {
  if (status >= 300 && status < 400) throw trouble.redirect();
  if (status >= 500 || later.has(status)) throw trouble.status(status);
  return undefined;
}
