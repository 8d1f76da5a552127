/** `guard:refresh`: a new credential for the sessions of a connection that stays open. */
import type { Identity } from "../authenticate/authenticator.js";
import { denial, isDenial, type Denial } from "../protocol.js";
import type { Core } from "./core.js";
import type { Gate } from "./gate.js";
import { identify, Presented } from "./identify.js";
import { gatesOf, renewalOf, renewSessions, type Renewal } from "./renewal.js";

/** Renews every session of the connection that has the asker's subject, or the one that it presents. Undefined, or why not. */
export async function refresh(core: Core, asker: Gate, auth: object): Promise<Denial | undefined> {
  const address = core.addressOf(asker.socket);
  // A guest who shows a credential tries to log in. Who is signed in is not touched by what others tried.
  const blocked = asker.session!.guest ? core.failedLogins.refusal(address, Date.now()) : undefined;
  if (blocked !== undefined) return blocked;
  const denied = await renewSessions(core, asker.socket.client, (renewals) => prepare(core, asker, auth, renewals));
  if (denied !== undefined) core.failedLogins.refused(address, denied, Date.now());
  return denied;
}

async function prepare(core: Core, asker: Gate, auth: object, renewals: Renewal[]): Promise<Denial | undefined> {
  const asked = await ask(core, asker, auth);
  if (isDenial(asked)) return asked;
  const [old, subject] = [asker.session!.subject, asked.subject];
  if (old !== undefined && subject !== undefined && old !== subject) return denial("subject_changed");
  for (const gate of gatesOf(asker.socket.client)) {
    const held = gate.session!.subject;
    if (held !== old && held !== subject) continue;
    const identity = gate.chain === asker.chain ? asked : await ask(core, gate, auth);
    const fits = !isDenial(identity) && identity.subject === subject;
    // A guest may stay one where its namespace lets nobody else in. Nobody stays signed in whose other sessions are not.
    if (!fits && held === undefined && gate !== asker) continue;
    if (!fits) return isDenial(identity) ? identity : denial("subject_changed");
    renewals.push(renewalOf(core, gate, identity));
  }
  return undefined;
}

async function ask(core: Core, gate: Gate, auth: object): Promise<Identity | Denial> {
  // Headers and cookies are those of the handshake: what they hold now, only a new request would tell.
  return identify(core, new Presented(core, gate.socket, auth, {}), gate.chain);
}
