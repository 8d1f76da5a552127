/** Makes the parts of a guard from its config, gives each what it uses, and puts them on the server. */
import { randomBytes } from "node:crypto";
import type { Server } from "socket.io";
import type { AuditEvents, GuardAuditEvents } from "./audit-events.js";
import { ClientAddresses } from "./authenticate/address.js";
import { FailedLogins } from "./authenticate/failed-logins.js";
import type { FailureSource } from "./failure-warnings.js";
import { Namespaces } from "./namespaces.js";
import type { Config } from "./options.js";
import { denial, refreshEvent, signinEvent } from "./protocol.js";
import type { Refusal } from "./refusal.js";
import { Reporter } from "./report.js";
import { Registry } from "./session/registry.js";
import { Revoker } from "./session/revoker.js";
import type { Signing } from "./session/session.js";
import { UserCache, userUnknown } from "./session/user-cache.js";
import { roomHandlers } from "./rooms/handlers.js";
import { Memberships } from "./rooms/memberships.js";
import { Presence } from "./rooms/presence.js";
import { Admission } from "./socket/admission.js";
import { attach } from "./socket/attach.js";
import { Cluster } from "./socket/cluster.js";
import { Connections } from "./socket/connection.js";
import { Redactor } from "./socket/redact.js";
import { Counts, type Gate, type GuardEvent } from "./socket/gate.js";
import { internalsOf, type EngineConnection, type ServerInternals } from "./socket/internals.js";
import { NamespaceGuard } from "./socket/namespace.js";
import { OpenNamespace } from "./socket/open-namespace.js";
import { recoveryOf } from "./socket/recovery.js";
import { refreshHandler } from "./socket/refresh.js";
import { Renewals } from "./socket/renewal.js";
import { signinHandler } from "./socket/signin.js";
import { StaleFilter } from "./socket/stale-filter.js";
import { sendConnectError } from "./socket/notify.js";
import { Users } from "./socket/users.js";

/** The parts that the methods of a guard use. */
export interface GuardContext {
  readonly admission: Admission;
  readonly connections: Connections;
  readonly counts: Counts;
  readonly redactor: Redactor;
  readonly reporter: Reporter;
  readonly namespaces: Namespaces;
  readonly registry: Registry;
  readonly revoker: Revoker;
  readonly userCache: UserCache | undefined;
  readonly users: Users;
  readonly memberships: Memberships;
  readonly presence: Presence;
  readonly server: ServerInternals;
}

const hintEvent = "guard:hint";

export function createContext(io: Server, config: Config, audit: AuditEvents): GuardContext {
  const { authenticateTimeout, findUser, login, mode, onDenied, onStale, origins, queue, signer, signinLifetime } = config;
  const failed = (source: FailureSource) => (error: unknown) => audit.failed(source, error);
  const server = internalsOf(io);
  const namespaces = new Namespaces(io, config, (event, error) => audit.failed("check", error, event), failed("apiKeys"));
  const addresses = new ClientAddresses(config.trustProxy);
  const cluster = new Cluster(server, failed("adapter"));
  const counts = new Counts();
  const redactor = new Redactor();
  redactor.add(config.authenticate);
  const failedLogins = login.throttle ? new FailedLogins() : undefined;
  const reporter = new Reporter(audit, mode);
  const isReporting = mode.events === "report";
  const isOpen = mode.authenticate === "report";
  const freshness = { staleAt: Infinity };

  const registry = new Registry({ freshness, newSigning: () => signer !== undefined || namespaces.hasRooms ? newSigning() : undefined }, (session) => memberships.sessionChanged(session));
  const presence = new Presence({ server, cluster, timeout: config.maxStaleness, isSilent: () => onStale === "silence" && Date.now() >= freshness.staleAt });
  const memberships = new Memberships({ server, registry, audit, presence });
  const revoker = new Revoker({
    store: config.store.revocations,
    maxStaleness: config.maxStaleness,
    onStale,
    freshness,
    registry,
    authenticators: () => namespaces.authenticators,
    signinLifetime: signer === undefined ? 0 : signinLifetime,
    recoverableFor: server.sockets.server.opts.connectionStateRecovery?.maxDisconnectionDuration ?? 0,
    onEvict: (eviction) => memberships.evict(eviction),
    onUsersChanged: async (subjects) => {
      const recheck = () => Promise.all([...subjects].map((subject) => memberships.recheckSubject(subject)));
      // Rules may read what the host alone knows. What `findUser` answers is another change.
      await Promise.all([recheck(), userCache?.refresh(subjects)]);
      if (userCache !== undefined) await recheck();
    },
    onNoticesMissed: () => memberships.recheckAll(),
    onPublished: () => cluster.send(hintEvent),
    onSynchronized: () => audit.recovered("store"),
    onError: failed("store"),
  });
  cluster.on(hintEvent, () => revoker.read());
  const userCache = findUser && new UserCache({
    findUser,
    cacheFor: config.findUserCacheFor,
    timeout: authenticateTimeout,
    onGone: (user) => registry.endAll((session) => session.cachedUser === user, userUnknown, registry.of(user.subject)),
    onChanged: (user) => { for (const session of registry.of(user.subject)) memberships.sessionChanged(session); },
    onError: failed("findUser"),
    onRecovered: () => audit.recovered("findUser"),
  });
  const users = new Users({ server, registry, cluster, ...config.maxSessionsPerUser });

  const connections = new Connections({
    registry,
    loginTimeout: login.timeout,
    loginAttempts: login.attempts,
    onLoginTimeout: (conn) => {
      if (isOpen) reporter.wouldRefuse(loginTimedOut(conn));
      else closeUnauthenticated(conn, server, audit);
    },
  });
  const admission = new Admission({ addresses, audit, failedLogins, redactor: isOpen ? undefined : redactor, origins: isOpen ? origins : undefined, registry, revoker, userCache, users, authenticateTimeout });
  const renewals = new Renewals({ audit, registry, revoker, userCache, users });
  const guardEvents = new Map<string, GuardEvent>([[refreshEvent, refreshHandler({ admission, connections, failedLogins, renewals })], ...roomHandlers(memberships, (error, event) => audit.failed("check", error, event))]);
  if (signer !== undefined) guardEvents.set(signinEvent, signinHandler({ signer, lifetime: signinLifetime, connections, renewals }));

  const gateContext = { registry, audit, counts, onDenied, queueLimit: queue, guardEvents, addresses, leaveRooms: (gate: Gate) => memberships.forget(gate), endRooms: (gate: Gate, why: Refusal) => memberships.endAll(gate, why), reporter: isReporting ? reporter : undefined };
  const staleFilter = onStale === "silence" && !isOpen ? new StaleFilter(server, freshness) : undefined;
  const rulesOf = (namespace: string) => namespaces.rulesOf(namespace);
  attach(io, {
    audit,
    connections,
    origins: isOpen ? undefined : origins,
    guardNamespace: (namespace) => {
      if (isOpen) new OpenNamespace(namespace, { connections, admission, gateContext, rulesOf });
      else new NamespaceGuard(namespace, { connections, admission, users, staleFilter, gateContext, rulesOf, recovery: recoveryOf(namespace, { revoker, audit, timeout: authenticateTimeout }) });
    },
  });
  return { admission, connections, counts, redactor, reporter, namespaces, registry, revoker, userCache, users, memberships, presence, server };
}

/** Closes a connection that has no session. It is in no namespace, so its client is told by a refused handshake of the main one. */
function closeUnauthenticated(conn: EngineConnection, server: ServerInternals, audit: AuditEvents): void {
  audit.emit("refused", () => loginTimedOut(conn));
  sendConnectError(server, conn, denial("login_timeout"));
  // Without waiting for a client that reads nothing.
  conn.close(true);
}

function loginTimedOut({ remoteAddress }: EngineConnection): GuardAuditEvents["refused"] {
  return { code: "login_timeout", namespace: "", address: remoteAddress, reason: "the connection had no session within `login.timeout`" };
}

/** Has the form of Pusher's `socket_id`, and cannot be guessed. No two sessions of a cluster have the same. */
function newSigning(): Signing {
  const random = randomBytes(16);
  return { id: `${random.readBigUInt64BE(0)}.${random.readBigUInt64BE(8)}`, since: Date.now() };
}
