/** The chain of authenticators: they are asked in turn, and the first answer counts. `anonymous()` may be its end. */
import { createHash } from "node:crypto";
import { isPromiseLike } from "../callbacks.js";
import { GuardError } from "../guard-error.js";
import { isDenial } from "../protocol.js";
import { refuse, Refusal } from "../refusal.js";
import type { Authenticator, GuardHandshake, GuardIdentity } from "./authenticator.js";
import { isFailedLogin, type FailedLogins, type LoginAttempt } from "../limits/login/failed-logins.js";

/** An identity, and the attempt that brought it. */
export interface Login {
  readonly identity: GuardIdentity;
  readonly attempt: LoginAttempt;
}

export interface LoginContext {
  /** Undefined if failed logins are not limited. */
  readonly failedLogins: FailedLogins | undefined;
  readonly network: string | undefined;
  /** Called with what an authenticator throws; the client is told `unavailable`. */
  readonly onError: (error: unknown) => void;
  /** Called with the name of the authenticator that answers. */
  readonly answered: (name: string) => void;
}

type Outcome = Login | Refusal;

/** Asks the chain from `first` on. Returns a promise only if an authenticator returned one. */
export function authenticate(chain: readonly Authenticator[], handshake: GuardHandshake, context: LoginContext, first = 0): Outcome | Promise<Outcome> {
  for (let at = first; at < chain.length; at += 1) {
    const outcome = ask(chain[at]!, handshake, context);
    if (isPromiseLike(outcome)) return outcome.then((settled) => settled ?? authenticate(chain, handshake, context, at + 1));
    if (outcome !== undefined) return outcome;
  }
  return refuse("token_missing", { reason: "no authenticator found a credential" });
}

/** Undefined if the authenticator leaves the handshake to the next one. */
function ask(authenticator: Authenticator, handshake: GuardHandshake, context: LoginContext): Outcome | undefined | Promise<Outcome | undefined> {
  try {
    const { failedLogins, network } = context;
    const attempt = { network, accounts: accountsOf(authenticator, handshake) };
    if (failedLogins === undefined || attempt.accounts.length === 0) return logIn(authenticator, handshake, attempt, context);
    const { signal } = handshake;
    return failedLogins.inTurn(attempt, () => (signal.aborted ? notAwaited : failedLogins.begin(attempt) ?? logIn(authenticator, handshake, attempt, context)));
  } catch (error) {
    return failedBy(authenticator, error, context);
  }
}

const notAwaited = refuse("unavailable", { reason: "the client did not wait for its turn" });

function logIn(authenticator: Authenticator, handshake: GuardHandshake, attempt: LoginAttempt, context: LoginContext): Outcome | undefined | Promise<Outcome | undefined> {
  try {
    const answer = authenticator.authenticate(handshake);
    if (!isPromiseLike(answer)) return outcomeOf(authenticator, answer, attempt, context);
    return Promise.resolve(answer)
      .then((settled) => outcomeOf(authenticator, settled, attempt, context))
      .catch((error: unknown) => failedBy(authenticator, error, context));
  } catch (error) {
    return failedBy(authenticator, error, context);
  }
}

function failedBy({ name }: Authenticator, error: unknown, { answered, onError }: LoginContext): Refusal {
  answered(name);
  onError(error);
  return refuse("unavailable", { reason: "an authenticator failed" });
}

/** Undefined if the authenticator leaves the handshake to the next one. */
function outcomeOf({ name }: Authenticator, answer: unknown, attempt: LoginAttempt, { answered, failedLogins }: LoginContext): Outcome | undefined {
  if (answer === undefined) return undefined;
  answered(name);
  if (isIdentity(answer)) return { identity: answer, attempt };
  const refusal = answer instanceof Refusal ? answer : isDenial(answer) ? new Refusal(answer) : undefined;
  if (refusal === undefined) throw new TypeError(`The authenticator ${name} returned neither an identity, a refusal, a denial nor undefined.`);
  if (isFailedLogin(refusal.denial)) failedLogins?.failed(attempt);
  return refusal;
}

// Longer names of accounts share a count with those that begin alike.
const maxAccountLength = 256;

/**
 * The keys by which failed logins to accounts are counted. All spellings that an endpoint could take for the same user have one key. It is a
 * digest, because other nodes are told of it, and people type passwords into the wrong field.
 */
function accountsOf(authenticator: Authenticator, handshake: GuardHandshake): readonly string[] {
  const given = authenticator.accountOf?.(handshake) ?? [];
  const accounts = typeof given === "string" ? [given] : given;
  const names = accounts.map((account) => account.slice(0, maxAccountLength).normalize("NFKC").trim().toLowerCase());
  return [...new Set(names)].map((name) => createHash("sha256").update(`${authenticator.name}:${name}`).digest("base64url"));
}

/** Anything that is not an identity, or has no end, would become a session that never ends. */
function isIdentity(answer: unknown): answer is GuardIdentity {
  if (typeof answer !== "object" || answer === null) return false;
  const { method, subject, notBefore, endsAt } = answer as Partial<GuardIdentity>;
  return typeof method === "string" && (subject === undefined || (typeof subject === "string" && subject !== ""))
    && [notBefore, endsAt].every((instant) => typeof instant === "number" && !Number.isNaN(instant));
}

const guest = Object.freeze({ method: "anonymous", subject: undefined, claims: Object.freeze({}) as never, notBefore: -Infinity, endsAt: Infinity });
const admitsGuests: Authenticator<never> = Object.freeze({ name: "anonymous", authenticate: () => guest });

/**
 * Lets everybody else in as a guest, who passes only rules that are `anyone`. A guest has no subject and no claims, and its session
 * has no end. Put this last in the chain.
 */
export function anonymous(): Authenticator<never> {
  return admitsGuests;
}

/**
 * The id by which a raw token is revoked. Undefined for one that has expired: it opens nothing any more.
 * @throws GuardError with the denial's code, or `revoke_invalid` if none of them takes raw tokens
 */
export function tokenIdOf(token: string, authenticators: readonly Authenticator[]): string | undefined {
  const answers = authenticators.flatMap((authenticator) => authenticator.tokenId?.(token) ?? []);
  const tokenId = answers.find((answer) => typeof answer === "string");
  if (tokenId !== undefined) return tokenId;
  const refused = answers.filter(isDenial);
  if (refused.some(({ code }) => code === "token_expired")) return undefined;
  throw refused[0] === undefined
    ? new GuardError("revoke_invalid", "No authenticator of this guard takes raw tokens: revoke by { tokenId } or { subject }.")
    : new GuardError(refused[0].code, refused[0].message);
}
