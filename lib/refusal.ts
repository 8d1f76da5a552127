/** Why a login is refused: the denial for the client, and the reason for the host. */
import type { Denial } from "./protocol.js";

export class Refusal {
  readonly denial: Denial;
  /** For the logs of the host, such as "its `iss` is not the issuer". It never holds anything of a credential, and is never sent to a client. */
  readonly reason: string | undefined;

  constructor(denial: Denial, reason?: string) {
    this.denial = denial;
    this.reason = reason;
  }
}
