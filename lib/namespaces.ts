/** The rules and authenticators of each namespace: its own, or those of the guard. */
import type { Server } from "socket.io";
import type { Authenticator, AuthenticatorContext } from "./authenticate/authenticator.js";
import { refuseUndefined, refuseUnknownOptions } from "./configuration.js";
import { readChain, readEvents, readOrigins } from "./option-readers.js";
import type { Config } from "./options.js";
import { compilePolicy, type PolicyOptions } from "./policy/compile.js";
import { GuardError } from "./guard-error.js";
import { checkNamespace } from "./socket/attach.js";
import type { NamespaceRules } from "./socket/gate.js";

interface Named {
  readonly namespace: string | RegExp;
  readonly own: NamespaceRules;
}

interface NamespacesOptions {
  readonly onCheckError: PolicyOptions["failed"];
  /** For authenticators that read the guard's store. */
  readonly onStoreError: (error: unknown) => void;
}

export class Namespaces {
  readonly #io: Server;
  readonly #config: Config;
  readonly #policyOptions: PolicyOptions;
  readonly #authenticatorContext: AuthenticatorContext;
  readonly #everywhere: NamespaceRules;
  readonly #named: Named[] = [];

  /** @throws GuardError what reading rules throws */
  constructor(io: Server, config: Config, { onCheckError, onStoreError }: NamespacesOptions) {
    const { undeclared, onDenied, checkTimeout, events, chain, store, maxStaleness } = config;
    this.#io = io;
    this.#config = config;
    this.#policyOptions = { undeclared, onDenied, checkTimeout, failed: onCheckError };
    this.#authenticatorContext = { store, maxStaleness, onError: onStoreError };
    this.#attach(chain);
    this.#everywhere = { policy: compilePolicy(events, this.#policyOptions), chain };
  }

  /** The authenticators of all namespaces. */
  get authenticators(): readonly Authenticator[] {
    return [this.#everywhere, ...this.#named.map(({ own }) => own)].flatMap(({ chain }) => chain);
  }

  /** What was given for its name last, else for the first pattern that matches, else what the guard was given. */
  rulesOf(name: string): NamespaceRules {
    const named = this.#named.findLast(({ namespace }) => namespace === name)
      ?? this.#named.find(({ namespace }) => namespace instanceof RegExp && namespace.test(name));
    return named?.own ?? this.#everywhere;
  }

  /**
   * Gives a namespace rules of its own. It inherits the others. Returns its authenticators.
   * @throws GuardError `option_invalid`, `option_unknown`, `option_undefined`, `socket_connected`, and what reading rules and authenticators throws
   */
  add(namespace: string | RegExp, options: unknown): readonly Authenticator[] {
    if (typeof options !== "object" || options === null) {
      throw new GuardError("option_invalid", "guarded.of(namespace, options) needs options: give events, authenticate or both.");
    }
    refuseUnknownOptions(options, ["events", "authenticate"], "guarded.of");
    refuseUndefined(options, ["events", "authenticate"], "guarded.of");
    const { events, authenticate } = options as { events?: unknown; authenticate?: unknown };
    const chain = authenticate === undefined ? this.#config.chain : readChain(authenticate);
    readOrigins(this.#config.origins, chain);
    const merged = events === undefined ? this.#config.events : { ...this.#config.events, ...readEvents(events) };
    const own = { policy: compilePolicy(merged, this.#policyOptions), chain };
    const named = nameOf(namespace);
    checkNamespace(this.#io, (name) => typeof named === "string" ? named === name : named.test(name));
    this.#attach(chain);
    this.#named.push({ namespace: named, own });
    return chain;
  }

  #attach(chain: readonly Authenticator[]): void {
    for (const authenticator of chain) authenticator.attach?.(this.#authenticatorContext);
  }
}

/** @throws GuardError `option_invalid` */
function nameOf(namespace: string | RegExp): string | RegExp {
  if (typeof namespace === "string") return namespace.startsWith("/") ? namespace : `/${namespace}`;
  if (namespace instanceof RegExp && !namespace.global && !namespace.sticky) return namespace;
  throw new GuardError("option_invalid", "guarded.of takes the name of a namespace, or a regular expression without the flags g and y.");
}
