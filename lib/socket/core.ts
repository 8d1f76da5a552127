/** What all sockets of one guard share. */
import type { Authenticator } from "../authenticate/authenticator.js";
import type { FailedLogins } from "../authenticate/failed-logins.js";
import type { AuditEvents } from "../audit-events.js";
import type { Policy } from "../policy/compile.js";
import type { OnDenied } from "../policy/rules.js";
import type { UserCache } from "../session/user-cache.js";
import type { Registry } from "../session/registry.js";
import type { Signer } from "../signer.js";
import type { Revoker } from "../session/revoker.js";
import type { Closer } from "./closer.js";
import type { Connections } from "./connections.js";
import type { Credentials } from "./credentials.js";
import type { SocketInternals } from "./internals.js";
import type { Quarantine } from "./quarantine.js";
import type { StaleFilter } from "./stale-filter.js";
import type { Users } from "./users.js";

/** What holds in one namespace. */
export interface NamespacePolicy {
  readonly policy: Policy;
  readonly chain: readonly Authenticator[];
}

export interface Core {
  readonly registry: Registry;
  readonly revoker: Revoker;
  readonly accounts: UserCache | undefined;
  readonly audit: AuditEvents;
  readonly closer: Closer;
  readonly connections: Connections;
  readonly counts: Counts;
  readonly credentials: Credentials;
  readonly users: Users;
  /** Whose signatures say who a user is, and for how many milliseconds; undefined where nobody's do. */
  readonly signin: { readonly signer: Signer; readonly lasts: number } | undefined;
  /** Undefined if failed logins are not limited. */
  readonly failedLogins: FailedLogins | undefined;
  readonly quarantine: Quarantine;
  /** Present with `onStale: "silence"`. */
  readonly staleFilter: StaleFilter | undefined;
  readonly onDenied: OnDenied;
  readonly authenticateTimeout: number;
  readonly queue: number;
  /** The address that a socket comes from, behind the proxies that are trusted. */
  addressOf(socket: SocketInternals): string;
  /** The network by which its failed logins are counted; undefined if its address is not known. */
  networkOf(socket: SocketInternals): string | undefined;
  /** Afterwards everything is refused. */
  closed: boolean;
  policyOf(namespace: string): NamespacePolicy;
}

export class Counts {
  allowed = 0;
  denied = 0;
  refused = 0;
}
