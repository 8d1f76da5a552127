/** `guard:refresh`: a new credential for the sessions of a connection that stays open. */
import type { AuditEvents } from "../audit-events.js";
import type { Login } from "../authenticate/chain.js";
import type { FailedLogins } from "../limits/login/failed-logins.js";
import type { Measurements } from "../metrics/measurements.js";
import { denial, type Denial } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { Admission } from "./admission.js";
import type { Connections } from "./connection.js";
import type { Gate, GuardEvent } from "./gate.js";
import type { Renewal, Renewals } from "./renewal.js";
import { expiryOf } from "./notify.js";
import { tellThrottled } from "./throttled.js";

export interface RefreshOptions {
  readonly admission: Admission;
  readonly connections: Connections;
  /** Undefined if failed logins are not limited. */
  readonly failedLogins: FailedLogins | undefined;
  readonly renewals: Renewals;
  readonly audit: AuditEvents;
  readonly measurements: Measurements;
}

/** Renews every session of the connection that has the subject of the asker, or that of the new credential. Answers with the new end. */
export function refreshHandler({ admission, connections, failedLogins, renewals, audit, measurements }: RefreshOptions): GuardEvent {
  return async (asker, auth) => {
    const answer = await refresh(asker, auth);
    if (answer instanceof Refusal) tellThrottled(answer, () => asker.details, { audit, measurements });
    return answer;
  };

  async function refresh(asker: Gate, auth: unknown): Promise<object | Refusal> {
    if (typeof auth !== "object" || auth === null) return new Refusal(denial("event_malformed"));
    const throttled = failedLogins?.networkRefusal(admission.networkOf(asker.socket));
    // For a guest this is a login. Signed-in users may renew their own sessions, even if others at the same address failed to log in.
    if (asker.session!.guest && throttled !== undefined) return throttled;
    const connection = connections.of(asker.socket.client.conn);
    const refusal = await renewals.renew(connection, (found) => prepare(asker, connection.liveGates, auth, found, throttled ?? notRenewed));
    return refusal ?? expiryOf(asker.session!);
  }

  async function prepare(asker: Gate, gates: readonly Gate[], auth: object, found: Renewal[], otherUser: Refusal): Promise<Refusal | undefined> {
    const old = asker.session!.subject;
    const asked = await reauthenticate(asker, auth);
    if (asked instanceof Refusal) return old === undefined ? asked : refuseRenewal(failedLogins, asked, otherUser);
    const { subject } = asked.identity;
    if (old !== undefined && subject !== undefined && old !== subject) return refuseRenewal(failedLogins, asked, otherUser);
    for (const gate of gates) {
      const held = gate.session!.subject;
      if (held !== old && held !== subject) continue;
      const login = gate.rules.chain === asker.rules.chain ? asked : await reauthenticate(gate, auth);
      const fits = !(login instanceof Refusal) && login.identity.subject === subject;
      // A guest may stay one where its namespace does not accept the credential. A user does not stay signed in if its other sessions do not.
      if (!fits && held === undefined && gate !== asker) continue;
      if (!fits) return refuseRenewal(failedLogins, login, otherUser);
      found.push(renewals.renewalOf(gate, login.identity));
    }
    failedLogins?.succeeded(asked.attempt);
    return undefined;
  }

  function reauthenticate(gate: Gate, auth: object): Login | Refusal | Promise<Login | Refusal> {
    // The headers and cookies of the handshake are old: only a new request would bring the current ones.
    return admission.authenticate(gate, auth, {}, admission.networkOf(gate.socket));
  }
}

const notRenewed = new Refusal(
  denial("credential_invalid", { message: "This credential does not renew your session. To change users, connect again." }),
  "the credential is wrong, or is of another user than the session",
);

/**
 * A right credential of another user counts and is answered as a wrong one, and both leave the session as it was. Otherwise
 * a signed-in user could guess the passwords of others on an open connection.
 */
function refuseRenewal(failedLogins: FailedLogins | undefined, outcome: Login | Refusal, otherUser: Refusal): Refusal {
  if (outcome instanceof Refusal) return isHarmless(outcome.denial) ? outcome : otherUser;
  failedLogins?.failed(outcome.attempt);
  return otherUser;
}

const harmlessCodes: ReadonlySet<string> = new Set(["token_missing", "token_malformed", "credential_malformed", "token_not_active", "token_expired", "credential_expired"]);

/** Whether a denial does not depend on whether a secret was right. */
function isHarmless({ code, status }: Denial): boolean {
  return harmlessCodes.has(code) || status === 429 || status >= 500;
}
