/** Config -> the core: makes the parts, and tells each what it needs of the others. */
import { randomBytes } from "node:crypto";
import { addressOf } from "./authenticate/address.js";
import { FailedLogins } from "./authenticate/failed-logins.js";
import { tokenIdOf } from "./authenticate/token-id.js";
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
  const deadlines = new Deadlines();
  const revoker = makeRevoker(given, cluster, () => registry, failed("store"));
  const registry: Registry = new Registry(deadlines, revoker.freshness, signer && newSigning);
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
      deadlines,
      recheckAfter: config.findUserCacheFor,
      timeout: config.authenticateTimeout,
      gone: (account) => registry.endWhere((session) => session.account === account, denial("user_unknown"), registry.of(account.subject)),
      failed: (_account, error) => failed("findUser")(error),
    }),
    credentials,
    users: new Users({ registry, cluster, ...config.maxSessionsPerUser }),
    signin: signer && { signer, lasts: config.signinLifetime },
    failedLogins: new FailedLogins(),
    quarantine: new Quarantine(deadlines, config.login.within, (conn) => sendAway(given, conn)),
    staleFilter: config.onStale === "silence" ? new StaleFilter(server, revoker.freshness) : undefined,
    onDenied: config.onDenied,
    authenticateTimeout: config.authenticateTimeout,
    queue: config.queue,
    addressOf: ({ handshake }) => addressOf(handshake, config.trustProxy),
    closed: false,
    policyOf: (namespace) => namespaces.policyOf(namespace),
  };
}

const hintEvent = "guard:hint";

/** The registry looks at its freshness, so it is there a moment later. */
function makeRevoker({ config, server, namespaces }: Given, cluster: Cluster, registry: () => Registry, failed: (error: unknown) => void): Revoker {
  const revoker = new Revoker({
    store: config.store.revocations,
    maxStaleness: config.maxStaleness,
    onStale: config.onStale,
    // A session that is away outlives its token.
    maxLifetime: () => longestAway(server) + Math.max(config.signer === undefined ? 0 : config.signinLifetime, ...namespaces.authenticators.map(({ maxLifetime = longestLife }) => maxLifetime)),
    tokenIdOf: (token) => tokenIdOf(token, namespaces.authenticators),
    end: (covers, subjects) => registry().endWhere(covers, denial("token_revoked"), subjects?.flatMap((subject) => registry().of(subject))),
    hint: () => cluster.send(hintEvent),
    failed,
  });
  cluster.on(hintEvent, () => revoker.read());
  return revoker;
}

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

// Of an authenticator that does not say how long its credentials can hold.
const longestLife = 90 * 86_400_000;

function longestAway({ sockets }: ServerInternals): number {
  return sockets.server.opts.connectionStateRecovery?.maxDisconnectionDuration ?? 0;
}
