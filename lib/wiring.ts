/** Config -> the core: makes the parts, and tells each what it needs of the others. */
import { randomBytes } from "node:crypto";
import { ClientAddresses } from "./authenticate/address.js";
import { FailedLogins } from "./authenticate/failed-logins.js";
import type { AuditEvents, GuardAuditEvents } from "./audit-events.js";
import type { Namespaces } from "./namespaces.js";
import type { Config } from "./options.js";
import { denial } from "./protocol.js";
import { UserCache } from "./session/user-cache.js";
import { Deadlines } from "./session/deadlines.js";
import { Registry } from "./session/registry.js";
import { Revoker } from "./session/revoker.js";
import type { Signing } from "./session/session.js";
import { Closer } from "./socket/closer.js";
import { Cluster } from "./socket/cluster.js";
import { Connections } from "./socket/connections.js";
import { Counts, type Core } from "./socket/core.js";
import { Credentials } from "./socket/credentials.js";
import type { EngineConnection, ServerInternals } from "./socket/internals.js";
import { Quarantine } from "./socket/quarantine.js";
import { tellConnection } from "./socket/tell.js";
import { StaleFilter } from "./socket/stale-filter.js";
import { Users } from "./socket/users.js";

interface Given {
  readonly config: Config;
  readonly server: ServerInternals;
  readonly namespaces: Namespaces;
  readonly audit: AuditEvents;
}

export function wire(given: Given): Core {
  const { config, server, namespaces, audit } = given;
  const { findUser, signer } = config;
  const failed = (where: GuardAuditEvents["failed"]["in"]) => (error: unknown) => audit.emit("failed", () => ({ in: where, error }));
  const cluster = new Cluster(server, failed("adapter"));
  const addresses = new ClientAddresses(config.trustProxy);
  const deadlines = new Deadlines();
  const freshness = { staleAt: Infinity };
  const registry = new Registry(deadlines, freshness, signer && newSigning);
  const revoker = new Revoker({
    store: config.store.revocations,
    maxStaleness: config.maxStaleness,
    onStale: config.onStale,
    freshness,
    registry,
    authenticators: () => namespaces.authenticators,
    signinLifetime: signer === undefined ? 0 : config.signinLifetime,
    recoverableFor: recoverableFor(server),
    onPublished: () => cluster.send(hintEvent),
    onError: failed("store"),
  });
  cluster.on(hintEvent, () => revoker.read());
  const closer = new Closer(() => deadlines.catchUp());
  const credentials = new Credentials();
  credentials.add(config.chain);
  return {
    registry,
    revoker,
    audit,
    closer,
    connections: new Connections(closer, config.login.attempts),
    counts: new Counts(),
    accounts: findUser && new UserCache({
      findUser,
      cacheFor: config.findUserCacheFor,
      timeout: config.authenticateTimeout,
      onGone: (user) => registry.endWhere((session) => session.account === user, denial("user_unknown"), registry.of(user.subject)),
      onError: failed("findUser"),
    }),
    credentials,
    users: new Users({ registry, cluster, ...config.maxSessionsPerUser }),
    signin: signer && { signer, lasts: config.signinLifetime },
    failedLogins: config.login.throttle ? new FailedLogins() : undefined,
    quarantine: new Quarantine(deadlines, config.login.timeout, (conn) => sendAway(given, conn)),
    staleFilter: config.onStale === "silence" ? new StaleFilter(server, freshness) : undefined,
    onDenied: config.onDenied,
    authenticateTimeout: config.authenticateTimeout,
    queue: config.queue,
    addressOf: ({ handshake }) => addresses.of(handshake),
    networkOf: ({ handshake }) => addresses.networkOf(handshake),
    closed: false,
    policyOf: (namespace) => namespaces.policyOf(namespace),
  };
}

const hintEvent = "guard:hint";

/** It has joined no namespace in which it could be told why: as at a refused handshake of the first one. */
function sendAway({ server, audit }: Given, conn: EngineConnection): void {
  const reason = denial("login_timeout");
  audit.emit("refused", () => ({ code: reason.code, namespace: "", address: conn.remoteAddress }));
  tellConnection(server, conn, reason);
  // Without waiting for one that takes nothing.
  conn.close(true);
}

/** Of the form of Pusher's `socket_id`, and not to be guessed: no two sessions of a cluster have the same. */
function newSigning(): Signing {
  const random = randomBytes(16);
  return { id: `${random.readBigUInt64BE(0)}.${random.readBigUInt64BE(8)}`, since: Date.now() };
}

function recoverableFor({ sockets }: ServerInternals): number {
  return sockets.server.opts.connectionStateRecovery?.maxDisconnectionDuration ?? 0;
}
