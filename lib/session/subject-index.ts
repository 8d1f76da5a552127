/** Finds the sessions of a subject. Most subjects have one session: only those with more cost a set. */
import type { LiveSession } from "./session.js";

export class SubjectIndex {
  readonly #sessions = new Map<string, LiveSession | Set<LiveSession>>();

  /** The oldest first. */
  of(subject: string): readonly LiveSession[] {
    const found = this.#sessions.get(subject);
    if (found === undefined) return [];
    return found instanceof Set ? [...found] : [found];
  }

  add(session: LiveSession): void {
    const { subject } = session;
    if (subject === undefined) return;
    const found = this.#sessions.get(subject);
    if (found === undefined) this.#sessions.set(subject, session);
    else if (found instanceof Set) found.add(session);
    else this.#sessions.set(subject, new Set([found, session]));
  }

  /** Must be called before the subject of the session changes. */
  delete(session: LiveSession): void {
    const { subject } = session;
    if (subject === undefined) return;
    const found = this.#sessions.get(subject);
    if (found instanceof Set) found.delete(session);
    if (found === session || (found instanceof Set && found.size === 0)) this.#sessions.delete(subject);
  }
}
