/**
 * Notices: what every node has to do once, such as removing a user from a room. They are kept with the revocations, and written
 * as the revocation of a session that does not exist: nodes of earlier versions, and stores of the host, know no other kinds.
 */
import { randomBytes } from "node:crypto";
import type { Revocation } from "./revocation.js";

export type Notice =
  /** The memberships of a subject in a room have to end. A member whose membership begins after a node has read this stays. */
  | { readonly kind: "evict"; readonly namespace: string; readonly room: string; readonly subject: string }
  /** Something about a user has changed, so whatever depended on it has to be decided again. */
  | { readonly kind: "user"; readonly subject: string };

export type Eviction = Omit<Extract<Notice, { kind: "evict" }>, "kind">;

/**
 * Milliseconds that a notice is kept, for nodes that cannot read the store meanwhile. Users change more often than they are evicted,
 * and a node that has missed a change can ask all rules again.
 */
export const noticeLives = { evict: 86_400_000, user: 3_600_000 } as const satisfies Record<Notice["kind"], number>;

// No session has such an id: Socket.IO's ids are letters, digits, `_` and `-`.
const prefix = "guard:notice ";

/** Whether this is the value of a notice, and cannot be the id of a session. */
export function isNoticeValue(value: string): boolean {
  return value.startsWith(prefix);
}

/** Makes the records of the notices of one node. */
export class NoticeWriter {
  // The same notice of two nodes is two records: whose is later cannot be seen from their clocks.
  readonly #node = randomBytes(9).toString("base64url");
  #last = 0;

  /** Repeating a notice makes a record that reaches further, so that it is read again. */
  recordOf(notice: Notice): Revocation {
    const now = Date.now();
    this.#last = Math.max(now, this.#last + 1);
    const fields = notice.kind === "evict" ? [notice.namespace, notice.room, notice.subject] : [notice.subject];
    const value = prefix + JSON.stringify([this.#node, notice.kind, ...fields]);
    return Object.freeze({ kind: "session", value, issuedBefore: this.#last, expiresAt: now + noticeLives[notice.kind] });
  }
}

/** Undefined for a revocation, and for a notice of a later version that this one cannot follow. */
export function noticeOf({ kind, value }: Revocation): Notice | undefined {
  if (kind !== "session" || !isNoticeValue(value)) return undefined;
  const fields = fieldsOf(value);
  const [, name, first, room, subject] = fields;
  if (name === "user" && fields.length === 3) return { kind: name, subject: first! };
  if (name === "evict" && fields.length === 5) return { kind: name, namespace: first!, room: room!, subject: subject! };
  return undefined;
}

function fieldsOf(value: string): readonly string[] {
  try {
    const fields: unknown = JSON.parse(value.slice(prefix.length));
    return Array.isArray(fields) && fields.every((field) => typeof field === "string") ? fields : [];
  } catch {
    return [];
  }
}
