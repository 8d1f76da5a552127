/** Handshake -> session: authenticated, registered, looked at; or the denial. */
import { authenticate, type Admission } from "../authenticate/chain.js";
import type { Authenticator } from "../authenticate/authenticator.js";
import { denial, isDenial, type Denial } from "../protocol.js";
import type { Core } from "./core.js";
import { handshakeOf, takeCredentialsOut } from "./credentials.js";
import type { Gate } from "./gate.js";

/** Why the socket of this gate may not come in, or undefined: then the gate has a session. */
export async function admit(core: Core, gate: Gate, chain: readonly Authenticator[]): Promise<Denial | undefined> {
  if (core.closed) return denial("server_closing");
  const admission = await identify(core, gate, chain);
  takeCredentialsOut(gate.socket, core.authenticators);
  if (isDenial(admission)) return admission;
  try {
    return await open(core, gate, admission);
  } catch (error) {
    // A user or claims that are no plain data.
    core.facts.tell("failed", () => ({ in: "findUser", error }));
    return denial("unavailable");
  }
}

/** Asks the chain, for as long as `authenticateTimeout` and the connection last. */
async function identify(core: Core, { socket }: Gate, chain: readonly Authenticator[]): Promise<Admission | Denial> {
  const controller = new AbortController();
  const failed = (error: unknown) => core.facts.tell("failed", () => ({ in: "authenticate", error }));
  let stop = () => {};
  const stopped = new Promise<Denial>((resolve) => {
    stop = () => { resolve(denial("unavailable")); controller.abort(); };
  });
  const timer = setTimeout(stop, core.authenticateTimeout);
  socket.client.conn.once("close", stop);
  try {
    return await Promise.race([authenticate(chain, handshakeOf(socket), controller.signal, failed), stopped]);
  } finally {
    clearTimeout(timer);
    socket.client.conn.off("close", stop);
  }
}

async function open(core: Core, gate: Gate, { identity, clock }: Admission): Promise<Denial | undefined> {
  const account = core.accounts?.hold(identity);
  const session = core.registry.open(gate.socket.id, identity, account, clock, gate);
  gate.session = session;
  if (account !== undefined) await account.known();
  const code = session.refusal(session.clock());
  if (code !== undefined) return denial(code);
  gate.showUser();
  return undefined;
}
