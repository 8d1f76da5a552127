/** A room as the page sees it: what `client.join()` resolves with. */
import type { Denial, EncryptedMessage, RoomMember } from "../protocol.js";
import type { DenialError } from "./denial.js";
import type { RoomError } from "./room-error.js";

/** Events of a room whose types are not declared. */
export type AnyRoomEvents = Record<string, unknown>;

/**
 * A room that was joined. `ServerEvents` and `MemberEvents` map the names of events to the types of their data. After `leave()`, or after
 * the server has removed the client, it stays as it is: call `client.join()` again for another one.
 */
export interface GuardRoom<ServerEvents extends object = AnyRoomEvents, MemberEvents extends object = AnyRoomEvents> {
  readonly name: string;
  /**
   * - `"joined"`: the client is in the room.
   * - `"joining"`: the connection was lost or the session has changed, and the client joins again.
   * - `"left"`: the client has left, or was removed: `error` says why.
   */
  readonly status: "joined" | "joining" | "left";
  /** Why the server removed the client or did not let it in again. Otherwise null. */
  readonly denial: Denial | null;
  /** Why the room was left: the denial as an error, or that your backend refused to authorize the room. Null if the page left it. */
  readonly error: DenialError | RoomError | null;
  /** Who is present, if the rule of the room has `presence`. It is the same list until something changes, and empty after the room was left. */
  readonly members: readonly RoomMember[];
  /** Adds a listener for an event that the server sends with `guarded.room(name).emit()`; in an encrypted room it gets the decrypted data. Returns a function that removes it. */
  on<Name extends keyof ServerEvents & string>(event: Name, listener: (data: ServerEvents[Name]) => void): () => void;
  /** Adds a listener for an event that another member publishes with `emit()`. `from` is the id of the member, or null for a guest. Returns a function that removes it. */
  onPublished<Name extends keyof MemberEvents & string>(event: Name, listener: (data: MemberEvents[Name], from: string | null) => void): () => void;
  /** Adds a listener for errors that do not end the membership: a message that cannot be decrypted, or a failed attempt to join again. Returns a function that removes it. */
  onError(listener: (error: Error) => void): () => void;
  /** Calls the listener after each change of `status` and `members`. Returns a function that removes it: `useSyncExternalStore(room.subscribe, () => room.members)`. */
  readonly subscribe: (listener: () => void) => () => void;
  /**
   * Publishes an event to the other members, if the room's rule allows it. While the client joins again, the event waits.
   * @throws DenialError if the server denies it, or has removed the client from the room
   * @throws Error if the room was left or is encrypted, or if there is no answer within `ackTimeout`
   */
  emit<Name extends keyof MemberEvents & string>(event: Name, ...data: undefined extends MemberEvents[Name] ? [data?: MemberEvents[Name]] : [data: MemberEvents[Name]]): Promise<void>;
  /**
   * Encrypts data for the members of an encrypted room.
   * @throws Error if the room is not encrypted, or was left
   */
  encrypt(data: unknown): EncryptedMessage;
  /**
   * Decrypts a message of an encrypted room, such as one of its history.
   * @throws RoomError `decryption_failed`
   * @throws Error if the room is not encrypted, or was left
   */
  decrypt(message: EncryptedMessage | string): unknown;
  /** Leaves the room: nothing arrives any more. If the page has joined it several times, the client stays in it for the others. Never rejects. */
  leave(): Promise<void>;
}
