/** Whom or what a window counts: a user, an address, a room. Its text is hashed once, and not for every event. */
import { createHmac, randomBytes } from "node:crypto";

// A secret of this process: nobody outside can find two texts with the same hash, and so count as somebody else.
const secret = randomBytes(32);

export class LimitKey {
  readonly text: string;
  /** Two signed 32-bit halves of the hash: V8 keeps them in the object itself. */
  readonly high: number;
  readonly low: number;

  constructor(text: string) {
    const hash = createHmac("sha256", secret).update(text).digest();
    this.text = text;
    this.high = hash.readInt32LE(0);
    this.low = hash.readInt32LE(4);
  }
}
