/** Gives the sessions of an open connection new identities: all of those that are to change, or none. */
import type { AuditEvents } from "../audit-events.js";
import type { GuardIdentity } from "../authenticate/authenticator.js";
import { denial } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { Registry } from "../session/registry.js";
import { revoked, type Revoker } from "../session/revoker.js";
import { LiveSession } from "../session/session.js";
import type { UserCache } from "../session/user-cache.js";
import type { Connection } from "./connection.js";
import type { Gate } from "./gate.js";
import { copyOf, resetSocket } from "./socket-user.js";
import { sendSession } from "./notify.js";
import type { Users } from "./users.js";

/** A session that is to be renewed. */
export interface Renewal {
  readonly gate: Gate;
  /** The session as it would be. It holds its cached user, but is in no registry. */
  readonly next: LiveSession;
}

/** Adds the sessions that are to be renewed, or returns why none may be. */
export type Prepare = (renewals: Renewal[]) => Promise<Refusal | undefined>;

export interface RenewalsOptions {
  readonly audit: AuditEvents;
  readonly registry: Registry;
  readonly revoker: Revoker;
  readonly userCache: UserCache | undefined;
  readonly users: Users;
}

export class Renewals {
  readonly #options: RenewalsOptions;

  constructor(options: RenewalsOptions) {
    this.#options = options;
  }

  /** The session of this gate as it would be with this identity. */
  renewalOf(gate: Gate, identity: GuardIdentity): Renewal {
    const { registry, userCache } = this.#options;
    return { gate, next: new LiveSession(gate.socket.id, gate.socket.nsp.name, identity, userCache?.hold(identity), registry.context) };
  }

  /** Settles with undefined once all are renewed, or with why not: then nothing has changed. */
  async renew(connection: Connection, prepare: Prepare): Promise<Refusal | undefined> {
    for (;;) {
      const versions = versionsOf(connection);
      const renewals: Renewal[] = [];
      const notReady = await this.#getReady(prepare, renewals);
      // From here on nothing is awaited: what is checked is what changes.
      // If another renewal of this connection was faster, what was prepared may no longer be true.
      const isOutdated = versions !== versionsOf(connection);
      const refusal = isOutdated ? undefined : notReady ?? this.#check(renewals);
      if (refusal === undefined && !isOutdated) return this.#apply(renewals);
      for (const { next } of renewals) next.cachedUser?.release();
      if (refusal !== undefined) return refusal;
    }
  }

  async #getReady(prepare: Prepare, renewals: Renewal[]): Promise<Refusal | undefined> {
    try {
      const refusal = await prepare(renewals);
      if (refusal === undefined) await Promise.all([this.#options.revoker.ready(), ...renewals.map(({ next }) => next.cachedUser?.ready())]);
      return refusal;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #check(renewals: readonly Renewal[]): Refusal | undefined {
    const { revoker, users } = this.#options;
    try {
      for (const { gate, next } of renewals) {
        const isOtherSubject = gate.session!.subject !== next.subject;
        const refusal = next.invalidity(Date.now()) ?? (revoker.isRevoked(next) ? revoked : isOtherSubject ? users.overLimit(next) : undefined);
        if (refusal !== undefined) return refusal;
        // Handlers get a copy: a user that cannot be copied is found out before anything changes.
        if (!next.guest) copyOf(next.user);
      }
      return undefined;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #apply(renewals: readonly Renewal[]): undefined {
    const { audit, registry, users } = this.#options;
    const before = renewals.map(({ gate }) => gate.session!.subject);
    for (const { gate, next } of renewals) registry.renew(gate.session!, next.identity, next.cachedUser);
    for (const [place, { gate }] of renewals.entries()) {
      const session = gate.session!;
      const subject = before[place];
      if (subject !== undefined && subject !== session.subject) resetSocket(gate.socket);
      gate.showUser();
      sendSession(gate.socket, session);
      audit.emit("refreshed", () => ({ ...gate.details, before: subject }));
      if (subject !== session.subject) users.endOldest(session);
    }
  }

  #failed(error: unknown): Refusal {
    this.#options.audit.failed("authenticate", error);
    return new Refusal(denial("unavailable"), "the refresh failed: the audit event `failed` has the error");
  }
}

/** Differs as soon as a session of the connection was added, removed or changed. */
function versionsOf(connection: Connection): string {
  return connection.liveGates.map(({ socket, session }) => `${socket.id} ${session!.version}`).join();
}
