/** The rules and authenticators of each namespace: its own, or those of the guard. */
import type { Server } from "socket.io";
import type { Authenticator, AuthenticatorContext } from "./authenticate/authenticator.js";
import { optional, readOptionsBy } from "./configuration.js";
import { GuardError } from "./guard-error.js";
import { readChain, readEvents, readRooms, requireOrigins, type Config } from "./options.js";
import type { LimitSet } from "./limits/limit-set.js";
import { Policy, type PolicyOptions } from "./policy/compile.js";
import type { RoomPolicyOptions } from "./policy/compile-room.js";
import { RoomPolicy } from "./policy/room-policy.js";
import { checkNamespace } from "./socket/attach.js";
import type { NamespaceRules } from "./socket/gate.js";

const table = { events: optional(readEvents), rooms: optional(readRooms), authenticate: optional(readChain) };
const updateTable = { events: optional(readEvents), rooms: optional(readRooms) };

/** As they were given: rules by event, and by pattern of room names. */
interface RuleMaps {
  readonly events: Readonly<Record<string, unknown>>;
  readonly rooms: Readonly<Record<string, unknown>>;
}

/** What a namespace applies now. The gates share it, so that other rules apply at once. */
type CurrentRules = { -readonly [Part in keyof NamespaceRules]: NamespaceRules[Part] };

interface OwnRules {
  readonly namespace: string | RegExp;
  readonly own: RuleMaps;
  readonly rules: CurrentRules;
}

export interface NamespacesOptions {
  readonly limits: LimitSet;
  readonly onCheckError: PolicyOptions["failed"];
  /** For authenticators that read the guard's store. */
  readonly onStoreError: (error: unknown) => void;
  readonly watchKeys: (owner: object) => void;
  readonly tallyOf: PolicyOptions["tallyOf"];
}

export class Namespaces {
  readonly #io: Server;
  readonly #config: Config;
  readonly #policyOptions: RoomPolicyOptions;
  readonly #authenticatorContext: AuthenticatorContext;
  /** The maps of the guard, which namespaces inherit. */
  #maps: RuleMaps;
  readonly #default: CurrentRules;
  readonly #own: OwnRules[] = [];

  /**
   * @throws GuardError `rule_invalid`, `event_reserved`, `option_unknown`, `option_undefined`, `option_invalid`
   */
  constructor(io: Server, config: Config, { limits, onCheckError, onStoreError, tallyOf, watchKeys }: NamespacesOptions) {
    const { undeclared, onDenied, checkTimeout, events, rooms, authenticate, store, maxStaleness } = config;
    this.#io = io;
    this.#config = config;
    this.#policyOptions = {
      undeclared, onDenied, checkTimeout, failed: onCheckError, tallyOf,
      limitsOf: (event, rate) => limits.ofEvent(event, rate),
      limitsOfPublish: (pattern) => (event, rate) => limits.ofPublish(pattern, event, rate),
    };
    this.#authenticatorContext = { store, maxStaleness, onError: onStoreError, watchKeys };
    this.#attach(authenticate);
    this.#maps = { events, rooms };
    this.#default = { ...this.#compile(this.#maps), chain: authenticate };
  }

  /** The authenticators of all namespaces. */
  get authenticators(): readonly Authenticator[] {
    return [this.#default, ...this.#own.map(({ rules }) => rules)].flatMap(({ chain }) => chain);
  }

  /** Whether clients may join rooms in any namespace. */
  get hasRooms(): boolean {
    return [this.#default, ...this.#own.map(({ rules }) => rules)].some(({ rooms }) => !rooms.isEmpty);
  }

  /** The rules that were given to this name last, else those of the first pattern that matches, else the guard's. */
  rulesOf(name: string): NamespaceRules {
    const own = this.#own.findLast(({ namespace }) => namespace === name)
      ?? this.#own.find(({ namespace }) => namespace instanceof RegExp && namespace.test(name));
    return own?.rules ?? this.#default;
  }

  /**
   * Gives a namespace its own rules. Returns its authenticators.
   * @throws GuardError `option_missing`, `option_invalid`, `option_unknown`, `option_undefined`, `rule_invalid`, `event_reserved`, `socket_connected`
   */
  add(namespace: string | RegExp, options: unknown): readonly Authenticator[] {
    if (typeof options !== "object" || options === null) {
      throw new GuardError("option_missing", "guarded.of(namespace, options) needs options: give it `events`, `rooms` or `authenticate`.");
    }
    const { events = {}, rooms = {}, authenticate: chain = this.#config.authenticate } = readOptionsBy(table, options, { where: "guarded.of()", notUndefined: ["events", "rooms", "authenticate"] });
    requireOrigins(this.#config.origins, chain);
    const own = { events, rooms };
    const rules = { ...this.#compile(merged(this.#maps, own)), chain };
    const named = readNamespace(namespace);
    checkNamespace(this.#io, (name) => typeof named === "string" ? named === name : named.test(name));
    this.#attach(chain);
    this.#own.push({ namespace: named, own, rules });
    return chain;
  }

  /**
   * Replaces the maps of the guard, for all namespaces. If a rule is invalid, nothing changes.
   * @throws GuardError `option_missing`, `option_invalid`, `option_unknown`, `option_undefined`, `rule_invalid`, `event_reserved`
   */
  update(given: unknown): void {
    if (typeof given !== "object" || given === null) throw new GuardError("option_missing", "guarded.updateRules() needs an object: give it `events`, `rooms` or both.");
    const { events = this.#maps.events, rooms = this.#maps.rooms } = readOptionsBy(updateTable, given, { where: "guarded.updateRules()", notUndefined: ["events", "rooms"] });
    const maps = { events, rooms };
    const compiled = [{ rules: this.#default, own: none }, ...this.#own].map(({ rules, own }) => [rules, this.#compile(merged(maps, own))] as const);
    this.#maps = maps;
    for (const [rules, next] of compiled) Object.assign(rules, next);
  }

  #compile({ events, rooms }: RuleMaps): Pick<NamespaceRules, "policy" | "rooms"> {
    return { policy: new Policy(events, this.#policyOptions), rooms: new RoomPolicy(rooms, this.#policyOptions) };
  }

  #attach(chain: readonly Authenticator[]): void {
    for (const authenticator of chain) authenticator.attach?.(this.#authenticatorContext);
  }
}

const none: RuleMaps = { events: {}, rooms: {} };

/** A namespace replaces the rules that it names. */
function merged(all: RuleMaps, own: RuleMaps): RuleMaps {
  return { events: { ...all.events, ...own.events }, rooms: { ...all.rooms, ...own.rooms } };
}

/** @throws GuardError `option_invalid` */
function readNamespace(namespace: string | RegExp): string | RegExp {
  if (typeof namespace === "string") return namespace.startsWith("/") ? namespace : `/${namespace}`;
  if (namespace instanceof RegExp && !namespace.global && !namespace.sticky) return namespace;
  throw new GuardError("option_invalid", "guarded.of() takes the name of a namespace, or a regular expression without the flags g and y.");
}
