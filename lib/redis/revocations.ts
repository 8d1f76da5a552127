/** Revocations in Redis. Each append and each page is one script, so that it is atomic. */
import { randomUUID } from "node:crypto";
import { escapeText, unescapeText } from "../session/escape-text.js";
import { retention, newerVersion, type Revocation, type RevocationKind, type RevocationPage, type RevocationStore, type RevocationVersion } from "../session/revocation.js";
import type { RunScript } from "./client.js";
import { appendScript, sinceScript } from "./scripts.js";

// Redis does nothing else while a script runs. With this many records, it takes a few milliseconds.
const maxInAppend = 1_000;
const maxInPage = 1_000;
const maxRemoved = 2_000;

export class RedisRevocations implements RevocationStore {
  readonly #run: RunScript;
  readonly #keys: readonly string[];
  readonly #clock: () => number;
  /** The latest version that this node has seen. A store with an earlier one has lost records. */
  #seen: RevocationVersion = { epoch: "", number: 0 };

  constructor(run: RunScript, key: string, clock: () => number = Date.now) {
    this.#run = run;
    this.#keys = [key, `${key}:order`, `${key}:ends`];
    this.#clock = clock;
  }

  async append(records: readonly Revocation[]): Promise<void> {
    for (let first = 0; first < records.length; first += maxInAppend) {
      const args = records.slice(first, first + maxInAppend).flatMap(argumentsOf);
      const head = [randomUUID(), this.#seen.epoch, String(this.#seen.number), String(this.#clock() - retention), String(maxRemoved)];
      const [epoch, number] = await this.#run(appendScript, this.#keys, [...head, ...args]);
      this.#saw({ epoch: epoch!, number: Number(number) });
    }
  }

  async since(version: RevocationVersion | undefined): Promise<RevocationPage> {
    const head = [randomUUID(), version?.epoch ?? "", String(version?.number ?? 0), String(maxInPage)];
    const [epoch, number, reached, ...fields] = await this.#run(sinceScript, this.#keys, head);
    this.#saw({ epoch: epoch!, number: Number(number) });
    return { records: recordsOf(fields), version: { epoch: epoch!, number: Number(reached) } };
  }

  #saw(version: RevocationVersion): void {
    this.#seen = newerVersion(this.#seen, version);
  }
}

/** The id is the kind and the value. Numbers are sent as strings, because Lua would round their fractions. */
function argumentsOf({ kind, value, issuedBefore, expiresAt }: Revocation): string[] {
  return [`${kind} ${escapeText(value)}`, String(issuedBefore), String(expiresAt)];
}

function recordsOf(fields: readonly string[]): Revocation[] {
  return Array.from({ length: fields.length / 2 }, (_, index) => {
    const id = fields[2 * index]!;
    const space = id.indexOf(" ");
    const [issuedBefore, expiresAt] = fields[2 * index + 1]!.split(" ").map(Number);
    return { kind: id.slice(0, space) as RevocationKind, value: unescapeText(id.slice(space + 1)), issuedBefore: issuedBefore!, expiresAt: expiresAt! };
  });
}
