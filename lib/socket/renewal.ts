/** Sessions of an open connection become somebody else's, or last longer: all that are to change do, or none. */
import type { Admission } from "../authenticate/chain.js";
import { denial, type Denial } from "../protocol.js";
import { LiveSession } from "../session/session.js";
import type { Core } from "./core.js";
import type { Gate } from "./gate.js";
import { gateKey, type ClientInternals } from "./internals.js";

/** A session that is to be renewed, and as what. */
export interface Renewal {
  readonly gate: Gate;
  /** The session as it would be: it holds its account, but is in no registry. */
  readonly next: LiveSession;
}

/** Answers why nothing may change; else fills in what does. */
export type Prepare = (renewals: Renewal[]) => Promise<Denial | undefined>;

/** Undefined once all are renewed, or why not: then nothing has changed. */
export async function renewSessions(core: Core, client: ClientInternals, prepare: Prepare): Promise<Denial | undefined> {
  for (;;) {
    const versions = versionsOf(client);
    const renewals: Renewal[] = [];
    const denied = await attempt(core, prepare, renewals);
    // Another renewal of this connection was faster: what was found may be true no longer.
    const isOld = versions !== versionsOf(client);
    if (denied !== undefined || isOld) for (const { next } of renewals) next.account?.release();
    if (denied !== undefined && !isOld) return denied;
    if (!isOld) return renew(core, renewals);
  }
}

/** The session that this gate would have as this identity. */
export function renewalOf(core: Core, gate: Gate, { identity, clock }: Admission): Renewal {
  return { gate, next: new LiveSession(gate.socket.id, identity, core.accounts?.hold(identity), clock, gate, core.registry) };
}

/** The gates of a connection whose sessions live. */
export function gatesOf(client: ClientInternals): Gate[] {
  const gates = [...client.sockets.values()].flatMap((socket) => (socket[gateKey] as Gate | undefined) ?? []);
  return gates.filter(({ session }) => session !== undefined && session.ended === undefined);
}

async function attempt(core: Core, prepare: Prepare, renewals: Renewal[]): Promise<Denial | undefined> {
  try {
    const denied = await prepare(renewals);
    if (denied !== undefined) return denied;
    await Promise.all([core.revoker.ready(), ...renewals.map(({ next }) => next.account?.known())]);
    const code = renewals.map(({ next }) => next.refusal(next.clock()) ?? core.revoker.refusal(next)).find((found) => found !== undefined);
    if (code !== undefined) return denial(code);
    const others = renewals.filter(({ gate, next }) => gate.session!.subject !== next.subject);
    return others.map(({ next }) => core.users.refusal(next)).find((found) => found !== undefined);
  } catch (error) {
    core.facts.tell("failed", () => ({ in: "authenticate", error }));
    return denial("unavailable");
  }
}

function renew(core: Core, renewals: readonly Renewal[]): undefined {
  for (const { gate, next } of renewals) core.registry.renew(gate.session!, next.identity, next.account, next.clock);
  for (const { gate } of renewals) gate.renewed();
}

/** Another one as soon as any session of the connection has come, gone, or become another. */
function versionsOf(client: ClientInternals): string {
  return gatesOf(client).map(({ socket, session }) => `${socket.id} ${session!.version}`).join();
}
