/** Limits in Redis: a string for each window, with its instants and how many places were taken at each. One script takes all places of an event. */
import { nodeLives, type LimitStore, type StoredWindow } from "../limits/limit-store.js";
import { widthOf } from "../limits/sub-windows.js";
import type { RunScript } from "./client.js";

export class RedisLimits implements LimitStore {
  readonly #run: RunScript;
  readonly #key: string;

  constructor(run: RunScript, key: string) {
    this.#run = run;
    this.#key = key;
  }

  async announce(node: string): ReturnType<LimitStore["announce"]> {
    const [nodes, isKnown] = await this.#run(announceScript, [this.#nodesKey], [node, String(nodeLives)]);
    return { nodes: Number(nodes), isKnown: isKnown === "1" };
  }

  async take(windows: readonly StoredWindow[], node: string): ReturnType<LimitStore["take"]> {
    const args = windows.flatMap((window) => [String(window.count), ...timesOf(window)]);
    const [isKnown, ...numbers] = await this.#run(takeScript, [this.#nodesKey, ...this.#keysOf(windows)], [node, ...args]);
    const answer = numbers.map(Number);
    return {
      waits: answer.slice(0, windows.length).map((microseconds) => Math.ceil(microseconds / 1_000)),
      places: answer.slice(windows.length),
      isKnown: isKnown === "1",
    };
  }

  async giveBack(windows: readonly StoredWindow[], places: readonly number[]): Promise<void> {
    const args = windows.flatMap((window, index) => [String(places[index]), ...timesOf(window)]);
    await this.#run(giveBackScript, this.#keysOf(windows), args);
  }

  get #nodesKey(): string {
    return `${this.#key}:nodes`;
  }

  #keysOf(windows: readonly StoredWindow[]): string[] {
    return windows.map(({ id }) => `${this.#key}:${id}`);
  }
}

/** The length of a window, and of the time in which places share an instant: microseconds. */
function timesOf(window: StoredWindow): string[] {
  return [String(window.window * 1_000), String(widthOf(window))];
}

// Redis' clock counts, and not that of a node. If it was set back, what was taken in its future counts as taken now: a window
// never stays full for longer than its length.
const shared = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function read(key, window, width)
  local instants, counts, total = {}, {}, 0
  for instant, count in string.gmatch(redis.call('GET', key) or '', '(%d+) (%d+)') do
    instant = math.min(tonumber(instant), now + width)
    if instant > now - window then
      instants[#instants + 1], counts[#counts + 1] = instant, tonumber(count)
      total = total + count
    end
  end
  return instants, counts, total
end

local function write(key, instants, counts, window, width)
  local parts = {}
  for place = 1, #instants do
    if counts[place] > 0 then parts[#parts + 1] = string.format('%.0f %.0f', instants[place], counts[place]) end
  end
  if #parts == 0 then redis.call('DEL', key)
  else redis.call('SET', key, table.concat(parts, ' '), 'PX', string.format('%.0f', (window + width) / 1000 + 1)) end
end
`;

/** Arguments: the node, and the milliseconds after which a node that says nothing is gone. Returns the number of nodes, and whether this one was known. */
const announceScript = `${shared}
local isKnown = redis.call('ZSCORE', KEYS[1], ARGV[1]) and 1 or 0
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', now - ARGV[2] * 1000))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { redis.call('ZCARD', KEYS[1]), isKnown }
`;

/**
 * Keys: the nodes, and each window. Arguments: the node, and the count, length and width of each window. Returns whether the node is
 * known, the wait of each window, and the instant at which its place was taken.
 */
const takeScript = `${shared}
local isKnown = redis.call('ZSCORE', KEYS[1], ARGV[1]) and 1 or 0
local answer, windows, isFull = { isKnown }, {}, false
for index = 2, #KEYS do
  local first = 3 * index - 4
  local count, window, width = tonumber(ARGV[first]), tonumber(ARGV[first + 1]), tonumber(ARGV[first + 2])
  local instants, counts, total = read(KEYS[index], window, width)
  windows[index] = { instants, counts, window, width }
  local place, wait = 0, 0
  while total >= count do
    place = place + 1
    total = total - counts[place]
    wait = instants[place] + window - now
    isFull = true
  end
  answer[index] = string.format('%.0f', wait)
end
if isFull then return answer end
for index = 2, #KEYS do
  local instants, counts, window, width = unpack(windows[index])
  local instant = math.ceil(now / width) * width
  if instants[#instants] == instant then
    counts[#counts] = counts[#counts] + 1
  else
    instants[#instants + 1], counts[#counts + 1] = instant, 1
  end
  write(KEYS[index], instants, counts, window, width)
  answer[#answer + 1] = string.format('%.0f', instant)
end
return answer
`;

/** Keys: each window. Arguments: the instant at which a place was taken, the length and the width of each window. */
const giveBackScript = `${shared}
for index = 1, #KEYS do
  local first = 3 * index - 2
  local window, width = tonumber(ARGV[first + 1]), tonumber(ARGV[first + 2])
  local instants, counts = read(KEYS[index], window, width)
  for place = #instants, 1, -1 do
    if instants[place] == tonumber(ARGV[first]) then
      counts[place] = counts[place] - 1
      write(KEYS[index], instants, counts, window, width)
      break
    end
  end
end
return {}
`;
