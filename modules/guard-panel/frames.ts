/** Remembers when each frame with an event arrived, so that a decision can say how long it took and which answer the client gets. */
export interface Frame {
  readonly namespace: string;
  readonly event: string;
  /** The number under which the client gets the answer. */
  readonly ack: number | undefined;
  readonly arrivedAt: number;
}

/** Frames that are never decided on, for example because the session has ended, make room for later ones. */
const maxFrames = 64;

// An event in the protocol of Socket.IO: its type, and optionally a namespace and the number of the ack, as in 2/admin,7["sessions"].
const eventFrame = /^2(?:(\/[^,]*),)?(\d*)\["((?:[^"\\]|\\.){1,128})"/;

export class Frames {
  readonly #frames: Frame[] = [];

  arrived(data: unknown): void {
    const arrivedAt = performance.now();
    const [, namespace = "/", ack, event] = (typeof data === "string" && eventFrame.exec(data)) || [];
    if (event === undefined) return;
    if (this.#frames.length === maxFrames) this.#frames.shift();
    this.#frames.push({ namespace, event, ack: ack === "" ? undefined : Number(ack), arrivedAt });
  }

  /** Removes the oldest frame with this event, and all before it: the guard decides in the order of arrival. */
  take(namespace: string, event: string): Frame | undefined {
    const index = this.#frames.findIndex((frame) => frame.namespace === namespace && frame.event === event);
    return index < 0 ? undefined : this.#frames.splice(0, index + 1).at(-1);
  }
}
