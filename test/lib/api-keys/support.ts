// Handshakes with a key, and what they are answered.
import type { Authenticator, AuthenticatorAnswer, Handshake } from "../../../lib/authenticate/authenticator.js";
import { MemoryApiKeys } from "../../../lib/api-keys/memory.js";
import type { ApiKeyRecord } from "../../../lib/api-keys/record.js";
import { isDenial } from "../../../lib/protocol.js";
import { Refusal } from "../../../lib/refusal.js";

export const handshake = (parts: object = {}): Handshake => ({ auth: {}, headers: {}, address: "127.0.0.1", namespace: "/", signal: new AbortController().signal, ...parts });
export const withKey = (apiKey: unknown): Handshake => handshake({ auth: { apiKey } });

/** `in`, `not mine`, or the code of the refusal. */
export async function answer(authenticator: Authenticator<unknown>, key: unknown): Promise<string> {
  const answered: AuthenticatorAnswer = await authenticator.authenticate(withKey(key));
  if (answered === undefined) return "not mine";
  if (answered instanceof Refusal) return answered.denial.code;
  return isDenial(answered) ? answered.code : "in";
}

/** A store in memory that can be made to fail or to hang, and counts what it is asked. */
export class FailingKeys extends MemoryApiKeys {
  /** What it throws, the store throws; as long as it waits, the store hangs. */
  before: () => unknown = () => undefined;
  /** What a host did to the records by itself. */
  change: (record: ApiKeyRecord) => ApiKeyRecord | undefined = (record) => record;
  readonly asked: (readonly string[])[] = [];

  override async find(ids: readonly string[]): Promise<readonly ApiKeyRecord[]> {
    this.asked.push(ids);
    const found = await super.find(ids);
    await this.before();
    return found.flatMap((record) => this.change(record) ?? []);
  }
}
