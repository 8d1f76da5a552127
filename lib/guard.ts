/** guard(io, options): the only wiring. */
import type { Server } from "socket.io";
import { refuseUndefined, refuseUnknownOptions } from "./configuration.js";
import { factNames, Facts, isFactName, type FactListener, type FactName } from "./facts.js";
import { readChain, readEvents, readOptions, readOrigins, type Config, type GuardOptions, type NamespaceOptions } from "./options.js";
import { compilePolicy, type PolicyOptions } from "./policy/compile.js";
import { denial, GuardError } from "./protocol.js";
import { Accounts } from "./session/accounts.js";
import { Deadlines } from "./session/deadlines.js";
import { Registry } from "./session/registry.js";
import type { FindUser } from "./session/account.js";
import type { Session } from "./session/session.js";
import { attach } from "./socket/attach.js";
import { Closer } from "./socket/closer.js";
import { Connections } from "./socket/connections.js";
import { Credentials } from "./socket/credentials.js";
import { Counts, type Core, type NamespacePolicy } from "./socket/core.js";
import { gateKey, type SocketInternals } from "./socket/internals.js";

/** Numbers since the start, and how many sessions there are now. */
export interface GuardStats {
  readonly sessions: number;
  readonly allowed: number;
  readonly denied: number;
  readonly refused: number;
}

/** A guarded server. */
export interface Guard<Claims, User> {
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

/**
 * Guards a Socket.IO server: every namespace, present and future. To be called once, before the server listens.
 * @throws GuardError with a code and a sentence for every misconfiguration
 */
export function guard<
  ClientToServer extends EventsMap, ServerToClient extends EventsMap, ServerSide extends EventsMap, Data, Claims, User extends Held<Data>,
>(
  io: Server<ClientToServer, ServerToClient, ServerSide, Data> & HoldsUser<Data>,
  options: GuardOptions<ClientToServer, Claims, User> & { readonly findUser: FindUser<NoInfer<Claims>, User> },
): Guard<Claims, User>;
/** Without `findUser`, the claims are the user. */
export function guard<
  ClientToServer extends EventsMap, ServerToClient extends EventsMap, ServerSide extends EventsMap, Data, Claims extends Held<Data>,
>(
  io: Server<ClientToServer, ServerToClient, ServerSide, Data> & HoldsUser<Data>,
  options: GuardOptions<ClientToServer, Claims, Claims> & { readonly findUser?: undefined },
): Guard<Claims, Claims>;
export function guard(io: Server, options: object): Guard<unknown, unknown> {
  return new ServerGuard(io, readOptions(options));
}

class ServerGuard implements Guard<unknown, unknown> {
  readonly #config: Config;
  readonly #core: Core;
  readonly #named: { readonly namespace: string | RegExp; readonly own: NamespacePolicy }[] = [];
  readonly #everywhere: NamespacePolicy;

  constructor(io: Server, config: Config) {
    this.#config = config;
    this.#core = this.#wire(config);
    this.#everywhere = { policy: compilePolicy(config.events, this.#policyOptions()), chain: config.chain };
    attach(io, this.#core, config.origins);
  }

  #wire(config: Config): Core {
    const facts = new Facts();
    const deadlines = new Deadlines();
    const registry = new Registry(deadlines);
    const closer = new Closer();
    const credentials = new Credentials();
    credentials.add(config.chain);
    const { findUser } = config;
    return {
      registry,
      facts,
      closer,
      connections: new Connections(closer),
      counts: new Counts(),
      accounts: findUser && new Accounts({
        findUser,
        deadlines,
        recheckAfter: config.recheckUser,
        timeout: config.authenticateTimeout,
        gone: (account) => registry.endWhere((session) => session.account === account, denial("user_unknown")),
        failed: (_account, error) => facts.tell("failed", () => ({ in: "findUser", error })),
      }),
      credentials,
      onDenied: config.onDenied,
      authenticateTimeout: config.authenticateTimeout,
      queue: config.queue,
      closed: false,
      covers: () => false,
      policyOf: (namespace) => this.#policyOf(namespace),
    };
  }

  session(socket: object): Session | undefined {
    return (socket as SocketInternals)[gateKey]?.session;
  }

  of(namespace: string | RegExp, options: object): this {
    if (typeof options !== "object" || options === null) {
      throw new GuardError("option_invalid", "guarded.of(namespace, options) needs options: give events, authenticate or both.");
    }
    refuseUnknownOptions(options, ["events", "authenticate"], "guarded.of");
    refuseUndefined(options, ["events", "authenticate"], "guarded.of");
    const { events, authenticate } = options as { events?: unknown; authenticate?: unknown };
    const chain = authenticate === undefined ? this.#config.chain : readChain(authenticate);
    readOrigins(this.#config.origins, chain);
    this.#core.credentials.add(chain);
    const merged = events === undefined ? this.#config.events : { ...this.#config.events, ...readEvents(events) };
    this.#named.push({ namespace: nameOf(namespace), own: { policy: compilePolicy(merged, this.#policyOptions()), chain } });
    return this;
  }

  async userChanged(subject: string): Promise<void> {
    const { accounts } = this.#core;
    if (accounts === undefined) throw new GuardError("find_user_missing", "There is nobody to ask: guarded.userChanged needs the option findUser.");
    await accounts.ask(subject);
  }

  on<Name extends FactName>(name: Name, listener: FactListener<Name>): this {
    if (!isFactName(name)) throw new GuardError("fact_unknown", `There is no fact "${String(name)}" to listen to: the facts are ${factNames.join(", ")}.`);
    this.#core.facts.on(name, listener);
    return this;
  }

  stats(): GuardStats {
    return { sessions: this.#core.registry.size, ...this.#core.counts };
  }

  async close(): Promise<void> {
    this.#core.closed = true;
    this.#core.registry.endWhere(() => true, denial("server_closing"));
    this.#core.registry.stop();
    await this.#core.closer.finish();
  }

  #policyOptions(): PolicyOptions {
    const { undeclared, onDenied, checkTimeout } = this.#config;
    const { facts } = this.#core;
    return { undeclared, onDenied, checkTimeout, failed: (event, error) => facts.tell("failed", () => ({ in: "check", event, error })) };
  }

  /** What holds in a namespace: what was said of its own name last, else of the first pattern that fits, else the guard's. */
  #policyOf(name: string): NamespacePolicy {
    const named = this.#named.findLast(({ namespace }) => namespace === name)
      ?? this.#named.find(({ namespace }) => namespace instanceof RegExp && namespace.test(name));
    return named?.own ?? this.#everywhere;
  }
}

/** @throws GuardError `option_invalid` */
function nameOf(namespace: string | RegExp): string | RegExp {
  if (typeof namespace === "string") return namespace.startsWith("/") ? namespace : `/${namespace}`;
  if (namespace instanceof RegExp && !namespace.global && !namespace.sticky) return namespace;
  throw new GuardError("option_invalid", "guarded.of takes the name of a namespace, or a regular expression without the flags g and y.");
}
