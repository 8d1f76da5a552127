/** One use of a room by the page: its listeners, until it leaves. Several handles share one membership. */
import type { Denial, EncryptedMessage, PublishRequest, RoomMember } from "../protocol.js";
import type { Parts } from "./connection.js";
import type { DenialError } from "./denial.js";
import type { GuardRoom } from "./guard-room.js";
import { isEncrypted, type RoomCipher } from "./room-cipher.js";

/** What a handle uses of its membership. */
export interface SharedRoom extends Pick<GuardRoom, "status" | "error" | "members"> {
  readonly room: string;
  /** @throws Error if the room is not encrypted */
  readonly cipher: RoomCipher;
  /** Resolves once the client is in the room. */
  arrived(): Promise<void>;
  /** A handle has left. */
  release(handle: RoomHandle): Promise<void>;
}

type Kind = "server" | "published" | "error" | "change";
type Listener = (kind: Kind, event: string, data: unknown, from: string | null) => void;

export class RoomHandle implements GuardRoom {
  readonly #parts: Parts;
  readonly #shared: SharedRoom;
  readonly #listeners = new Set<Listener>();
  /** What arrived before the page could add its listeners. */
  #early: Parameters<Listener>[] | undefined = [];
  #hasLeft = false;

  constructor(parts: Parts, shared: SharedRoom) {
    this.#parts = parts;
    this.#shared = shared;
  }

  /** The room was joined, and the page is about to add its listeners. */
  begin(): void {
    setTimeout(() => {
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const arrived of early) queueMicrotask(() => this.receive(...arrived));
    });
  }

  get name(): string { return this.#shared.room; }
  get status(): GuardRoom["status"] { return this.#hasLeft ? "left" : this.#shared.status; }
  get error(): GuardRoom["error"] { return this.#hasLeft ? null : this.#shared.error; }
  get denial(): Denial | null { return (this.error as DenialError | null)?.denial ?? null; }
  get members(): readonly RoomMember[] { return this.#hasLeft ? none : this.#shared.members; }

  on(event: string, listener: (data: never) => void): () => void {
    return this.#add((kind, name, data) => { if (kind === "server" && name === event) listener(data as never); });
  }

  onPublished(event: string, listener: (data: never, from: string | null) => void): () => void {
    return this.#add((kind, name, data, from) => { if (kind === "published" && name === event) listener(data as never, from); });
  }

  onError(listener: (error: Error) => void): () => void {
    return this.#add((kind, _, error) => { if (kind === "error") listener(error as Error); });
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#add((kind) => { if (kind === "change") listener(); });

  async emit(event: string, data?: unknown): Promise<void> {
    if (isEncrypted(this.name)) throw new Error("An encrypted room has no events of its members. Send what `encrypt()` returns as an event of your own.");
    this.#refuseIfLeft();
    await this.#shared.arrived();
    this.#refuseIfLeft();
    await this.#parts.send("guard:publish", { room: this.name, event, data } satisfies PublishRequest);
  }

  encrypt(data: unknown): EncryptedMessage {
    this.#refuseIfLeft();
    return this.#shared.cipher.encrypt(data);
  }

  decrypt(message: EncryptedMessage | string): unknown {
    this.#refuseIfLeft();
    return this.#shared.cipher.decrypt(message);
  }

  async leave(): Promise<void> {
    if (this.status === "left") return;
    this.#hasLeft = true;
    this.receive("change");
    this.#listeners.clear();
    await this.#shared.release(this);
  }

  /** Passes something on to its listeners. Changes of the state do not wait for them. */
  receive(kind: Kind, event = "", data?: unknown, from: string | null = null): void {
    if (kind !== "change" && this.#early !== undefined) this.#early.push([kind, event, data, from]);
    else for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener(kind, event, data, from);
  }

  #add(listener: Listener): () => void {
    if (!this.#hasLeft) this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #refuseIfLeft(): void {
    if (this.status === "left") throw this.error ?? new Error("The room was left.");
  }
}

const none: readonly RoomMember[] = Object.freeze([]);
