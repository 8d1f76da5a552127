/** API keys in Redis: one hash with a record for each key, and one with the time of its last use. */
import type { ApiKeyRecord, ApiKeyStore } from "../api-keys/record.js";
import type { RunScript } from "./client.js";

export class RedisApiKeys implements ApiKeyStore {
  readonly #run: RunScript;
  readonly #keys: readonly string[];

  constructor(run: RunScript, key: string) {
    this.#run = run;
    this.#keys = [key, `${key}:used`];
  }

  async add(record: ApiKeyRecord): Promise<boolean> {
    return (await this.#run(addScript, this.#keys, [record.id, textOf(record)]))[0] === "1";
  }

  async find(ids: readonly string[]): Promise<readonly ApiKeyRecord[]> {
    return ids.length === 0 ? [] : recordsOf(await this.#run(findScript, this.#keys, ids));
  }

  async list(): Promise<readonly ApiKeyRecord[]> {
    return recordsOf(await this.#run(listScript, this.#keys, []));
  }

  async replace(record: ApiKeyRecord): Promise<boolean> {
    return (await this.#run(replaceScript, this.#keys, [record.id, textOf(record), String(record.revision - 1)]))[0] === "1";
  }

  async used(ids: readonly string[], at: number): Promise<void> {
    if (ids.length > 0) await this.#run(usedScript, this.#keys, [String(at), ...ids]);
  }
}

/** The revision, for the scripts to compare, and the record as JSON: Lua would round the fractions of numbers. */
function textOf({ lastUsedAt: _, ...record }: ApiKeyRecord): string {
  return `${record.revision} ${JSON.stringify(record)}`;
}

/** From two strings for each record: its text, and the time of its last use or an empty string. */
function recordsOf(fields: readonly string[]): ApiKeyRecord[] {
  return Array.from({ length: fields.length / 2 }, (_, index) => {
    const [text, used] = [fields[2 * index]!, fields[2 * index + 1]!];
    return { ...JSON.parse(text.slice(text.indexOf(" ") + 1)) as Omit<ApiKeyRecord, "lastUsedAt">, lastUsedAt: used === "" ? null : Number(used) };
  });
}

const addScript = `
return { redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) }
`;

const replaceScript = `
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known or string.match(known, '^%d+') ~= ARGV[3] then return { 0 } end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return { 1 }
`;

const findScript = `
local answer = {}
for _, id in ipairs(ARGV) do
  local record = redis.call('HGET', KEYS[1], id)
  if record then
    answer[#answer + 1] = record
    answer[#answer + 1] = redis.call('HGET', KEYS[2], id) or ''
  end
end
return answer
`;

const listScript = `
local answer = redis.call('HGETALL', KEYS[1])
for place = 1, #answer, 2 do
  local id = answer[place]
  answer[place] = answer[place + 1]
  answer[place + 1] = redis.call('HGET', KEYS[2], id) or ''
end
return answer
`;

const usedScript = `
for place = 2, #ARGV do
  local id = ARGV[place]
  local known = redis.call('HGET', KEYS[2], id)
  if redis.call('HEXISTS', KEYS[1], id) == 1 and not (known and tonumber(known) >= tonumber(ARGV[1])) then
    redis.call('HSET', KEYS[2], id, ARGV[1])
  end
end
return {}
`;
