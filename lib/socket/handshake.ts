/** Handshake -> session: authenticated, registered, looked at; or the denial. */
import type { Admission } from "../authenticate/chain.js";
import { denial, type Denial } from "../protocol.js";
import { isPromiseLike } from "../callbacks.js";
import * as refused from "../refusal.js";
import type { Core } from "./core.js";
import type { Gate } from "./gate.js";
import { identify, Presented } from "./identify.js";

/** Why a socket may not come in; undefined if it may. */
export type Refusal = Denial | undefined;

/** Lets the socket of this gate in, which then has a session, or says why not. A promise only if somebody is waited for. */
export function admit(core: Core, gate: Gate): Refusal | Promise<Refusal> {
  if (core.closed) return denial("server_closing");
  const throttled = core.failedLogins?.networkRefusal(core.networkOf(gate.socket));
  if (throttled !== undefined) return throttled.denial;
  const failed = (error: unknown) => {
    core.audit.emit("failed", () => ({ in: "authenticate", error }));
    return denial("unavailable");
  };
  const { auth, headers } = gate.socket.handshake;
  try {
    const identity = identify(core, new Presented(core, gate.socket, auth, headers), gate.chain);
    const refusal = isPromiseLike(identity) ? identity.then((settled) => open(core, gate, settled)) : open(core, gate, identity);
    return isPromiseLike(refusal) ? refusal.catch(failed) : refusal;
  } catch (error) {
    // Claims that are no plain data.
    return failed(error);
  }
}

function open(core: Core, gate: Gate, admission: Admission | refused.Refusal): Refusal | Promise<Refusal> {
  core.credentials.takeOut(gate.socket);
  if (admission instanceof refused.Refusal) return admission.denial;
  core.failedLogins?.succeeded(admission.attempt);
  const { identity } = admission;
  const account = core.accounts?.hold(identity);
  gate.session = core.registry.open(gate.socket.id, identity, account, gate);
  if (account === undefined && core.revoker.isReady) return look(core, gate);
  return Promise.all([account?.known(), core.revoker.ready()]).then(() => look(core, gate));
}

function look(core: Core, gate: Gate): Refusal {
  const session = gate.session!;
  const code = session.refusal(Date.now()) ?? core.revoker.refusal(session);
  if (code !== undefined) return denial(code);
  const tooMany = core.users.overLimit(session);
  if (tooMany !== undefined) return tooMany;
  gate.showUser();
  return undefined;
}
