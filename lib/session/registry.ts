/** Every session of this node: opened, checked again when something changes, ended and released. */
import type { GuardIdentity, LiveCredential } from "../authenticate/authenticator.js";
import { refuse, type Refusal } from "../refusal.js";
import { LiveSession, type SessionContext } from "./session.js";
import { SubjectIndex } from "./subject-index.js";
import { TimerQueue } from "./timer-queue.js";
import type { CachedUser } from "./user-cache.js";

const disconnected = refuse("unavailable", { message: "The connection is closed." });

/** The sessions of one credential, and one subscription to its changes. */
interface Watch {
  readonly sessions: Set<LiveSession>;
  readonly stop: (() => void) | undefined;
}

export class Registry {
  readonly context: SessionContext;
  readonly #onChanged: (session: LiveSession) => void;
  readonly #subjects = new SubjectIndex();
  /** Every session, by its credential. */
  readonly #watches = new Map<LiveCredential | undefined, Watch>();
  readonly #expiry = new TimerQueue<LiveSession>((session) => this.recheck(session));

  /** `onChanged` is called when a session may have got another identity. */
  constructor(context: SessionContext, onChanged: (session: LiveSession) => void = ignored) {
    this.context = context;
    this.#onChanged = onChanged;
  }

  /** The number of sessions that have not ended. */
  get size(): number {
    let size = 0;
    for (const session of this.#all()) if (session.ended === undefined) size += 1;
    return size;
  }

  open(id: string, namespace: string, identity: GuardIdentity, cachedUser: CachedUser | undefined): LiveSession {
    const session = new LiveSession(id, namespace, identity, cachedUser, this.context);
    this.#subjects.add(session);
    this.#expiry.set(session, session.expiresAt);
    this.#watch(session, identity.credential);
    return session;
  }

  /** The sessions of a subject, the oldest first. */
  of(subject: string): readonly LiveSession[] {
    return this.#subjects.of(subject).filter(({ ended }) => ended === undefined);
  }

  /** Gives a session a new identity. The cached user is held for it already. */
  renew(session: LiveSession, identity: GuardIdentity, cachedUser: CachedUser | undefined): void {
    const isOtherSubject = session.subject !== identity.subject;
    this.#unwatch(session);
    if (isOtherSubject) this.#subjects.delete(session);
    session.cachedUser?.release();
    session.become(identity, cachedUser);
    if (isOtherSubject) this.#subjects.add(session);
    this.#expiry.set(session, session.expiresAt);
    this.#watch(session, identity.credential);
    this.#onChanged(session);
  }

  /** Ends a session that is no longer valid. */
  recheck(session: LiveSession): void {
    const reason = session.invalidity(Date.now());
    this.#onChanged(session);
    // What is unavailable may come back: until then events are denied, and the session stays.
    if (reason === undefined || reason.denial.code === "unavailable") this.#expiry.set(session, session.expiresAt);
    else this.end(session, reason);
  }

  /** Ends a session, and with it its connection: from now on nothing of it is accepted. */
  end(session: LiveSession, reason: Refusal): void {
    if (!markEnded(session, reason)) this.release(session);
  }

  /** Ends all sessions that match. */
  endAll(matches: (session: LiveSession) => boolean, reason: Refusal, among: Iterable<LiveSession> = this.#all()): void {
    const connecting: LiveSession[] = [];
    for (const session of among) if (session.ended === undefined && matches(session) && !markEnded(session, reason)) connecting.push(session);
    // Releasing one may run code of the host: first all of them have ended.
    for (const session of connecting) this.release(session);
  }

  /** Ends what is due now, without waiting for its timer. Returns true if more is due. */
  endDue(): boolean {
    return this.#expiry.runDue();
  }

  /** Forgets a session that has ended, or whose socket is gone. Returns false if it was forgotten before. */
  release(session: LiveSession): boolean {
    session.ended ??= disconnected;
    if (!this.#unwatch(session)) return false;
    this.#subjects.delete(session);
    this.#expiry.delete(session);
    session.cachedUser?.release();
    session.abort();
    return true;
  }

  stop(): void {
    this.#expiry.stop();
    for (const { stop } of this.#watches.values()) stop?.();
  }

  *#all(): Generator<LiveSession> {
    for (const { sessions } of this.#watches.values()) yield* sessions;
  }

  /** A key that is removed ends the sessions that it opened at once, including those that send nothing. */
  #watch(session: LiveSession, credential: LiveCredential | undefined): void {
    let watch = this.#watches.get(credential);
    if (watch === undefined) {
      const sessions = new Set<LiveSession>();
      watch = { sessions, stop: credential?.onChange(() => { for (const one of sessions) this.recheck(one); }) };
      this.#watches.set(credential, watch);
    }
    watch.sessions.add(session);
  }

  /** Returns false if the session was not watched. */
  #unwatch(session: LiveSession): boolean {
    const { credential } = session;
    const watch = this.#watches.get(credential);
    if (watch?.sessions.delete(session) !== true) return false;
    // An authenticator may make a credential for each identity: it is watched only as long as it has sessions.
    if (watch.sessions.size === 0) {
      this.#watches.delete(credential);
      watch.stop?.();
    }
    return true;
  }
}

function ignored(): void {}

/** Returns false if the session has no connection that ends with it: its socket is still connecting. */
function markEnded(session: LiveSession, reason: Refusal): boolean {
  if (session.ended !== undefined) return true;
  session.ended = reason;
  session.connection?.end(reason);
  return session.connection !== undefined;
}
