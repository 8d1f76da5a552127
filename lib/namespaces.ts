/** The rules and authenticators of each namespace: its own, or those of the guard. */
import type { Server } from "socket.io";
import type { Authenticator, AuthenticatorContext } from "./authenticate/authenticator.js";
import { optional, readOptionsBy } from "./configuration.js";
import { GuardError } from "./guard-error.js";
import { readChain, readEvents, requireOrigins, type Config } from "./options.js";
import { Policy, type PolicyOptions } from "./policy/compile.js";
import { checkNamespace } from "./socket/attach.js";
import type { NamespaceRules } from "./socket/gate.js";

const table = { events: optional(readEvents), authenticate: optional(readChain) };

interface OwnRules {
  readonly namespace: string | RegExp;
  readonly rules: NamespaceRules;
}

export class Namespaces {
  readonly #io: Server;
  readonly #config: Config;
  readonly #policyOptions: PolicyOptions;
  readonly #authenticatorContext: AuthenticatorContext;
  readonly #default: NamespaceRules;
  readonly #own: OwnRules[] = [];

  /**
   * @param onStoreError for authenticators that read the guard's store
   * @throws GuardError `rule_invalid`, `event_reserved`, `option_unknown`, `option_undefined`, `option_invalid`
   */
  constructor(io: Server, config: Config, onCheckError: PolicyOptions["failed"], onStoreError: (error: unknown) => void) {
    const { undeclared, onDenied, checkTimeout, events, authenticate, store, maxStaleness } = config;
    this.#io = io;
    this.#config = config;
    this.#policyOptions = { undeclared, onDenied, checkTimeout, failed: onCheckError };
    this.#authenticatorContext = { store, maxStaleness, onError: onStoreError };
    this.#attach(authenticate);
    this.#default = { policy: new Policy(events, this.#policyOptions), chain: authenticate };
  }

  /** The authenticators of all namespaces. */
  get authenticators(): readonly Authenticator[] {
    return [this.#default, ...this.#own.map(({ rules }) => rules)].flatMap(({ chain }) => chain);
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
      throw new GuardError("option_missing", "guarded.of(namespace, options) needs options: give it `events`, `authenticate` or both.");
    }
    const { events, authenticate: chain = this.#config.authenticate } = readOptionsBy(table, options, { where: "guarded.of()", notUndefined: ["events", "authenticate"] });
    requireOrigins(this.#config.origins, chain);
    const rules = { policy: new Policy({ ...this.#config.events, ...events }, this.#policyOptions), chain };
    const named = readNamespace(namespace);
    checkNamespace(this.#io, (name) => typeof named === "string" ? named === name : named.test(name));
    this.#attach(chain);
    this.#own.push({ namespace: named, rules });
    return chain;
  }

  #attach(chain: readonly Authenticator[]): void {
    for (const authenticator of chain) authenticator.attach?.(this.#authenticatorContext);
  }
}

/** @throws GuardError `option_invalid` */
function readNamespace(namespace: string | RegExp): string | RegExp {
  if (typeof namespace === "string") return namespace.startsWith("/") ? namespace : `/${namespace}`;
  if (namespace instanceof RegExp && !namespace.global && !namespace.sticky) return namespace;
  throw new GuardError("option_invalid", "guarded.of() takes the name of a namespace, or a regular expression without the flags g and y.");
}
