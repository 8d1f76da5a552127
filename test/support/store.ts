// A store of revocations that the test breaks and mends, shared by as many nodes as it likes.
import type { Revocation, RevocationPage, RevocationStore, Version } from "../../lib/index.js";

export class FakeStore implements RevocationStore {
  epoch = "first";
  records: Revocation[] = [];
  /** Whether it answers at all. */
  isDown = false;
  reads = 0;
  #waiting: (() => void)[] = [];

  append(records: readonly Revocation[]): Promise<void> {
    if (this.isDown) return Promise.reject(new Error("The store is down."));
    this.records.push(...records);
    return Promise.resolve();
  }

  since(version: Version | undefined): Promise<RevocationPage> {
    this.reads += 1;
    for (const settle of this.#waiting.splice(0)) setImmediate(settle);
    if (this.isDown) return Promise.reject(new Error("The store is down."));
    const known = version?.epoch === this.epoch && version.number <= this.records.length ? version.number : 0;
    return Promise.resolve({ records: this.records.slice(known), version: { epoch: this.epoch, number: this.records.length } });
  }

  /** Settles a turn after the next read. */
  nextRead(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
