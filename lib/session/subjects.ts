/** The sessions of each subject. Most have one: only those with more cost a list. */
import type { LiveSession } from "./session.js";

export class Subjects {
  readonly #sessions = new Map<string, LiveSession | Set<LiveSession>>();

  /** In the order in which they came. */
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
    else if (found !== session) this.#sessions.set(subject, new Set([found, session]));
  }

  /** Before its subject becomes another one. */
  remove(session: LiveSession): void {
    const { subject } = session;
    if (subject === undefined) return;
    const found = this.#sessions.get(subject);
    if (found instanceof Set) found.delete(session);
    if (found === session || (found instanceof Set && found.size === 0)) this.#sessions.delete(subject);
  }
}
