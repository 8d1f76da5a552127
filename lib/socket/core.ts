/** What all sockets of one guard share. */
import type { Authenticator } from "../authenticate/authenticator.js";
import type { Facts } from "../facts.js";
import type { Policy } from "../policy/compile.js";
import type { OnDenied } from "../policy/rules.js";
import type { Accounts } from "../session/accounts.js";
import type { Revocable } from "../session/revocation.js";
import type { Registry } from "../session/registry.js";
import type { Closer } from "./closer.js";
import type { Connections } from "./connections.js";
import type { Credentials } from "./credentials.js";

/** What holds in one namespace. */
export interface NamespacePolicy {
  readonly policy: Policy;
  readonly chain: readonly Authenticator[];
}

export interface Core {
  readonly registry: Registry;
  readonly accounts: Accounts | undefined;
  readonly facts: Facts;
  readonly closer: Closer;
  readonly connections: Connections;
  readonly counts: Counts;
  readonly credentials: Credentials;
  readonly onDenied: OnDenied;
  readonly authenticateTimeout: number;
  readonly queue: number;
  /** Afterwards everything is refused. */
  closed: boolean;
  /** Whether this identity is revoked, as far as this node knows. */
  covers(revocable: Revocable): boolean;
  policyOf(namespace: string): NamespacePolicy;
}

export class Counts {
  allowed = 0;
  denied = 0;
  refused = 0;
}
