/** Handshake -> session: authenticated, registered, looked at; or the denial. */
import type { Authenticator, Handshake } from "../authenticate/authenticator.js";
import { authenticate, type Admission } from "../authenticate/chain.js";
import { denial, isDenial, type Denial } from "../protocol.js";
import { isThenable } from "../thenable.js";
import type { Core } from "./core.js";
import type { Gate } from "./gate.js";
import type { SocketInternals } from "./internals.js";

/** Why a socket may not come in; undefined if it may. */
export type Refusal = Denial | undefined;

/** Lets the socket of this gate in, which then has a session, or says why not. A promise only if somebody is waited for. */
export function admit(core: Core, gate: Gate, chain: readonly Authenticator[]): Refusal | Promise<Refusal> {
  if (core.closed) return denial("server_closing");
  const failed = (error: unknown) => {
    core.facts.tell("failed", () => ({ in: "authenticate", error }));
    return denial("unavailable");
  };
  try {
    const refusal = identify(core, gate, chain, failed);
    return isThenable(refusal) ? refusal.catch(failed) : refusal;
  } catch (error) {
    // Claims that are no plain data.
    return failed(error);
  }
}

function identify(core: Core, gate: Gate, chain: readonly Authenticator[], failed: (error: unknown) => void): Refusal | Promise<Refusal> {
  const handshake = new SocketHandshake(gate.socket);
  const admission = authenticate(chain, handshake, failed);
  if (!isThenable(admission)) return open(core, gate, admission);
  return inTime(core, handshake, admission, failed).then((settled) => open(core, gate, settled));
}

function open(core: Core, gate: Gate, admission: Admission | Denial): Refusal | Promise<Refusal> {
  core.credentials.takeOut(gate.socket);
  if (isDenial(admission)) return admission;
  const { identity, clock } = admission;
  const account = core.accounts?.hold(identity);
  gate.session = core.registry.open(gate.socket.id, identity, account, clock, gate);
  return account === undefined ? look(gate) : account.known().then(() => look(gate));
}

function look(gate: Gate): Refusal {
  const session = gate.session!;
  const code = session.refusal(session.clock());
  if (code !== undefined) return denial(code);
  gate.showUser();
  return undefined;
}

/** For as long as `authenticateTimeout` and the connection last. */
async function inTime(
  core: Core, handshake: SocketHandshake, admission: Promise<Admission | Denial>, failed: (error: unknown) => void,
): Promise<Admission | Denial> {
  const { conn } = handshake.socket.client;
  let stop = () => {};
  const stopped = new Promise<Denial>((resolve) => {
    stop = () => {
      resolve(denial("unavailable"));
      handshake.abort();
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
class SocketHandshake implements Handshake {
  readonly socket: SocketInternals;
  readonly auth: Readonly<Record<string, unknown>>;
  readonly headers: Handshake["headers"];
  readonly address: string;
  readonly namespace: string;
  #controller: AbortController | undefined;

  constructor(socket: SocketInternals) {
    const { auth, headers, address } = socket.handshake;
    this.socket = socket;
    this.auth = { ...auth };
    this.headers = headers;
    this.address = address;
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
