/** Handshake -> session: the client is authenticated, gets a session, and is checked; or it is refused. */
import type { AuditEvents } from "../audit-events.js";
import type { GuardHandshake } from "../authenticate/authenticator.js";
import type { ClientAddresses } from "../authenticate/address.js";
import { authenticate, type Login } from "../authenticate/chain.js";
import type { FailedLogins } from "../limits/login/failed-logins.js";
import { isPromiseLike } from "../callbacks.js";
import { noMethod, type Measurements } from "../metrics/measurements.js";
import { isTooDeep } from "../nesting.js";
import { isOriginAllowed, type Origins } from "../origins.js";
import { denial } from "../protocol.js";
import { Refusal } from "../refusal.js";
import type { Registry } from "../session/registry.js";
import { revoked, type Revoker } from "../session/revoker.js";
import type { LiveSession } from "../session/session.js";
import type { UserCache } from "../session/user-cache.js";
import { whileOpen } from "../timeout.js";
import type { Redactor } from "./redact.js";
import type { Gate } from "./gate.js";
import type { SocketInternals } from "./internals.js";
import type { Users } from "./users.js";

export interface AdmissionOptions {
  readonly audit: AuditEvents;
  /** Undefined if failed logins are not limited. */
  readonly failedLogins: FailedLogins | undefined;
  /** Undefined if credentials stay in the handshake. */
  readonly redactor: Redactor | undefined;
  /** Undefined if the origin was checked before, or need not be. */
  readonly origins: Origins | undefined;
  readonly registry: Registry;
  readonly revoker: Revoker;
  readonly userCache: UserCache | undefined;
  readonly users: Users;
  /** Milliseconds. */
  readonly authenticateTimeout: number;
  readonly addresses: ClientAddresses;
  readonly measurements: Measurements;
  /** How many handshakes may be under way. */
  readonly maxPending: number;
}

export class Admission {
  readonly #options: AdmissionOptions;
  readonly #onError = (error: unknown) => this.#options.audit.failed("authenticate", error);
  #isClosed = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** From now on every handshake is refused. */
  close(): void {
    this.#isClosed = true;
  }

  /** Gives the gate of a socket a session, or returns why the socket is refused. */
  async admit(gate: Gate): Promise<Refusal | undefined> {
    const { audit, failedLogins, measurements, redactor, registry, revoker, userCache } = this.#options;
    const { socket } = gate;
    measurements.pendingHandshakes += 1;
    try {
      const network = this.networkOf(socket);
      const answer = audit.isFull ? cannotRecord : this.#blocked(socket, network) ?? this.authenticate(gate, socket.handshake.auth, socket.handshake.headers, network);
      const login = isPromiseLike(answer) ? await answer : answer;
      redactor?.stripCredentials(socket);
      if (login instanceof Refusal) return login;
      const { identity, attempt } = login;
      failedLogins?.succeeded(attempt);
      const cachedUser = userCache?.hold(identity);
      gate.session = registry.open(socket.id, socket.nsp.name, identity, cachedUser);
      const storeRead = revoker.ready();
      if (cachedUser !== undefined || storeRead !== undefined) await Promise.all([cachedUser?.ready(), storeRead]);
      const refusal = this.#check(gate.session);
      if (refusal === undefined) gate.showUser();
      return refusal;
    } catch (error) {
      // For example, claims that cannot be copied.
      this.#onError(error);
      return new Refusal(denial("unavailable"), "the handshake failed: the audit event `failed` has the error");
    } finally {
      measurements.pendingHandshakes -= 1;
    }
  }

  /** Asks the authenticators of a namespace who a client is: at its handshake, and when it refreshes. */
  authenticate(gate: Gate, auth: object, headers: GuardHandshake["headers"], network: string | undefined): Login | Refusal | Promise<Login | Refusal> {
    const { addresses, failedLogins, measurements: { durations } } = this.#options;
    const { socket, rules } = gate;
    if (isTooDeep([auth])) return authTooDeep;
    const startedAt = performance.now();
    let method = noMethod;
    const handshake = new SocketHandshake(socket, auth, headers, addresses.of(socket.handshake));
    const answer = authenticate(rules.chain, handshake, { failedLogins, network, onError: this.#onError, answered: (name) => { method = gate.answeredBy = name; } });
    if (isPromiseLike(answer)) return this.#inTime(socket, handshake, answer).finally(() => durations.record("verification", startedAt, method));
    durations.record("verification", startedAt, method);
    return answer;
  }

  /** The network by which failed logins are counted. Undefined if they are not, or if the network is not known. */
  networkOf({ handshake }: SocketInternals): string | undefined {
    const { addresses, failedLogins } = this.#options;
    return failedLogins && addresses.networkOf(handshake);
  }

  async #inTime(socket: SocketInternals, handshake: SocketHandshake, answer: Promise<Login | Refusal>): Promise<Login | Refusal> {
    const timeout = { ms: this.#options.authenticateTimeout, message: "An authenticator took longer than `authenticateTimeout`." };
    try {
      const inTime = await whileOpen(socket.client.conn, timeout, answer);
      if (inTime !== undefined) return inTime;
    } catch (error) {
      this.#onError(error);
    }
    handshake.abort();
    return new Refusal(denial("unavailable"), "an authenticator took longer than `authenticateTimeout`, or the connection closed first");
  }

  /** Why a socket is refused before the authenticators are asked. */
  #blocked({ handshake }: SocketInternals, network: string | undefined): Refusal | undefined {
    if (this.#isClosed) return closing;
    const { failedLogins, maxPending, measurements, origins } = this.#options;
    const { headers } = handshake;
    if (measurements.pendingHandshakes > maxPending) {
      this.#pendingLimitHit(handshake);
      return tooManyPending;
    }
    if (origins !== undefined && !isOriginAllowed(headers, origins)) return originForbidden;
    return failedLogins?.networkRefusal(network);
  }

  #pendingLimitHit(handshake: SocketInternals["handshake"]): void {
    const { addresses, audit, measurements } = this.#options;
    measurements.limitHit("pendingHandshakes");
    audit.emit("limitHit", () => ({ limit: "pendingHandshakes", address: addresses.of(handshake), namespace: "" }));
  }

  #check(session: LiveSession): Refusal | undefined {
    if (this.#isClosed) return closing;
    const { revoker, users } = this.#options;
    return session.invalidity(Date.now()) ?? (revoker.isRevoked(session) ? revoked : users.overLimit(session));
  }
}

// Cluster adapters send `handshake.auth` to other nodes, and end the process if they cannot encode it.
const authTooDeep = new Refusal(denial("credential_malformed"), "its `auth` is nested deeper than 64 levels");
const originForbidden = new Refusal(denial("origin_forbidden"), "its `Origin` is not one of `origins`");
const cannotRecord = new Refusal(denial("unavailable"), "the buffer of the audit log is full");
const tooManyPending = new Refusal(denial("connection_limit", { retryAfter: 1_000 }), "there are as many handshakes under way as `limits.pendingHandshakes` allows");
const closing = new Refusal(denial("server_closing"), "`guarded.close()` was called");

/** What authenticators see of a socket. Its signal is made only for one that asks for it. */
class SocketHandshake implements GuardHandshake {
  readonly auth: Readonly<Record<string, unknown>>;
  readonly headers: GuardHandshake["headers"];
  readonly address: string;
  readonly namespace: string;
  #controller: AbortController | undefined;

  constructor({ nsp }: SocketInternals, auth: object, headers: GuardHandshake["headers"], address: string) {
    this.auth = { ...auth };
    this.headers = headers;
    this.address = address;
    this.namespace = nsp.name;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller?.abort();
  }
}
