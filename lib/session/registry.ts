/** Every session of this node: opened, looked at, ended. */
import type { LiveCredential, Identity } from "../authenticate/authenticator.js";
import { denial, type Denial } from "../protocol.js";
import type { CachedUser } from "./user-cache.js";
import { nowhere, type Deadlines } from "./deadlines.js";
import { alwaysFresh, LiveSession, type Freshness, type SessionHolder, type SessionKeeper, type Signing } from "./session.js";
import { Subjects } from "./subjects.js";

const gone = denial("unavailable", { message: "The connection is closed." });

export class Registry implements SessionKeeper {
  readonly freshness: Freshness;
  readonly newSigning: () => Signing | undefined;
  readonly #subjects = new Subjects();
  #live = 0;
  readonly #deadlines: Deadlines;
  /** All sessions, by the credential that they live by. */
  readonly #watches = new Map<LiveCredential | undefined, Watch>();

  constructor(deadlines: Deadlines, freshness: Freshness = alwaysFresh, newSigning: () => Signing | undefined = () => undefined) {
    this.#deadlines = deadlines;
    this.freshness = freshness;
    this.newSigning = newSigning;
  }

  /** How many live. */
  get size(): number {
    return this.#live;
  }

  open(id: string, identity: Identity, account: CachedUser | undefined, holder: SessionHolder): LiveSession {
    const session = new LiveSession(id, identity, account, holder, this);
    this.#live += 1;
    this.#subjects.add(session);
    this.#schedule(session);
    this.#watch(session, identity.credential);
    return session;
  }

  /** The sessions of a subject, the oldest first. */
  of(subject: string): readonly LiveSession[] {
    return this.#subjects.of(subject).filter(({ ended }) => ended === undefined);
  }

  /** Gives a session a new identity; the account is held for it already. */
  renew(session: LiveSession, identity: Identity, account: CachedUser | undefined): void {
    this.#deadlines.remove(session);
    this.#unwatch(session);
    this.#watch(session, identity.credential);
    session.account?.release();
    if (session.subject !== identity.subject) this.#subjects.remove(session);
    session.become(identity, account);
    this.#subjects.add(session);
    this.#schedule(session);
  }

  /** Ends a session whose time has come; keeps one whose end has moved. */
  look(session: LiveSession): void {
    if (session.ended !== undefined) return;
    const code = session.refusal(Date.now());
    // What is unavailable may come back: that denies events, and ends nobody.
    if (code !== undefined && code !== "unavailable") return this.end(session, denial(code));
    this.#schedule(session);
  }

  /** Ends a session for a reason, at once: from here on it accepts nothing. */
  end(session: LiveSession, reason: Denial): void {
    if (!this.mark(session, reason)) return;
    if (!session.holder.sessionEnded(session)) this.settle(session);
  }

  /** Ends all that match, in one walk. Letting go may run a host's code: so that comes when all have ended. */
  endWhere(matches: (session: LiveSession) => boolean, reason: Denial, among: Iterable<LiveSession> = this.#all()): void {
    const loose: LiveSession[] = [];
    for (const session of among) {
      if (session.ended !== undefined || !matches(session)) continue;
      this.mark(session, reason);
      if (!session.holder.sessionEnded(session)) loose.push(session);
    }
    for (const session of loose) this.settle(session);
  }

  /** From here on it accepts nothing. False if it has ended already. Thousands are marked in one turn: the rest is `settle`. */
  mark(session: LiveSession, reason: Denial): boolean {
    if (session.ended !== undefined) return false;
    session.ended = reason;
    this.#live -= 1;
    return true;
  }

  /** Lets go of a session that has ended, or whose socket is gone; true for the first time. */
  settle(session: LiveSession): boolean {
    this.mark(session, gone);
    if (!this.#unwatch(session)) return false;
    this.#subjects.remove(session);
    this.#deadlines.remove(session);
    session.account?.release();
    session.abort();
    return true;
  }

  stop(): void {
    this.#deadlines.stop();
    for (const { stop } of this.#watches.values()) stop?.();
  }

  *#all(): Generator<LiveSession> {
    for (const { sessions } of this.#watches.values()) yield* sessions;
  }

  #schedule(session: LiveSession): void {
    if (session.place !== nowhere && session.dueAt === session.expiresAt) return;
    this.#deadlines.remove(session);
    session.dueAt = session.expiresAt;
    if (session.dueAt !== Infinity) this.#deadlines.add(session);
  }

  /** A key that is dropped ends the sessions that it opened at once, also those that say nothing. */
  #watch(session: LiveSession, credential: LiveCredential | undefined): void {
    let watch = this.#watches.get(credential);
    if (watch === undefined) {
      const sessions = new Set<LiveSession>();
      watch = { sessions, stop: credential?.onChange(() => { for (const one of sessions) this.look(one); }) };
      this.#watches.set(credential, watch);
    }
    watch.sessions.add(session);
  }

  /** An authenticator may make a credential for each identity: it is not watched for longer than that one lives. False if it was not. */
  #unwatch(session: LiveSession): boolean {
    const { credential } = session;
    const watch = this.#watches.get(credential);
    if (watch?.sessions.delete(session) !== true) return false;
    if (watch.sessions.size === 0) {
      this.#watches.delete(credential);
      watch.stop?.();
    }
    return true;
  }
}

/** The sessions of a credential, and one subscription for all of them. */
interface Watch {
  readonly sessions: Set<LiveSession>;
  readonly stop: (() => void) | undefined;
}
