/** Decrypts the messages of an encrypted room in their order. One that no key opens makes the room ask for a new key, once. */
import type { RoomEvent } from "../protocol.js";
import type { Parts } from "./connection.js";
import { loadCipher, type RoomCipher } from "./room-cipher.js";

export interface EncryptedMessagesOptions {
  readonly parts: Parts;
  readonly room: string;
  /** Resolves with the `shared_secret` that the backend gives now. */
  readonly fetchKey: () => Promise<string | undefined>;
  readonly deliver: (event: string, data: unknown) => void;
  /** Is told of each message that is dropped, and of each key that could not be fetched. */
  readonly onError: (error: Error) => void;
}

export class EncryptedMessages {
  readonly #options: EncryptedMessagesOptions;
  #cipher: RoomCipher | undefined;
  /** Messages that wait for a new key. */
  #waiting: RoomEvent[] | undefined;
  #failures = 0;
  #asksAgainAt = -Infinity;

  constructor(options: EncryptedMessagesOptions) {
    this.#options = options;
  }

  /** There is one as soon as the room was joined. */
  get cipher(): RoomCipher {
    return this.#cipher!;
  }

  /** @throws RoomError `authorization_failed` if it is no key */
  async useKey(sharedSecret: string | undefined): Promise<void> {
    this.#cipher ??= await loadCipher(this.#options.room);
    this.#cipher.addKey(sharedSecret);
  }

  receive(message: RoomEvent): void {
    if (this.#waiting !== undefined) this.#waiting.push(message);
    else this.#open(message, () => void this.#openWithNewKey(message));
  }

  #open({ event, data }: RoomEvent, onFailure: (error: Error) => void): void {
    let decrypted: unknown;
    try {
      decrypted = this.cipher.decrypt(data);
    } catch (error) {
      return onFailure(error as Error);
    }
    this.#failures = 0;
    this.#options.deliver(event, decrypted);
  }

  /** After a key that did not help, the next one is fetched after growing delays. What cannot be decrypted until then is dropped. */
  async #openWithNewKey(message: RoomEvent): Promise<void> {
    const { parts: { time, backoff }, fetchKey, onError } = this.#options;
    const waiting = [message];
    if (time.performance.now() >= this.#asksAgainAt) {
      this.#waiting = waiting;
      await fetchKey().then((key) => this.useKey(key)).catch(onError);
      this.#waiting = undefined;
      this.#asksAgainAt = time.performance.now() + backoff(time, this.#failures++);
    }
    // One by one, so that an error of a listener does not stop the rest.
    for (const each of waiting) queueMicrotask(() => this.#open(each, onError));
  }
}
