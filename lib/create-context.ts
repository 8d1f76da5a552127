/** Makes the parts of a guard from its config, gives each what it uses, and puts them on the server. */
import { randomBytes } from "node:crypto";
import type { Server } from "socket.io";
import type { AuditEvents, GuardAuditEvents } from "./audit-events.js";
import { ClientAddresses } from "./authenticate/address.js";
import type { FailureSource } from "./failure-warnings.js";
import { OpenConnections } from "./limits/connection-limits.js";
import { LimitSet } from "./limits/limit-set.js";
import { FailedLogins } from "./limits/login/failed-logins.js";
import { SharedLimits } from "./limits/shared-limits.js";
import { Measurements } from "./metrics/measurements.js";
import { Namespaces } from "./namespaces.js";
import { KeyWatch } from "./key-changes.js";
import type { Config } from "./options.js";
import { refreshEvent, signinEvent } from "./protocol.js";
import type { Refusal } from "./refusal.js";
import { Reporter } from "./report.js";
import { Registry } from "./session/registry.js";
import { Revoker } from "./session/revoker.js";
import type { Revocation } from "./session/revocation.js";
import type { Signing } from "./session/session.js";
import { UserCache, userUnknown } from "./session/user-cache.js";
import { roomHandlers } from "./rooms/handlers.js";
import { Memberships } from "./rooms/memberships.js";
import { Presence } from "./rooms/presence.js";
import { Admission } from "./socket/admission.js";
import { attach } from "./socket/attach.js";
import { Cluster } from "./socket/cluster.js";
import { Connections } from "./socket/connection.js";
import { refusalOfMessage } from "./socket/large-messages.js";
import { Redactor } from "./socket/redact.js";
import type { Gate, GuardEvent } from "./socket/gate.js";
import { internalsOf, type ServerInternals } from "./socket/internals.js";
import { NamespaceGuard } from "./socket/namespace.js";
import { OpenNamespace } from "./socket/open-namespace.js";
import { recoveryOf } from "./socket/recovery.js";
import { refreshHandler } from "./socket/refresh.js";
import { Renewals } from "./socket/renewal.js";
import { signinHandler } from "./socket/signin.js";
import { StaleFilter } from "./socket/stale-filter.js";
import { Strangers } from "./socket/strangers.js";
import { Users } from "./socket/users.js";

/** The parts that the methods of a guard use. */
export interface GuardContext {
  readonly admission: Admission;
  readonly connections: Connections;
  readonly keyWatch: KeyWatch;
  readonly measurements: Measurements;
  readonly redactor: Redactor;
  readonly reporter: Reporter;
  readonly namespaces: Namespaces;
  readonly registry: Registry;
  readonly revoker: Revoker;
  readonly userCache: UserCache | undefined;
  readonly users: Users;
  readonly memberships: Memberships;
  readonly presence: Presence;
  /** Undefined if this node counts limits alone. */
  readonly sharedLimits: SharedLimits | undefined;
  readonly server: ServerInternals;
}

const hintEvent = "guard:hint";
const loginEvent = "guard:login";

export function createContext(io: Server, config: Config, audit: AuditEvents): GuardContext {
  const { authenticateTimeout, findUser, login, mode, onDenied, onStale, origins, queue, signer, signinLifetime } = config;
  const failed = (source: FailureSource) => (error: unknown) => audit.failed(source, error);
  const server = internalsOf(io);
  const measurements = new Measurements();
  const { durations, tallies } = measurements;
  const sharedLimits = config.limits.store && new SharedLimits({ store: config.limits.store, onError: failed("limits"), onRecovered: () => audit.recovered("limits") });
  const limits = new LimitSet(config.limits, sharedLimits);
  const keyWatch = new KeyWatch(({ type, key }) => audit.emit(type, () => key));
  const namespaces = new Namespaces(io, config, {
    limits,
    onCheckError: (event, error) => audit.failed("check", error, event),
    onStoreError: failed("apiKeys"),
    watchKeys: (owner) => keyWatch.watch(owner),
    tallyOf: (event) => tallies.of(event),
  });
  const addresses = new ClientAddresses(config.trustProxy);
  const cluster = new Cluster(server, failed("adapter"));
  const redactor = new Redactor();
  redactor.add(config.authenticate);
  const failedLogins = config.limits.login && new FailedLogins(config.limits.login, (news) => cluster.send(loginEvent, news));
  if (failedLogins !== undefined) cluster.on(loginEvent, (news: unknown) => failedLogins.told(news));
  const reporter = new Reporter(audit, mode);
  const isReporting = mode.events === "report";
  const isOpen = mode.authenticate === "report";
  const freshness = { staleAt: Infinity };

  const registry = new Registry({ freshness, newSigning: () => signer !== undefined || namespaces.hasRooms ? newSigning() : undefined }, (session) => memberships.sessionChanged(session));
  const presence = new Presence({ server, cluster, timeout: config.maxStaleness, isSilent: () => onStale === "silence" && Date.now() >= freshness.staleAt });
  const memberships = new Memberships({ server, registry, audit, presence, measurements });
  const revoker = new Revoker({
    store: config.store.revocations,
    maxStaleness: config.maxStaleness,
    onStale,
    freshness,
    registry,
    authenticators: () => namespaces.authenticators,
    signinLifetime: signer === undefined ? 0 : signinLifetime,
    recoverableFor: server.sockets.server.opts.connectionStateRecovery?.maxDisconnectionDuration ?? 0,
    onRevoked: (record, by) => audit.emit("revoked", () => ({ ...revokedBy(record), ...by })),
    onEvict: (eviction) => memberships.evict(eviction),
    onUsersChanged: async (subjects) => {
      const recheck = () => Promise.all([...subjects].map((subject) => memberships.recheckSubject(subject)));
      // Rules may read what the host alone knows. What `findUser` answers is another change.
      await Promise.all([recheck(), userCache?.refresh(subjects)]);
      if (userCache !== undefined) await recheck();
    },
    onNoticesMissed: () => memberships.recheckAll(),
    onRead: (startedAt) => durations.record("storeRead", startedAt, undefined),
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
    onSettled: (startedAt) => durations.record("findUser", startedAt, undefined),
    onRecovered: () => audit.recovered("findUser"),
  });
  const users = new Users({ server, registry, cluster, ...config.maxSessionsPerUser });

  const strangers = new Strangers({ server, addresses, audit, measurements, open: new OpenConnections(config.limits.connections), reporter: isOpen ? reporter : undefined });
  const connections = new Connections({
    registry,
    loginTimeout: login.timeout,
    loginAttempts: login.attempts,
    refusalOfMessage: isReporting ? undefined : (message) => refusalOfMessage(message, config.limits.messageSize),
    onLoginTimeout: (conn) => strangers.loginTimedOut(conn),
    onClosed: (conn) => strangers.leave(conn),
  });
  const admission = new Admission({ addresses, audit, failedLogins, redactor: isOpen ? undefined : redactor, origins: isOpen ? origins : undefined, registry, revoker, userCache, users, authenticateTimeout, measurements, maxPending: isOpen ? Infinity : config.limits.pendingHandshakes });
  const renewals = new Renewals({ audit, registry, revoker, userCache, users });
  const guardEvents = new Map<string, GuardEvent>([[refreshEvent, refreshHandler({ admission, connections, failedLogins, renewals, audit, measurements })], ...roomHandlers(memberships, limits, (error, event) => audit.failed("check", error, event))]);
  if (signer !== undefined) guardEvents.set(signinEvent, signinHandler({ signer, lifetime: signinLifetime, connections, renewals }));

  const gateContext = { registry, audit, measurements, onDenied, queueLimit: queue, limits, disconnectAfter: config.limits.disconnectAfter, guardEvents, addresses, leaveRooms: (gate: Gate) => memberships.forget(gate), endRooms: (gate: Gate, why: Refusal) => memberships.endAll(gate, why), reporter: isReporting ? reporter : undefined };
  const staleFilter = onStale === "silence" && !isOpen ? new StaleFilter(server, freshness) : undefined;
  const rulesOf = (namespace: string) => namespaces.rulesOf(namespace);
  attach(io, {
    addresses,
    audit,
    connections,
    measurements,
    strangers,
    origins: isOpen ? undefined : origins,
    guardNamespace: (namespace) => {
      if (isOpen) new OpenNamespace(namespace, { connections, admission, gateContext, rulesOf });
      else new NamespaceGuard(namespace, { connections, admission, users, staleFilter, gateContext, rulesOf, recovery: recoveryOf(namespace, { revoker, audit, timeout: authenticateTimeout }) });
    },
  });
  return { admission, connections, keyWatch, measurements, redactor, reporter, namespaces, registry, revoker, userCache, users, memberships, presence, sharedLimits, server };
}

/** What an audit event says about a revocation. */
function revokedBy({ kind, value, issuedBefore }: Revocation): GuardAuditEvents["revoked"] {
  const name = { token: "tokenId", subject: "subject", session: "session", all: undefined }[kind];
  return { target: kind, ...(name !== undefined && { [name]: value }), issuedBefore };
}

/** Has the form of Pusher's `socket_id`, and cannot be guessed. No two sessions of a cluster have the same. */
function newSigning(): Signing {
  const random = randomBytes(16);
  return { id: `${random.readBigUInt64BE(0)}.${random.readBigUInt64BE(8)}`, since: Date.now() };
}
