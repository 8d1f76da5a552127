/** `guard:refresh`: a new credential for the sessions of a connection that stays open. All of them take it, or none. */
import type { Admission } from "../authenticate/chain.js";
import { denial, isDenial, type Denial } from "../protocol.js";
import { LiveSession } from "../session/session.js";
import type { Core } from "./core.js";
import type { Gate } from "./gate.js";
import { identify, Presented } from "./identify.js";
import { gateKey, type ClientInternals } from "./internals.js";

/** A session that is to be renewed, and as what. */
interface Renewal {
  readonly gate: Gate;
  /** The session as it would be: it holds its account, but is in no registry. */
  readonly next: LiveSession;
}

/**
 * Renews every session of the connection that has the asker's subject, or the one that it presents: undefined, or why
 * not. Nothing has changed then.
 */
export async function refresh(core: Core, asker: Gate, auth: object): Promise<Denial | undefined> {
  for (;;) {
    const versions = versionsOf(asker.socket.client);
    const renewals: Renewal[] = [];
    const denied = await prepare(core, asker, auth, renewals).catch((error: unknown) => {
      core.facts.tell("failed", () => ({ in: "authenticate", error }));
      return denial("unavailable");
    });
    // Another refresh of this connection was faster: what was found may be true no longer.
    const isOld = versions !== versionsOf(asker.socket.client);
    if (denied !== undefined || isOld) for (const { next } of renewals) next.account?.release();
    if (denied !== undefined && !isOld) return denied;
    if (!isOld) return renew(core, renewals);
  }
}

async function prepare(core: Core, asker: Gate, auth: object, renewals: Renewal[]): Promise<Denial | undefined> {
  const asked = await ask(core, asker, auth);
  if (isDenial(asked)) return asked;
  const [old, subject] = [asker.session!.subject, asked.identity.subject];
  if (old !== undefined && subject !== undefined && old !== subject) return denial("subject_changed");
  for (const gate of gatesOf(asker.socket.client)) {
    const held = gate.session!.subject;
    if (held !== old && held !== subject) continue;
    const admission = gate.chain === asker.chain ? asked : await ask(core, gate, auth);
    const fits = !isDenial(admission) && admission.identity.subject === subject;
    // A guest may stay one where its namespace lets nobody else in. Nobody stays signed in whose other sessions are not.
    if (!fits && held === undefined && gate !== asker) continue;
    if (!fits) return isDenial(admission) ? admission : denial("subject_changed");
    renewals.push({ gate, next: sessionOf(core, gate, admission) });
  }
  await Promise.all([core.revoker.ready(), ...renewals.map(({ next }) => next.account?.known())]);
  const code = renewals.map(({ next }) => next.refusal(next.clock()) ?? core.revoker.refusal(next)).find((found) => found !== undefined);
  return code && denial(code);
}

async function ask(core: Core, gate: Gate, auth: object): Promise<Admission | Denial> {
  // Headers and cookies are those of the handshake: what they hold now, only a new request would tell.
  return identify(core, new Presented(core, gate.socket, auth, {}), gate.chain);
}

function sessionOf(core: Core, gate: Gate, { identity, clock }: Admission): LiveSession {
  return new LiveSession(gate.socket.id, identity, core.accounts?.hold(identity), clock, gate, core.registry);
}

function renew(core: Core, renewals: readonly Renewal[]): undefined {
  const lasting = renewals.filter(({ gate, next }) => {
    if (gate.session!.ended === undefined) return true;
    next.account?.release();
    return false;
  });
  for (const { gate, next } of lasting) core.registry.renew(gate.session!, next.identity, next.account, next.clock);
  for (const { gate } of lasting) gate.renewed();
}

function gatesOf(client: ClientInternals): Gate[] {
  const gates = [...client.sockets.values()].flatMap((socket) => (socket[gateKey] as Gate | undefined) ?? []);
  return gates.filter(({ session }) => session !== undefined && session.ended === undefined);
}

/** Another one as soon as any session of the connection has become another. */
function versionsOf(client: ClientInternals): string {
  return gatesOf(client).map(({ socket, session }) => `${socket.id} ${session!.version}`).join();
}

