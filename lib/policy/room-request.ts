/** What a client asks about a room: what the room's checks are given, and what they found out. */
import type { JoinAuthorization, RoomMember } from "../protocol.js";

/** What a check has verified. */
export interface Authorized {
  /** When the membership ends, in epoch milliseconds. */
  readonly endsAt: number;
  /** Whom a signature names. */
  readonly member?: RoomMember | undefined;
}

export class RoomRequest {
  readonly room: string;
  readonly params: Readonly<Record<string, string>>;
  /** What the client presents. It is not verified. */
  readonly authorization: JoinAuthorization;
  /** When the membership ends, in epoch milliseconds. */
  endsAt = Infinity;
  member: RoomMember | undefined = undefined;

  constructor(room: string, params: Readonly<Record<string, string>>, authorization: JoinAuthorization) {
    this.room = room;
    this.params = params;
    this.authorization = authorization;
  }

  /** The earliest end counts. One that is not a number has passed already. */
  authorized({ endsAt, member }: Authorized): void {
    this.endsAt = endsAt >= this.endsAt ? this.endsAt : Number.isNaN(endsAt) ? -Infinity : endsAt;
    this.member = member ?? this.member;
  }
}
