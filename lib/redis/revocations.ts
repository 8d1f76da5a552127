/** Revocations in Redis. Each append and each page is one script, so that it is atomic. */
import { randomUUID } from "node:crypto";
import { retention, newerVersion, type Revocation, type RevocationKind, type RevocationPage, type RevocationStore, type RevocationVersion } from "../session/revocation.js";
import { escapeText, unescapeText } from "../store.js";
import type { RunScript } from "./client.js";

// Redis does nothing else while a script runs. With this many records, it takes a few milliseconds.
const maxInAppend = 1_000;
const maxInPage = 1_000;
const maxRemoved = 2_000;

export class RedisRevocations implements RevocationStore {
  readonly #run: RunScript;
  readonly #keys: readonly string[];
  /** The latest version that this node has seen. A store with an earlier one has lost records. */
  #seen: RevocationVersion = { epoch: "", number: 0 };

  constructor(run: RunScript, key: string) {
    this.#run = run;
    this.#keys = [key, `${key}:order`, `${key}:ends`];
  }

  async append(records: readonly Revocation[]): Promise<void> {
    for (let first = 0; first < records.length; first += maxInAppend) {
      const args = records.slice(first, first + maxInAppend).flatMap(argumentsOf);
      const head = [randomUUID(), this.#seen.epoch, String(this.#seen.number), String(Date.now() - retention), String(maxRemoved)];
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

// The scripts use three keys: a hash with `issuedBefore` and `expiresAt` of each record, the epoch and the last number; a sorted set
// of the records by number; and one by the time of expiry. If Redis has evicted one of the keys, the scripts delete the others, so
// that a store with missing records counts as empty.

// The epoch includes Redis' run_id: after a restart or a failover, Redis may have lost records and then have counted past the
// number that a node knows. A user without permission for INFO goes without this.
const open = `
local records, order, ends = KEYS[1], KEYS[2], KEYS[3]
local function open(epoch)
  if redis.call('EXISTS', records, order, ends) == 3 then return end
  redis.call('DEL', records, order, ends)
  redis.call('HSET', records, 'epoch', epoch, 'number', '0')
  redis.call('ZADD', order, '-inf', '')
  redis.call('ZADD', ends, '+inf', '')
end
local function current()
  local info = redis.pcall('INFO', 'server')
  local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
  local known = redis.call('HMGET', records, 'epoch', 'number')
  return known[1] .. ' ' .. run, tonumber(known[2])
end
`;

/**
 * Arguments: the epoch for a new store; the epoch and number that the node saw last; the instant before which expired records are
 * removed, and how many at most; and for each record its id, `issuedBefore` and `expiresAt`. Returns the epoch and the number.
 */
const appendScript = `${open}
open(ARGV[1])
local epoch, number = current()
if epoch == ARGV[2] and number < tonumber(ARGV[3]) then
  redis.call('HSET', records, 'epoch', ARGV[1])
  epoch = current()
end
for place = 6, #ARGV, 3 do
  local id, issued, expires = ARGV[place], ARGV[place + 1], ARGV[place + 2]
  local known = redis.call('HGET', records, id)
  local news = true
  if known then
    local knownIssued, knownExpires = string.match(known, '^(%S+) (%S+)$')
    local earlier, shorter = tonumber(issued) <= tonumber(knownIssued), tonumber(expires) <= tonumber(knownExpires)
    if earlier then issued = knownIssued end
    if shorter then expires = knownExpires end
    news = not (earlier and shorter)
  end
  if news then
    number = number + 1
    redis.call('HSET', records, id, issued .. ' ' .. expires)
    redis.call('ZADD', order, number, id)
    redis.call('ZADD', ends, expires, id)
  end
end
local expired = redis.call('ZRANGEBYSCORE', ends, '-inf', ARGV[4], 'LIMIT', 0, ARGV[5])
if #expired > 0 then
  redis.call('HDEL', records, unpack(expired))
  redis.call('ZREM', order, unpack(expired))
  redis.call('ZREM', ends, unpack(expired))
end
redis.call('HSET', records, 'number', string.format('%.0f', number))
return { epoch, string.format('%.0f', number) }
`;

/**
 * Arguments: the epoch for a new store, the epoch and number to read after, and how many records at most. Returns the epoch, the
 * number, the number that the page reaches, and for each record its id and its `issuedBefore` and `expiresAt`.
 */
const sinceScript = `${open}
open(ARGV[1])
local epoch, number = current()
local start = tonumber(ARGV[3])
if epoch ~= ARGV[2] or start > number then start = 0 end
local page = redis.call('ZRANGEBYSCORE', order, string.format('(%.0f', start), '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
local answer = { epoch, string.format('%.0f', number), string.format('%.0f', number) }
if #page == 2 * tonumber(ARGV[4]) then answer[3] = page[#page] end
for place = 1, #page, 2 do
  answer[#answer + 1] = page[place]
  answer[#answer + 1] = redis.call('HGET', records, page[place])
end
return answer
`;
