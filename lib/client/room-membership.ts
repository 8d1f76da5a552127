/** The client's membership of one room, which all its handles share: it is joined again when the connection or the session is another one. */
import type { Denial, PresenceNotice, Published, RoomAuthorization, RoomEvent, RoomMember } from "../protocol.js";
import type { Parts } from "./connection.js";
import type { DenialError } from "./denial.js";
import { deferred, inTime } from "./deferred.js";
import type { GuardRoom } from "./guard-room.js";
import { JoinAttempts } from "./join-attempts.js";
import { EncryptedMessages } from "./encrypted-messages.js";
import type { JoinOptions } from "./join-options.js";
import { RoomAuthorizer } from "./room-authorization.js";
import { isEncrypted, type RoomCipher } from "./room-cipher.js";
import { RoomHandle, type SharedRoom } from "./room-handle.js";
import { isRoomError, type RoomError } from "./room-error.js";
import { RoomMembers } from "./room-members.js";

export class Membership implements SharedRoom {
  readonly room: string;
  status: GuardRoom["status"] = "joining";
  error: GuardRoom["error"] = null;
  readonly #parts: Parts;
  readonly #onEnd: () => unknown;
  readonly #attempts: JoinAttempts;
  readonly #authorizer: RoomAuthorizer;
  /** Of an encrypted room. */
  readonly #encrypted: EncryptedMessages | undefined;
  readonly #handles = new Set<RoomHandle>();
  readonly #members = new RoomMembers();
  #arrival = deferred();
  #hasJoined = false;
  /** Whether the server sends what happens in the room. It may do so while the client joins again. */
  #isMember = false;
  /** The session that it was joined with, or that it is being joined with. */
  #session: string | undefined;

  constructor(parts: Parts, room: string, onEnd: () => unknown) {
    this.#parts = parts;
    this.room = room;
    this.#onEnd = onEnd;
    this.#authorizer = new RoomAuthorizer(parts, room);
    this.#encrypted = isEncrypted(room) ? new EncryptedMessages({
      parts, room,
      fetchKey: async () => (await this.#authorizer.authorize()).shared_secret,
      deliver: (event, data) => this.#tell("server", event, data),
      onError: (error) => this.#tell("error", "", error),
    }) : undefined;
    this.#attempts = new JoinAttempts({
      parts, room,
      authorize: () => this.#authorize(),
      onJoined: (members) => this.#onJoined(members),
      onFailure: (error) => this.#onFailure(error),
    });
  }

  get members(): readonly RoomMember[] {
    return this.#members.list;
  }

  /** @throws Error if the room is not encrypted */
  get cipher(): RoomCipher {
    if (this.#encrypted === undefined) throw new Error("The room is not encrypted: its name does not begin with `private-encrypted-`.");
    return this.#encrypted.cipher;
  }

  /** Resolves with a handle once the client is in the room. */
  async open(options: JoinOptions): Promise<GuardRoom> {
    this.#authorizer.use(options);
    const handle = new RoomHandle(this.#parts, this);
    this.#handles.add(handle);
    await this.#arrival.promise;
    handle.begin();
    return handle;
  }

  /** Resolves once the client is in the room. Rejects if it is removed, or if that takes longer than `ackTimeout`. */
  arrived(): Promise<void> {
    return inTime(this.#parts, this.#arrival.promise, "The room was not joined again in time.");
  }

  /** The room is left when nobody uses it any more. */
  async release(handle: RoomHandle): Promise<void> {
    this.#handles.delete(handle);
    if (this.#handles.size > 0) return;
    this.end(null);
    await this.#sendLeave();
  }

  /** Follows the state of the client: another session needs to join again. */
  follow(): void {
    const { status, session, denial } = this.#parts.listeners.state;
    if (status === "connected") {
      const current = JSON.stringify([session?.signingId, session?.subject]);
      if (current === this.#session) return;
      this.#session = current;
      this.#setStatus("joining");
      return void this.#attempts.start();
    }
    this.#suspend();
    if (status !== "disconnected" || this.#hasJoined) return;
    this.end(null, denial === null ? new Error("The socket is disconnected.") : new this.#parts.DenialError(denial));
  }

  onEvent(event: RoomEvent): void {
    if (!this.#isMember) return;
    if (this.#encrypted !== undefined) this.#encrypted.receive(event);
    else this.#tell("server", event.event, event.data);
  }

  onPublished({ event, data, from }: Published): void {
    // Members of an encrypted room cannot publish: this would not be encrypted.
    if (this.#isMember && this.#encrypted === undefined) this.#tell("published", event, data, from);
  }

  onPresence(notice: PresenceNotice): void {
    if (this.#isMember && this.#members.update(notice)) this.#tell("change");
  }

  /** The server has removed the client. */
  onLeft(denial: Denial): void {
    if (!this.#isMember) return;
    this.#isMember = false;
    const isJoining = this.status === "joining";
    const needsSession = denial.status === 401;
    const needsSignature = denial.code === "signature_expired" || denial.code === "signature_invalid";
    if (!needsSession && !needsSignature) {
      this.end(new this.#parts.DenialError(denial));
      // The server may have let the client in again in the meantime.
      if (isJoining) void this.#sendLeave();
      return;
    }
    // This attempt has another session and another authorization already.
    if (isJoining) return;
    if (needsSession) return this.#suspend();
    this.#setStatus("joining");
    this.#attempts.startAgain();
  }

  /** Ends the membership for good. Those who wait for it get the reason. */
  end(error: GuardRoom["error"], reason: Error = error ?? new Error("The room was left.")): void {
    this.#onEnd();
    this.error = error;
    this.#members.update({ members: [] });
    this.#suspend("left");
    this.#arrival.reject(reason);
    this.#handles.clear();
  }

  async #authorize(): Promise<Partial<RoomAuthorization>> {
    const authorization = await this.#authorizer.authorize();
    await this.#encrypted?.useKey(authorization.shared_secret);
    return authorization;
  }

  #onJoined(members: readonly RoomMember[]): void {
    this.#hasJoined = this.#isMember = true;
    this.#members.update({ members });
    this.#arrival.resolve();
    this.#setStatus("joined");
  }

  #onFailure(error: Error): void {
    const { denial } = error as Partial<DenialError>;
    const isFinal = denial !== undefined ? !passes(denial) : isRoomError(error) && error.code === "authorization_refused";
    // The session has ended, unless it is a guest's, who may not be in this room.
    if (this.#hasJoined && denial?.status === 401 && denial.code !== "token_missing") return this.#attempts.stop();
    if (this.#hasJoined && !isFinal) {
      this.#attempts.startLater(denial?.retryAfter);
      return this.#tell("error", "", error);
    }
    this.end(denial !== undefined || isRoomError(error) ? error as DenialError | RoomError : null, error);
    // The server may have let the client in, although its answer was late.
    if (denial === undefined) void this.#sendLeave();
  }

  /** Without a session there is no membership. */
  #suspend(status: GuardRoom["status"] = "joining"): void {
    this.#session = undefined;
    this.#isMember = false;
    this.#attempts.stop();
    this.#setStatus(status);
  }

  #setStatus(status: GuardRoom["status"]): void {
    if (status === this.status) return;
    if (this.status === "joined") this.#arrival = deferred();
    this.status = status;
    this.#tell("change");
  }

  #tell(...told: Parameters<RoomHandle["receive"]>): void {
    for (const handle of [...this.#handles]) handle.receive(...told);
  }

  async #sendLeave(): Promise<void> {
    const { socket, ask } = this.#parts;
    if (socket.connected) await ask("guard:leave", { room: this.room }).catch(() => undefined);
  }
}

/** Whether the same join may be allowed later. */
function passes({ status, retryAfter }: Denial): boolean {
  return status === 429 || status === 503 || retryAfter !== undefined;
}
