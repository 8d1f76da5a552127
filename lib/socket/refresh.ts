/** `guard:refresh`: a new credential for the sessions of a connection that stays open. */
import type { Admission } from "../authenticate/chain.js";
import { denial, type Denial } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { Core } from "./core.js";
import type { Gate } from "./gate.js";
import { identify, Presented } from "./identify.js";
import { gatesOf, renewalOf, renewSessions, type Renewal } from "./renewal.js";

/** Renews every session of the connection that has the asker's subject, or the one that it presents. Undefined, or why not. */
export async function refresh(core: Core, asker: Gate, auth: object): Promise<Denial | undefined> {
  const throttled = core.failedLogins?.networkRefusal(core.networkOf(asker.socket))?.denial;
  // For a guest it is a login. A signed-in user may renew the own session, whatever others at the same address tried.
  if (asker.session!.guest && throttled !== undefined) return throttled;
  return renewSessions(core, asker.socket.client, (renewals) => prepare(core, asker, auth, renewals, throttled ?? notRenewed));
}

async function prepare(core: Core, asker: Gate, auth: object, renewals: Renewal[], otherUser: Denial): Promise<Denial | undefined> {
  const old = asker.session!.subject;
  const asked = await ask(core, asker, auth);
  if (asked instanceof Refusal) return old === undefined ? asked.denial : refuse(core, asked, otherUser);
  const { subject } = asked.identity;
  if (old !== undefined && subject !== undefined && old !== subject) return refuse(core, asked, otherUser);
  for (const gate of gatesOf(asker.socket.client)) {
    const held = gate.session!.subject;
    if (held !== old && held !== subject) continue;
    const admission = gate.chain === asker.chain ? asked : await ask(core, gate, auth);
    const fits = !(admission instanceof Refusal) && admission.identity.subject === subject;
    // A guest may stay one where its namespace lets nobody else in. Nobody stays signed in whose other sessions are not.
    if (!fits && held === undefined && gate !== asker) continue;
    if (!fits) return refuse(core, admission, otherUser);
    renewals.push(renewalOf(core, gate, admission.identity));
  }
  core.failedLogins?.succeeded(asked.attempt);
  return undefined;
}

const notRenewed = denial("credential_invalid", { message: "This credential does not renew your session. To change users, connect again." });

/**
 * A right credential of another user counts and is answered as a wrong one, and both leave the session as it was. Otherwise
 * a signed-in user could guess the passwords of others on an open connection.
 */
function refuse(core: Core, outcome: Admission | Refusal, otherUser: Denial): Denial {
  if (outcome instanceof Refusal) return isHarmless(outcome.denial) ? outcome.denial : otherUser;
  core.failedLogins?.failed(outcome.attempt);
  return otherUser;
}

const harmlessCodes: ReadonlySet<string> = new Set(["token_missing", "token_malformed", "credential_malformed", "token_not_active", "token_expired", "credential_expired"]);

/** Whether a denial does not depend on whether a secret was right. */
function isHarmless({ code, status }: Denial): boolean {
  return harmlessCodes.has(code) || status === 429 || status >= 500;
}

async function ask(core: Core, gate: Gate, auth: object): Promise<Admission | Refusal> {
  // Headers and cookies are those of the handshake: what they hold now, only a new request would tell.
  return identify(core, new Presented(core, gate.socket, auth, {}), gate.chain);
}
