// Handshakes with a key, and the answers to them.
import type { Authenticator, AuthenticatorAnswer, GuardHandshake } from "../../../lib/authenticate/authenticator.js";
import type { ApiKeyRecord } from "../../../lib/api-keys/record.js";
import { MemoryApiKeys } from "../../../lib/store.js";
import { isDenial } from "../../../lib/protocol.js";
import { Refusal } from "../../../lib/refusal.js";

export const handshake = (parts: object = {}): GuardHandshake => ({ auth: {}, headers: {}, address: "127.0.0.1", namespace: "/", signal: new AbortController().signal, ...parts });
export const withKey = (apiKey: unknown): GuardHandshake => handshake({ auth: { apiKey } });

/** `in`, `not mine`, or the code of the refusal. */
export async function answer(authenticator: Authenticator<unknown>, key: unknown): Promise<string> {
  const answered: AuthenticatorAnswer = await authenticator.authenticate(withKey(key));
  if (answered === undefined) return "not mine";
  if (answered instanceof Refusal) return answered.denial.code;
  return isDenial(answered) ? answered.code : "in";
}

/** A store in memory that can fail and hang, and records what it was asked for. */
export class FailingKeys extends MemoryApiKeys {
  /** Called before each answer of `find`: the store throws what it throws, and hangs while it waits. */
  before: () => unknown = () => undefined;
  /** What somebody has done to the records without `apiKeys()`. */
  change: (record: ApiKeyRecord) => ApiKeyRecord | undefined = (record) => record;
  readonly asked: (readonly string[])[] = [];

  override async find(ids: readonly string[]): Promise<readonly ApiKeyRecord[]> {
    this.asked.push(ids);
    const found = await super.find(ids);
    await this.before();
    return found.flatMap((record) => this.change(record) ?? []);
  }
}
