/** Sessions of an open connection become somebody else's, or last longer: all that are to change do, or none. */
import type { Identity } from "../authenticate/authenticator.js";
import { denial, type Denial } from "../protocol.js";
import { LiveSession } from "../session/session.js";
import { copyOf } from "./copy.js";
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
    const notReady = await getReady(core, prepare, renewals);
    // From here on nothing is awaited: what is looked at is what changes.
    // Another renewal of this connection was faster: what was found may be true no longer.
    const isOld = versions !== versionsOf(client);
    const denied = isOld ? undefined : notReady ?? look(core, renewals);
    if (denied === undefined && !isOld) return renew(core, renewals);
    for (const { next } of renewals) next.account?.release();
    if (denied !== undefined) return denied;
  }
}

/** The session that this gate would have as this identity. */
export function renewalOf(core: Core, gate: Gate, identity: Identity): Renewal {
  return { gate, next: new LiveSession(gate.socket.id, identity, core.accounts?.hold(identity), gate, core.registry) };
}

/** The gates of a connection whose sessions live. */
export function gatesOf(client: ClientInternals): Gate[] {
  const gates = [...client.sockets.values()].flatMap((socket) => (socket[gateKey] as Gate | undefined) ?? []);
  return gates.filter(({ session }) => session !== undefined && session.ended === undefined);
}

async function getReady(core: Core, prepare: Prepare, renewals: Renewal[]): Promise<Denial | undefined> {
  try {
    const denied = await prepare(renewals);
    if (denied === undefined) await Promise.all([core.revoker.ready(), ...renewals.map(({ next }) => next.account?.known())]);
    return denied;
  } catch (error) {
    return failed(core, error);
  }
}

function look(core: Core, renewals: readonly Renewal[]): Denial | undefined {
  try {
    const code = renewals.map(({ next }) => next.refusal(Date.now()) ?? core.revoker.refusal(next)).find((found) => found !== undefined);
    if (code !== undefined) return denial(code);
    // Handlers get a copy: what cannot be copied is found out before anything changes.
    for (const { next } of renewals) if (!next.guest) copyOf(next.user);
    const others = renewals.filter(({ gate, next }) => gate.session!.subject !== next.subject);
    return others.map(({ next }) => core.users.overLimit(next)).find((found) => found !== undefined);
  } catch (error) {
    return failed(core, error);
  }
}

function failed(core: Core, error: unknown): Denial {
  core.audit.emit("failed", () => ({ in: "authenticate", error }));
  return denial("unavailable");
}

function renew(core: Core, renewals: readonly Renewal[]): undefined {
  const before = renewals.map(({ gate }) => gate.session!.subject);
  for (const { gate, next } of renewals) core.registry.renew(gate.session!, next.identity, next.account);
  renewals.forEach(({ gate }, place) => gate.renewed(before[place]));
  renewals.forEach(({ gate }, place) => { if (gate.session!.subject !== before[place]) core.users.endOldest(gate.session!); });
}

/** Another one as soon as any session of the connection has come, gone, or become another. */
function versionsOf(client: ClientInternals): string {
  return gatesOf(client).map(({ socket, session }) => `${socket.id} ${session!.version}`).join();
}
