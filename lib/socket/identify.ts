/** What a client presents, at its handshake or later -> who it is: its namespace's chain is asked, in time. */
import type { Authenticator, Handshake } from "../authenticate/authenticator.js";
import { authenticate, type Admission } from "../authenticate/chain.js";
import { denial, type Denial } from "../protocol.js";
import { isThenable } from "../thenable.js";
import type { Core } from "./core.js";
import type { SocketInternals } from "./internals.js";

/** A promise only if an authenticator is waited for: for as long as `authenticateTimeout` and the connection last. */
export function identify(core: Core, presented: Presented, chain: readonly Authenticator[]): Admission | Denial | Promise<Admission | Denial> {
  const failed = (error: unknown) => core.facts.tell("failed", () => ({ in: "authenticate", error }));
  const admission = authenticate(chain, presented, failed);
  return isThenable(admission) ? inTime(core, presented, admission, failed) : admission;
}

async function inTime(
  core: Core, presented: Presented, admission: Promise<Admission | Denial>, failed: (error: unknown) => void,
): Promise<Admission | Denial> {
  const { conn } = presented.socket.client;
  let stop = () => {};
  const stopped = new Promise<Denial>((resolve) => {
    stop = () => {
      resolve(denial("unavailable"));
      presented.abort();
    };
  });
  const timer = setTimeout(() => {
    failed(new Error("An authenticator took longer than authenticateTimeout."));
    stop();
  }, core.authenticateTimeout);
  conn.once("close", stop);
  try {
    return await Promise.race([admission, stopped]);
  } finally {
    clearTimeout(timer);
    conn.off("close", stop);
  }
}

/** What authenticators may see of a socket. Its signal is made only for one that asks for it. */
export class Presented implements Handshake {
  readonly socket: SocketInternals;
  readonly auth: Readonly<Record<string, unknown>>;
  readonly headers: Handshake["headers"];
  readonly address: string;
  readonly namespace: string;
  #controller: AbortController | undefined;

  constructor(core: Core, socket: SocketInternals, auth: object, headers: Handshake["headers"]) {
    this.socket = socket;
    this.auth = { ...auth };
    this.headers = headers;
    this.address = core.addressOf(socket);
    this.namespace = socket.nsp.name;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller?.abort();
  }
}
