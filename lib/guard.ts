/** guard(io, options): guards a server, and returns the `Guard` with which its host manages sessions. */
import type { Server } from "socket.io";
import { readAction, readActor } from "./audit/action.js";
import { AuditLog } from "./audit/log.js";
import { AuditEvents, type AuditAction, type AuditListener, type AuditEventName, type ByActor } from "./audit-events.js";
import { createContext, type GuardContext } from "./create-context.js";
import type { Authenticate, ClaimsOf, Guard, GuardOptions, ToUser, UserOf } from "./guard-types.js";
import { setMeasurements } from "./metrics/measured.js";
import type { GuardStats } from "./metrics/stats.js";
import { readOptions, type Config } from "./options.js";
import { warnOfReportMode, type GuardModes } from "./mode.js";
import { onceAtExit, reportLine } from "./report-line.js";
import type { GuardReport } from "./report.js";
import { GuardError } from "./guard-error.js";
import { refuse } from "./refusal.js";
import { isRoomName } from "./room-name.js";
import { roomOf, type GuardRoom } from "./rooms/room.js";
import type { RevocationTarget } from "./session/revoker.js";
import type { GuardSession } from "./session/session.js";
import { checkServer } from "./socket/attach.js";
import { gateOf } from "./socket/gate.js";

/** Whether a type is `any`. */
type IsAny<Type> = 0 extends 1 & Type ? true : false;

/** What the server's `SocketData` can hold as its `user`: handlers find the user there. */
type Held<Data> = IsAny<Data> extends true ? unknown : Data extends { user?: infer User } ? NonNullable<User> : unknown;

/** Requires nothing more, or a property whose name shows what is missing in an editor's error. */
type HoldsUser<Data, User, Chain> = IsAny<Data> extends true ? unknown
  : "user" extends keyof Data ? ([User] extends [Held<Data>] ? HoldsGuests<Data, User, Chain> : NeedsUser<User>)
  : NeedsUser<User>;

/** The compiler shows its property in the error. */
interface NeedsUser<User> {
  readonly "its SocketData must hold": { user?: User };
}

/** A guest has no user, so a server with `anonymous()` must not promise one. */
type HoldsGuests<Data, User, Chain> = undefined extends Data["user" & keyof Data] ? unknown : true extends AdmitsGuests<Chain> ? NeedsOptionalUser<User> : unknown;

/** Whether `anonymous()` is in the chain: it is the authenticator without claims. `boolean` if others are there, too. */
type AdmitsGuests<Chain> = Chain extends readonly (infer One)[] ? AdmitsGuests<One> : [ClaimsOf<Chain>] extends [never] ? true : false;

/** As `NeedsUser`, on a server with guests. */
interface NeedsOptionalUser<User> {
  readonly "anonymous() admits guests, so its SocketData must hold": { user?: User };
}

/**
 * Guards a Socket.IO server: all its namespaces, also those that are added later. Call it once, before the first client connects.
 *
 * @param options `authenticate` says how clients prove who they are, `events` what each event requires. If you give `findUser`,
 * write it before `events`, so that TypeScript knows the type of `user` in your checks.
 * @returns what you need later: `session(socket)`, `revoke(...)`, `of(namespace, ...)`, `on("denied", ...)`, `close()`
 * @throws GuardError if an option is wrong: `option_missing`, `option_unknown`, `option_undefined`, `option_invalid`, `rule_invalid`,
 * `event_reserved`; `already_guarded` and `socket_connected` if it is called twice or too late. docs/errors.md lists all codes.
 * @example
 * const tokens = jwt({ keys: process.env.JWT_SECRET });
 * const guarded = guard(io, { authenticate: tokens, events: { message: role("member", "admin") } });
 */
export function guard<
  ClientToServer extends object, ServerToClient extends object, ServerSide extends object, Data,
  Chain extends Authenticate<unknown>, Found extends Held<Data> = never, Rooms = Record<string, unknown>,
>(
  io: Server<ClientToServer, ServerToClient, ServerSide, Data> & HoldsUser<Data, UserOf<Chain, Found>, Chain>,
  options: GuardOptions<ClientToServer, Chain, Found, Rooms>,
): Guard<ClaimsOf<Chain>, UserOf<Chain, Found>, ClientToServer, ServerToClient>;
export function guard(io: Server, options: object): Guard<unknown> {
  return new ServerGuard(io, readOptions(options));
}

class ServerGuard implements Guard<unknown> {
  readonly #log: AuditLog | undefined;
  readonly #audit: AuditEvents;
  readonly #context: GuardContext;
  readonly #mode: GuardModes;
  readonly #printReport: (() => void) | undefined;
  #closedAt: number | undefined = undefined;

  constructor(io: Server, config: Config) {
    checkServer(io);
    this.#log = config.audit && new AuditLog(config.audit, { onError: (error) => this.#audit.failed("audit", error), onRecovered: () => this.#audit.recovered("audit") });
    this.#audit = new AuditEvents(this.#log);
    this.#context = createContext(io, config, this.#audit);
    setMeasurements(this, this.#context.measurements);
    if (config.store.revocations === undefined) warnOfMemory();
    this.#mode = config.mode;
    warnOfReportMode(config.mode);
    this.#printReport = config.mode.events === "report" ? onceAtExit(() => console.log(reportLine(this.report(), Date.now()))) : undefined;
  }

  session(socket: object): GuardSession | undefined {
    return gateOf(socket)?.session;
  }

  of(namespace: string | RegExp, options: object): this {
    this.#context.redactor.add(this.#context.namespaces.add(namespace, options));
    return this;
  }

  async revoke(what: RevocationTarget, by?: ByActor): Promise<void> {
    await this.#context.revoker.revoke(what, readActor(by, "guarded.revoke()"));
  }

  async revokeAll({ issuedBefore, ...by }: { readonly issuedBefore?: Date | number } & ByActor = {}): Promise<void> {
    await this.#context.revoker.revokeAll(issuedBefore, readActor(by, "guarded.revokeAll()"));
  }

  toUser(subject: string): ToUser {
    return { emit: (event, ...args) => this.#context.users.emit(subject, [event, ...args]) };
  }

  disconnectUser(subject: string, by?: ByActor): void {
    const who = readActor(by, "guarded.disconnectUser()");
    this.#context.users.disconnect(subject);
    this.#audit.emit("action", () => ({ action: "disconnectUser", subject, ...who }));
  }

  room(name: string, { namespace: given = "/" }: { readonly namespace?: string } = {}): GuardRoom {
    // As `io.of` and `guarded.of` do: with another name, `evict` would remove nobody.
    const namespace = given.startsWith("/") ? given : `/${given}`;
    const { presence, revoker, server } = this.#context;
    if (!isRoomName(name)) throw new GuardError("option_invalid", "guarded.room() takes the name of a room: 1 to 200 letters, digits or `_-=@,.;`.");
    const evict = async (subject: string, by?: ByActor): Promise<void> => {
      const who = readActor(by, "guarded.room(name).evict()");
      const announced = revoker.announce({ kind: "evict", namespace, room: name, subject });
      this.#audit.emit("evicted", () => ({ namespace, room: name, subject, ...who }));
      await announced;
    };
    return roomOf({ server, presence, evict }, namespace, name);
  }

  updateRules(rules: object, by?: ByActor): void {
    const who = readActor(by, "guarded.updateRules()");
    this.#context.namespaces.update(rules);
    this.#context.memberships.recheckAll();
    this.#audit.emit("rulesChanged", () => ({ maps: Object.keys(rules) as ("events" | "rooms")[], ...who }));
  }

  record(action: AuditAction): void {
    const read = readAction(action);
    this.#audit.emit("action", () => read);
  }

  async userChanged(subject: string): Promise<void> {
    await this.#context.revoker.announce({ kind: "user", subject });
  }

  on<Name extends AuditEventName>(name: Name, listener: AuditListener<Name>): () => void {
    return this.#audit.on(name, listener);
  }

  report(): GuardReport {
    return this.#context.reporter.report;
  }

  stats(): GuardStats {
    const { measurements, namespaces, registry, revoker } = this.#context;
    const authenticators = namespaces.authenticators.map((one) => [one.name, one.notReadySince?.()] as const);
    const parts = [...authenticators, ["store", revoker.notReadySince], ["guard", this.#closedAt]] as const;
    const notReady = new Map(parts.filter((part): part is [string, number] => part[1] !== undefined));
    return {
      ready: notReady.size === 0, notReady: [...notReady.keys()],
      ...(notReady.size > 0 && { notReadySince: Math.min(...notReady.values()) }),
      mode: this.#mode,
      sessions: registry.size, ...measurements.allCounts,
      verdicts: [...measurements.verdicts()],
      handshakes: [...measurements.handshakes].map(([[method, code], count]) => ({ method, code, count })),
      limitHits: Object.fromEntries([...measurements.limitHits].map(([[limit], count]) => [limit, count])),
      failures: Object.fromEntries(this.#audit.failureCounts),
      pendingHandshakes: measurements.pendingHandshakes,
      waiting: measurements.waiting,
      memberships: measurements.memberships,
      ...(revoker.staleness !== undefined && { storeStaleness: revoker.staleness }),
      ...(this.#log !== undefined && { audit: { waiting: this.#log.waiting, dropped: this.#log.dropped } }),
    };
  }

  async close(): Promise<void> {
    const { admission, connections, keyWatch, memberships, registry, revoker } = this.#context;
    this.#closedAt ??= Date.now();
    this.#printReport?.();
    // In report mode it is `io.close()` that disconnects the clients.
    if (this.#mode.authenticate === "enforce") {
      admission.close();
      registry.endAll(() => true, refuse("server_closing", { reason: "`guarded.close()` was called" }));
    }
    registry.stop();
    this.#context.sharedLimits?.stop();
    revoker.stop();
    memberships.stop();
    keyWatch.stop();
    await connections.finish();
    await this.#log?.close();
  }
}

function warnOfMemory(): void {
  if (process.env["NODE_ENV"] !== "production") return;
  process.emitWarning(
    "Revocations are kept in this node's memory: a restart forgets them, and other nodes do not get them. Set `store` to sqlStore(kysely) or redisStore(client).",
    { type: "GuardWarning", code: "STORE_IN_MEMORY" },
  );
}
