/** Why a login is refused: the denial for the client, and the reason for the host. */
import { denial, type Denial, type DenialCode, type DenialDetails } from "./protocol.js";

/** What an authenticator returns to refuse a handshake: see `refuse`. */
export class Refusal {
  readonly denial: Denial;
  /** For the logs of the host, such as "it has expired". It shows a claim only if an option names it, never the credential itself, and is never sent to a client. */
  readonly reason: string | undefined;

  constructor(denial: Denial, reason?: string) {
    this.denial = denial;
    this.reason = reason;
  }
}

/** A refusal of one of the guard's own events that also ends the session. */
export class FinalRefusal extends Refusal {}

/** The same refusal, with more details for the client. It stays of its own class. */
export function withDetails<Kind extends Refusal>(refusal: Kind, details: Pick<DenialDetails, "event" | "room">): Kind {
  const copy = Object.create(Object.getPrototypeOf(refusal) as object) as Kind;
  return Object.assign(copy, refusal, { denial: { ...refusal.denial, ...details } });
}

/**
 * What an authenticator of your own returns to refuse a handshake. The client is told `code` and `message`; `reason` is for
 * your logs, in the audit event `refused`, and must not hold anything of the credential.
 */
export function refuse(code: DenialCode, { reason, ...details }: Omit<DenialDetails, "event"> & { readonly reason?: string } = {}): Refusal {
  return new Refusal(denial(code, details), reason);
}
