/** guard(io, options): the only wiring. */
import { randomBytes } from "node:crypto";
import type { Server } from "socket.io";
import { addressOf } from "./authenticate/address.js";
import { FailedLogins } from "./authenticate/failed-logins.js";
import { tokenIdOf } from "./authenticate/token-id.js";
import { factNames, Facts, isFactName, type FactListener, type FactName, type GuardFacts } from "./facts.js";
import { Namespaces } from "./namespaces.js";
import { readOptions, type Authenticate, type ClaimsOf, type Config, type GuardOptions, type NamespaceOptions } from "./options.js";
import { denial, GuardError } from "./protocol.js";
import { Accounts } from "./session/accounts.js";
import { Deadlines } from "./session/deadlines.js";
import { Registry } from "./session/registry.js";
import { Revoker, type Revoke } from "./session/revoker.js";
import type { FindUser } from "./session/account.js";
import type { Session, Signing } from "./session/session.js";
import { attach, checkServer } from "./socket/attach.js";
import { Cluster } from "./socket/cluster.js";
import { Closer } from "./socket/closer.js";
import { Connections } from "./socket/connections.js";
import { Credentials } from "./socket/credentials.js";
import { Counts, type Core } from "./socket/core.js";
import { gateKey, internalsOf, type EngineConnection, type ServerInternals, type SocketInternals } from "./socket/internals.js";
import { Quarantine } from "./socket/quarantine.js";
import { tellConnection } from "./socket/tell.js";
import { Users } from "./socket/users.js";

/** Numbers since the start, and how many sessions there are now. */
export interface GuardStats {
  readonly sessions: number;
  readonly allowed: number;
  readonly denied: number;
  readonly refused: number;
}

/** Emits to a user. */
export interface ToUser<ServerToClient = Record<string, (...args: unknown[]) => void>> {
  emit<Event extends keyof ServerToClient & string>(event: Event, ...args: ArgumentsOf<ServerToClient[Event]>): void;
}

type ArgumentsOf<Listener> = Listener extends (...args: infer Args) => unknown ? (unknown[] extends Args ? unknown[] : Args) : never;

/** A guarded server. */
export interface Guard<Claims, User, ServerToClient = Record<string, (...args: unknown[]) => void>> {
  /** The session of one of this node's own sockets; undefined for one that was not let in. A guest's `claims` are empty. */
  session(socket: { readonly id: string; readonly conn: unknown }): Session<Claims> | undefined;
  /**
   * Gives a namespace, or all whose names match a pattern, its own map; what it does not name is inherited. To be
   * called before the server listens.
   * @throws GuardError `option_unknown`, and what reading events and authenticators throws
   */
  of<ClientToServer = Record<string, never>>(namespace: string | RegExp, options: NamespaceOptions<ClientToServer, Claims, User>): this;
  /**
   * Asks `findUser` for this subject now. Settles when the answer is in, and a user that is gone has been sent away.
   * @throws GuardError (the promise rejects) `find_user_missing`
   */
  userChanged(subject: string): Promise<void>;
  /** Emits to every socket of a user, in whatever namespace, on every node that the adapter reaches. A node that is cut off misses it. */
  toUser(subject: string): ToUser<ServerToClient>;
  /** Ends every session of a user, on every node that the adapter reaches. Its tokens hold: to take those back, `revoke`. */
  disconnectUser(subject: string): void;
  /**
   * Ends what is covered: sessions of this node at once, those of other nodes as soon as they hear, and handshakes from now on.
   * Settles when the store holds the record. A token's `iat` counts, up to and including `issuedBefore`; without an `iat` it
   * counts with its subject. Records live for the longest `maxLifetime` there is.
   * @throws GuardError (the promise rejects) `revoke_invalid`, the denial's code for a raw token that does not verify, or
   * `store_unavailable` (the sessions of this node have ended all the same, and the record is published later)
   */
  revoke(what: Revoke): Promise<void>;
  /** Revokes whatever anybody was issued until then. @default issuedBefore: now. @throws as `revoke` */
  revokeAll(until?: { readonly issuedBefore?: Date | number }): Promise<void>;
  /** Hears of what happens. The same facts are published on `node:diagnostics_channel` as `socket.io-guard:<name>`. */
  on<Name extends FactName>(name: Name, listener: FactListener<Name>): this;
  stats(): GuardStats;
  /**
   * Ends every session as `server_closing`; afterwards everything is refused. Settles when the clients have heard it, or
   * after a second: close `io` then.
   */
  close(): Promise<void>;
}

/** What a host's event maps are: the same as Socket.IO's own constraint, which it does not export. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- an interface fits an index signature of nothing else
type EventsMap = { [event: string]: any };

type IsAny<Type> = 0 extends 1 & Type ? true : false;

/** What the server's `SocketData` can hold as its `user`: handlers find the user there. */
type Held<Data> = IsAny<Data> extends true ? unknown : Data extends { user?: infer User } ? NonNullable<User> : unknown;

type HoldsUser<Data> = IsAny<Data> extends true ? unknown : "user" extends keyof Data ? unknown : { readonly "SocketData needs": { user?: unknown } };

/** `GuardOptions` with the chain itself, of which each authenticator claims what it does. */
type OptionsOf<Chain, ClientToServer, User> = Omit<GuardOptions<ClientToServer, ClaimsOf<Chain>, User>, "authenticate" | "findUser"> & { readonly authenticate: Chain };

/**
 * Guards a Socket.IO server: every namespace, present and future. To be called once, before the server listens.
 * @throws GuardError with a code and a sentence for every misconfiguration
 */
export function guard<
  ClientToServer extends EventsMap, ServerToClient extends EventsMap, ServerSide extends EventsMap, Data, Chain extends Authenticate<unknown>, User extends Held<Data>,
>(
  io: Server<ClientToServer, ServerToClient, ServerSide, Data> & HoldsUser<Data>,
  options: OptionsOf<Chain, ClientToServer, User> & { readonly findUser: FindUser<NoInfer<ClaimsOf<Chain>>, User> },
): Guard<ClaimsOf<Chain>, User, ServerToClient>;
/** Without `findUser`, the claims are the user. */
export function guard<
  ClientToServer extends EventsMap, ServerToClient extends EventsMap, ServerSide extends EventsMap, Data, Chain extends Authenticate<Held<Data>>,
>(
  io: Server<ClientToServer, ServerToClient, ServerSide, Data> & HoldsUser<Data>,
  options: OptionsOf<Chain, ClientToServer, ClaimsOf<Chain>> & { readonly findUser?: undefined },
): Guard<ClaimsOf<Chain>, ClaimsOf<Chain>, ServerToClient>;
export function guard(io: Server, options: object): Guard<unknown, unknown> {
  return new ServerGuard(io, readOptions(options));
}

class ServerGuard implements Guard<unknown, unknown> {
  readonly #core: Core;
  readonly #namespaces: Namespaces;
  readonly #facts = new Facts();
  readonly #server: ServerInternals;
  readonly #cluster: Cluster;

  constructor(io: Server, config: Config) {
    checkServer(io);
    this.#server = internalsOf(io);
    this.#cluster = new Cluster(this.#server, (error) => this.#failed("adapter", error));
    this.#namespaces = new Namespaces(config, (event, error) => this.#facts.tell("failed", () => ({ in: "check", event, error })));
    this.#core = this.#wire(config);
    attach(io, this.#core, config.origins);
    if (config.store.revocations === undefined) warnOfMemory();
    this.#cluster.on(hintEvent, () => this.#core.revoker.read());
  }

  #wire(config: Config): Core {
    const deadlines = new Deadlines();
    const revoker = this.#makeRevoker(config);
    const { findUser, signer } = config;
    const registry = new Registry(deadlines, revoker.freshness, signer && newSigning);
    const closer = new Closer(() => deadlines.catchUp());
    const credentials = new Credentials();
    credentials.add(config.chain);
    return {
      registry,
      revoker,
      facts: this.#facts,
      closer,
      connections: new Connections(closer, config.login.attempts),
      counts: new Counts(),
      accounts: findUser && new Accounts({
        findUser,
        deadlines,
        recheckAfter: config.recheckUser,
        timeout: config.authenticateTimeout,
        gone: (account) => registry.endWhere((session) => session.account === account, denial("user_unknown"), registry.of(account.subject)),
        failed: (_account, error) => this.#failed("findUser", error),
      }),
      credentials,
      users: new Users({ registry, cluster: this.#cluster, ...config.maxSessionsPerUser }),
      signin: signer && { signer, lasts: config.signinFor },
      failedLogins: new FailedLogins(),
      quarantine: new Quarantine(deadlines, config.login.within, (conn) => this.#sendAway(conn)),
      onDenied: config.onDenied,
      authenticateTimeout: config.authenticateTimeout,
      queue: config.queue,
      addressOf: ({ handshake }) => addressOf(handshake, config.trustProxy),
      closed: false,
      policyOf: (namespace) => this.#namespaces.policyOf(namespace),
    };
  }

  #makeRevoker({ store, staleAfter, whenStale }: Config): Revoker {
    return new Revoker({
      store: store.revocations,
      staleAfter,
      whenStale,
      // A session that is away outlives its token.
      maxLifetime: () => longestAway(this.#server) + Math.max(...this.#namespaces.authenticators.map(({ maxLifetime = longestLife }) => maxLifetime)),
      tokenIdOf: (token) => tokenIdOf(token, this.#namespaces.authenticators),
      end: (covers, subjects) => {
        const { registry } = this.#core;
        registry.endWhere(covers, denial("token_revoked"), subjects?.flatMap((subject) => registry.of(subject)));
      },
      hint: () => this.#cluster.send(hintEvent),
      failed: (error) => this.#failed("store", error),
    });
  }

  /** It has joined no namespace in which it could be told why: as at a refused handshake of the first one. */
  #sendAway(conn: EngineConnection): void {
    const reason = denial("login_timeout");
    this.#facts.tell("refused", () => ({ code: reason.code, namespace: "", address: conn.remoteAddress }));
    tellConnection(this.#server, conn, reason);
    // Without waiting for one that takes nothing.
    conn.close(true);
  }

  #failed(where: GuardFacts["failed"]["in"], error: unknown): void {
    this.#facts.tell("failed", () => ({ in: where, error }));
  }

  session(socket: object): Session | undefined {
    return (socket as SocketInternals)[gateKey]?.session;
  }

  of(namespace: string | RegExp, options: object): this {
    this.#core.credentials.add(this.#namespaces.add(namespace, options));
    return this;
  }

  revoke(what: Revoke): Promise<void> {
    return this.#core.revoker.revoke(what);
  }

  revokeAll({ issuedBefore }: { readonly issuedBefore?: Date | number } = {}): Promise<void> {
    return this.#core.revoker.revokeAll(issuedBefore);
  }

  toUser(subject: string): ToUser {
    return { emit: (event, ...args) => this.#core.users.emit(subject, [event, ...args]) };
  }

  disconnectUser(subject: string): void {
    this.#core.users.disconnect(subject);
  }

  async userChanged(subject: string): Promise<void> {
    const { accounts } = this.#core;
    if (accounts === undefined) throw new GuardError("find_user_missing", "There is nobody to ask: guarded.userChanged needs the option findUser.");
    await accounts.ask(subject);
  }

  on<Name extends FactName>(name: Name, listener: FactListener<Name>): this {
    if (!isFactName(name)) throw new GuardError("fact_unknown", `There is no fact "${String(name)}" to listen to: the facts are ${factNames.join(", ")}.`);
    this.#facts.on(name, listener);
    return this;
  }

  stats(): GuardStats {
    return { sessions: this.#core.registry.size, ...this.#core.counts };
  }

  async close(): Promise<void> {
    this.#core.closed = true;
    this.#core.registry.endWhere(() => true, denial("server_closing"));
    this.#core.registry.stop();
    this.#core.revoker.stop();
    await this.#core.closer.finish();
  }
}

const hintEvent = "guard:hint";

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

function warnOfMemory(): void {
  if (process.env["NODE_ENV"] !== "production") return;
  process.emitWarning(
    "Revocations are kept in this node's memory: a restart forgets them, and other nodes never hear of them. Give the guard a store, sqlStore(kysely) or redisStore(client).",
    { type: "GuardWarning", code: "STORE_IN_MEMORY" },
  );
}
