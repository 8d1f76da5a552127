/** What a client presents, at its handshake or later -> who it is: its namespace's chain is asked, in time. */
import type { Authenticator, Handshake } from "../authenticate/authenticator.js";
import { authenticate, type Admission } from "../authenticate/chain.js";
import { denial } from "../protocol.js";
import { Refusal } from "../refusal.js";
import { isPromiseLike } from "../callbacks.js";
import type { Core } from "./core.js";
import { inTime } from "./in-time.js";
import type { SocketInternals } from "./internals.js";

/** A promise only if an authenticator is waited for: for as long as `authenticateTimeout` and the connection last. */
export function identify(core: Core, presented: Presented, chain: readonly Authenticator[]): Admission | Refusal | Promise<Admission | Refusal> {
  const onError = (error: unknown) => core.audit.emit("failed", () => ({ in: "authenticate", error }));
  const admission = authenticate(chain, presented, { failedLogins: core.failedLogins, network: core.networkOf(presented.socket), onError });
  if (!isPromiseLike(admission)) return admission;
  return inTime(core, presented.socket, admission, (isLate) => {
    if (isLate) onError(new Error("An authenticator took longer than authenticateTimeout."));
    presented.abort();
    return new Refusal(denial("unavailable"), "an authenticator took longer than `authenticateTimeout`");
  });
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
