/** Revocations in Redis: each append and each page is one script, which sees and changes the store as a whole. */
import { randomUUID } from "node:crypto";
import { escapeText, unescapeText } from "../session/escape-text.js";
import { retention, newerVersion, type Revocation, type RevocationKind, type RevocationPage, type RevocationStore, type RevocationVersion } from "../session/revocation.js";
import type { RunScript } from "./client.js";
import { appendScript, sinceScript } from "./scripts.js";

// Redis does nothing else meanwhile: a script of this many takes a few milliseconds.
const mostInAppend = 1_000;
const mostInPage = 1_000;
const mostRemoved = 2_000;

export class RedisRevocations implements RevocationStore {
  readonly #run: RunScript;
  readonly #keys: readonly string[];
  readonly #clock: () => number;
  /** How far this node has seen the store come: a store that has come less far lost something. */
  #seen: RevocationVersion = { epoch: "", number: 0 };

  constructor(run: RunScript, key: string, clock: () => number = Date.now) {
    this.#run = run;
    this.#keys = [key, `${key}:order`, `${key}:ends`];
    this.#clock = clock;
  }

  async append(records: readonly Revocation[]): Promise<void> {
    for (let first = 0; first < records.length; first += mostInAppend) {
      const given = records.slice(first, first + mostInAppend).flatMap(textsOf);
      const head = [randomUUID(), this.#seen.epoch, String(this.#seen.number), String(this.#clock() - retention), String(mostRemoved)];
      const [epoch, number] = await this.#run(appendScript, this.#keys, [...head, ...given]);
      this.#saw({ epoch: epoch!, number: Number(number) });
    }
  }

  async since(version: RevocationVersion | undefined): Promise<RevocationPage> {
    const head = [randomUUID(), version?.epoch ?? "", String(version?.number ?? 0), String(mostInPage)];
    const [epoch, number, reached, ...given] = await this.#run(sinceScript, this.#keys, head);
    this.#saw({ epoch: epoch!, number: Number(number) });
    return { records: recordsOf(given), version: { epoch: epoch!, number: Number(reached) } };
  }

  #saw(version: RevocationVersion): void {
    this.#seen = newerVersion(this.#seen, version);
  }
}

/** The id is the kind and the value; a text keeps fractions, which Lua's own numbers would lose on the way. */
function textsOf({ kind, value, issuedBefore, expiresAt }: Revocation): string[] {
  return [`${kind} ${escapeText(value)}`, String(issuedBefore), String(expiresAt)];
}

function recordsOf(texts: readonly string[]): Revocation[] {
  return Array.from({ length: texts.length / 2 }, (_, index) => {
    const id = texts[2 * index]!;
    const space = id.indexOf(" ");
    const [issuedBefore, expiresAt] = texts[2 * index + 1]!.split(" ").map(Number);
    return { kind: id.slice(0, space) as RevocationKind, value: unescapeText(id.slice(space + 1)), issuedBefore: issuedBefore!, expiresAt: expiresAt! };
  });
}
