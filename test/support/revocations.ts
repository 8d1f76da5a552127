// Records for tests, and a simple store of revocations in memory that can fail and hang.
import { randomUUID } from "node:crypto";
import { retention, supersedes, merge, type Revocation, type RevocationPage, type RevocationStore, type RevocationVersion } from "../../lib/session/revocation.js";

export const hour = 3_600_000;

export function record(value: string, more: Partial<Revocation> = {}): Revocation {
  const now = Date.now();
  return { kind: "token", value, issuedBefore: now, expiresAt: now + hour, ...more };
}

export const keyOf = ({ kind, value }: Revocation): string => `${kind} ${value}`;

/** All records after a version, page by page, and the version that they reach. */
export async function readAll(store: RevocationStore, from?: RevocationVersion): Promise<RevocationPage> {
  const all: Revocation[] = [];
  for (let version = from; ;) {
    const page = await store.since(version);
    version = page.version;
    if (page.records.length === 0) return { records: all, version };
    all.push(...page.records);
  }
}

export class StoreInMemory implements RevocationStore {
  /** Called before each use: the store throws what it throws, and hangs while it waits. */
  before: (use: "append" | "since") => unknown = () => undefined;
  readonly appended: Revocation[][] = [];
  #epoch = randomUUID();
  #number = 0;
  #records = new Map<string, { readonly record: Revocation; readonly number: number }>();

  get size(): number {
    return this.#records.size;
  }

  async append(records: readonly Revocation[]): Promise<void> {
    await this.before("append");
    this.appended.push([...records]);
    for (const one of records) {
      const known = this.#records.get(keyOf(one))?.record;
      if (!supersedes(known, one)) this.#records.set(keyOf(one), { record: merge(known, one), number: this.#number += 1 });
    }
    const before = Date.now() - retention;
    for (const [key, { record: { expiresAt } }] of this.#records) if (expiresAt <= before) this.#records.delete(key);
  }

  async since(version: RevocationVersion | undefined): Promise<RevocationPage> {
    await this.before("since");
    const start = version?.epoch === this.#epoch && version.number <= this.#number ? version.number : 0;
    const after = [...this.#records.values()].filter(({ number }) => number > start).sort((one, other) => one.number - other.number);
    const page = after.slice(0, 1_000);
    const reached = page.length < after.length ? page.at(-1)!.number : this.#number;
    return { records: page.map((kept) => kept.record), version: { epoch: this.#epoch, number: reached } };
  }

  /** As if its disk was lost. */
  empty(): void {
    this.#epoch = randomUUID();
    this.#number = 0;
    this.#records.clear();
  }

  /** Returns a function that restores the current state. */
  copy(): () => void {
    const [epoch, number, records] = [this.#epoch, this.#number, new Map(this.#records)];
    return () => { [this.#epoch, this.#number, this.#records] = [epoch, number, new Map(records)]; };
  }
}
