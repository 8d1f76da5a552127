/** The memberships whose member is somebody else than the user of the session, because a signature names the member: found by the id of the member. */
import type { Membership } from "./membership.js";

export class SignedMembers {
  readonly #byId = new Map<string, Set<Membership>>();

  add(membership: Membership): void {
    const id = idOf(membership);
    if (id === undefined || id === membership.session.subject) return;
    const others = this.#byId.get(id);
    if (others === undefined) this.#byId.set(id, new Set([membership]));
    else others.add(membership);
  }

  /** Before its member changes, or once it has ended. */
  delete(membership: Membership): void {
    const id = idOf(membership);
    const all = id === undefined ? undefined : this.#byId.get(id);
    if (all?.delete(membership) === true && all.size === 0) this.#byId.delete(id!);
  }

  of(id: string): readonly Membership[] {
    return [...(this.#byId.get(id) ?? [])];
  }
}

function idOf({ permission: { member } }: Membership): string | undefined {
  return member?.id;
}
