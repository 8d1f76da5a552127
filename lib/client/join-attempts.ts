/** The attempts to join a room: each one gets an authorization for the session, and then asks the server. */
import type { Denied, JoinAnswer, JoinRequest, RoomAuthorization, RoomMember } from "../protocol.js";
import type { Parts } from "./connection.js";

// After a membership that lasted this long, the next failure counts as the first.
const stableAfter = 10_000;

export interface AttemptsOptions {
  readonly parts: Parts;
  readonly room: string;
  /** Resolves with what the join has to contain. */
  readonly authorize: () => Promise<Partial<RoomAuthorization>>;
  readonly onJoined: (members: readonly RoomMember[]) => void;
  readonly onFailure: (error: Error) => void;
}

export class JoinAttempts {
  readonly #options: AttemptsOptions;
  #attempt = 0;
  #failures = 0;
  #joinedAt = 0;
  #timer: unknown;

  constructor(options: AttemptsOptions) {
    this.#options = options;
  }

  /** Joins now. Nothing is heard of an earlier attempt any more. */
  async start(): Promise<void> {
    const { authorize, onFailure } = this.#options;
    this.stop();
    const attempt = this.#attempt;
    const isCurrent = (): boolean => attempt === this.#attempt;
    try {
      const authorization = await authorize();
      if (isCurrent()) this.#send(authorization, isCurrent);
    } catch (error) {
      if (isCurrent()) onFailure(error as Error);
    }
  }

  /** Joins after this many milliseconds, and a delay that grows with each failure. */
  startLater(retryAfter = 0): void {
    const { time, backoff } = this.#options.parts;
    this.stop();
    this.#timer = time.setTimeout(() => void this.start(), retryAfter + backoff(time, this.#failures++));
  }

  /** Joins after the server has ended the membership: at once, unless it lasted only a short time. */
  startAgain(): void {
    if (this.#now() - this.#joinedAt >= stableAfter) this.#failures = 0;
    if (this.#failures > 0) return this.startLater();
    this.#failures = 1;
    this.stop();
    const attempt = this.#attempt;
    // If this is because the session has changed, the notice of the new one arrives together with it.
    setTimeout(() => { if (attempt === this.#attempt) void this.start(); });
  }

  stop(): void {
    this.#attempt += 1;
    this.#options.parts.time.clearTimeout(this.#timer);
  }

  // With a callback, because what the server sends right after its answer must find the client in the room.
  #send({ auth, channel_data }: Partial<RoomAuthorization>, isCurrent: () => boolean): void {
    const { parts: { socket, ackTimeout, DenialError }, room, onJoined, onFailure } = this.#options;
    const request: JoinRequest = { room, ...(auth !== undefined && { auth }), ...(channel_data !== undefined && { channel_data }) };
    socket.timeout(ackTimeout).emit("guard:join", request, (error, answer) => {
      if (!isCurrent()) return;
      const { error: denial, members = [] } = (answer ?? {}) as Exclude<JoinAnswer, Denied> & Partial<Denied>;
      if (error !== null || denial != null) return onFailure(error ?? new DenialError(denial!));
      this.#joinedAt = this.#now();
      onJoined(members);
    });
  }

  #now(): number {
    return this.#options.parts.time.performance.now();
  }
}
