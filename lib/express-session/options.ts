/** The options of `expressSession()`. */
import { callback, duration, errorListener, readOptionsBy, optional, withDefault, type Duration, type ReadBy, type Reader } from "../configuration.js";
import { GuardError } from "../guard-error.js";

/** What is used of a store of express-session. */
export interface SessionStore<Session = unknown> {
  /** Finds a session. It calls back without one if there is none. */
  get(id: string, callback: (error: unknown, session?: Session | null) => void): void;
}

/** The claims of a user who has signed in with Passport. */
export interface PassportClaims {
  /** What `serializeUser` wrote, as a string. */
  readonly sub: string;
}

/** The options of expressSession(): those of express-session, and the claims. */
export interface ExpressSessionOptions<Session = unknown, Claims = PassportClaims> {
  /** The store that express-session uses. It is only read. */
  readonly store: SessionStore<Session> | undefined;
  /** The secret of express-session, or its list of secrets. */
  readonly secret: string | readonly (string | undefined)[] | undefined;
  /** The name of the cookie. @default "connect.sid" */
  readonly name?: string;
  /** Returns the claims of the user who is signed in, or null if nobody is. @default the id that Passport's `serializeUser` wrote is `sub` */
  readonly claims?: (session: Session) => Claims | null;
  /** How often a session is read again while it has sockets. @default "30s" */
  readonly pollInterval?: Duration;
  /** How long the store may take. @default "2s" */
  readonly timeout?: Duration;
  /** Called with each read that failed in the background. @default one process warning when reads begin to fail, and one when they succeed again */
  readonly onError?: (error: GuardError) => void;
}

const table = {
  store: readStore,
  secret: readSecrets,
  name: readName,
  claims: withDefault(passportClaims, callback<(session: never) => unknown>("(session) that returns the claims, or null if nobody is signed in")),
  pollInterval: duration("30s"),
  timeout: duration("2s"),
  onError: optional(errorListener<GuardError>()),
} satisfies Record<keyof ExpressSessionOptions, Reader<unknown>>;

export type ExpressSessionConfig = ReadBy<typeof table>;

/** @throws GuardError `option_invalid`, `option_missing`, `option_unknown`, `option_undefined` */
export function readExpressSessionOptions(options: unknown): ExpressSessionConfig {
  return readOptionsBy(table, options, { where: "expressSession()", notUndefined: ["store", "secret", "name", "claims"] });
}

function readStore(given: unknown): SessionStore {
  if (typeof (given as Partial<SessionStore> | undefined)?.get === "function") return given as SessionStore;
  throw new GuardError(given === undefined ? "option_missing" : "option_invalid", "`store` must be the store that you give to session(): create it before, for example `const store = new session.MemoryStore()`.");
}

function readSecrets(given: unknown): readonly string[] {
  const secrets: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (secrets.length > 0 && secrets.every((secret) => typeof secret === "string" && secret !== "")) return Object.freeze([...secrets as string[]]);
  throw new GuardError(given === undefined ? "option_missing" : "option_invalid", "`secret` must be the secret that you give to session(), or its list of secrets: strings that are not empty.");
}

function readName(given: unknown = "connect.sid"): string {
  if (typeof given === "string" && given !== "") return given;
  throw new GuardError("option_invalid", '`name` must be the name of the cookie that you give to session(), such as "connect.sid".');
}

/** What Passport keeps in a session. */
interface PassportSession {
  readonly passport?: { readonly user?: unknown };
}

function passportClaims(session: never): PassportClaims | null {
  const user = (session as PassportSession).passport?.user ?? undefined;
  if (user === undefined) return null;
  if (typeof user === "string" || typeof user === "number") return { sub: String(user) };
  throw new TypeError("`serializeUser` of Passport wrote neither a string nor a number: give expressSession() the option `claims`.");
}
