/**
 * The scripts of the queue of webhooks. The keys: `lanes`, a hash with the state of each lane, which is "head tail attempts failingSince owner";
 * `deliveries`, a hash of what is to be delivered by its key; `order`, a hash from "lane number" to such a key; `dead` and `letters`, the dead
 * letters by time and by key; `deadCounts`, a hash with how many of them each endpoint has; and two sorted sets for each endpoint: its lanes by when they are due, and its deliveries by age.
 * Redis' own clock says what is due, so that the clocks of nodes do not matter.
 */

const common = `
local lanes, deliveries, order, dead, letters, deadCounts = unpack(KEYS, 1, 6)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function dueOf(endpoint) return KEYS[5 + 2 * endpoint] end
local function ageOf(endpoint) return KEYS[6 + 2 * endpoint] end
local function read(lane)
  local state = redis.call('HGET', lanes, lane)
  if not state then return nil end
  return string.match(state, '^(%d+) (%d+) (%d+) (%S+) (%S+)$')
end
local function write(lane, head, tail, attempts, failing, owner)
  redis.call('HSET', lanes, lane, string.format('%.0f %.0f %.0f ', head, tail, attempts) .. failing .. ' ' .. owner)
end
local function add(endpoint, key, lane, createdAt, text)
  if redis.call('HSETNX', deliveries, key, text) == 0 then return end
  local head, tail, attempts, failing, owner = read(lane)
  if not head then
    head, tail, attempts, failing, owner = 1, 0, 0, '-', '-'
    redis.call('ZADD', dueOf(endpoint), now, lane)
  end
  redis.call('HSET', order, lane .. ' ' .. string.format('%.0f', tail + 1), key)
  write(lane, head, tail + 1, attempts, failing, owner)
  redis.call('ZADD', ageOf(endpoint), createdAt, key)
end
local function first(lane, head)
  local key = redis.call('HGET', order, lane .. ' ' .. head)
  return key, key and redis.call('HGET', deliveries, key)
end
local function countDead(key, change) redis.call('HINCRBY', deadCounts, string.match(key, '^%S+ (.*)$'), change) end
local function bury(key, letter, time)
  if redis.call('HSETNX', letters, key, letter) == 0 then return end
  redis.call('ZADD', dead, time, key)
  countDead(key, 1)
end
local function unbury(key)
  redis.call('ZREM', dead, key)
  if redis.call('HDEL', letters, key) == 0 then return false end
  countDead(key, -1)
  return true
end
`;

/** Arguments: for each delivery the place of its endpoint, its key, its lane, when it was created, and the delivery. */
export const addScript = `${common}
for place = 1, #ARGV, 5 do
  add(tonumber(ARGV[place]), ARGV[place + 1], ARGV[place + 2], ARGV[place + 3], ARGV[place + 4])
end
return {}
`;

/** Arguments: for each dead letter its key and the letter. */
export const buryScript = `${common}
for place = 1, #ARGV, 2 do
  -- A fraction keeps their order.
  bury(ARGV[place], ARGV[place + 1], now + place / 2000)
end
return {}
`;

/** Arguments: the owner, the lease, and how many for each endpoint. Returns for each claim its attempts, since when it fails, and the delivery. */
export const claimScript = `${common}
local answer = {}
for endpoint = 1, #ARGV - 2 do
  for _, lane in ipairs(redis.call('ZRANGEBYSCORE', dueOf(endpoint), '-inf', now, 'LIMIT', 0, ARGV[endpoint + 2])) do
    local head, tail, attempts, failing = read(lane)
    local key, text
    if head then key, text = first(lane, head) end
    if text then
      write(lane, head, tail, attempts, failing, ARGV[1])
      redis.call('ZADD', dueOf(endpoint), now + ARGV[2], lane)
      answer[#answer + 1] = attempts
      answer[#answer + 1] = failing
      answer[#answer + 1] = text
    else
      redis.call('HDEL', lanes, lane)
      redis.call('ZREM', dueOf(endpoint), lane)
    end
  end
end
return answer
`;

/**
 * Arguments: the lease, and for each claim the place of its endpoint, its key, its lane, its owner, the outcome, its attempts, since when it fails,
 * the delay, whether the lane is kept, and the dead letter. Returns for each claim the next delivery of its lane, or an empty string.
 */
export const settleScript = `${common}
local answer = {}
for place = 2, #ARGV, 10 do
  local endpoint, key, lane, owner, outcome, attempts, failing, delay, keep, letter = unpack(ARGV, place, place + 9)
  endpoint = tonumber(endpoint)
  local head, tail, _, _, holder = read(lane)
  local text = ''
  if head and holder == owner then
    if outcome == 'retry' then
      write(lane, head, tail, attempts, failing, '-')
      redis.call('ZADD', dueOf(endpoint), now + delay, lane)
    else
      redis.call('HDEL', order, lane .. ' ' .. head)
      redis.call('HDEL', deliveries, key)
      redis.call('ZREM', ageOf(endpoint), key)
      if outcome == 'dead' then bury(key, letter, now) end
      local _, following = first(lane, string.format('%.0f', head + 1))
      if not following then
        redis.call('HDEL', lanes, lane)
        redis.call('ZREM', dueOf(endpoint), lane)
      elseif keep == '1' then
        write(lane, head + 1, tail, 0, failing, owner)
        redis.call('ZADD', dueOf(endpoint), now + ARGV[1], lane)
        text = following
      else
        write(lane, head + 1, tail, 0, failing, '-')
        redis.call('ZADD', dueOf(endpoint), now, lane)
      end
    end
  end
  answer[#answer + 1] = text
end
return answer
`;

/** Arguments: how many. Returns for each dead letter when it died, and the letter. */
export const deadLettersScript = `${common}
local answer = {}
local page = redis.call('ZRANGE', dead, 0, ARGV[1] - 1, 'WITHSCORES')
for place = 1, #page, 2 do
  answer[#answer + 1] = page[place + 1]
  answer[#answer + 1] = redis.call('HGET', letters, page[place]) or ''
end
return answer
`;

/** Arguments: the keys of dead letters. Returns for each that is there when it died, and the letter. */
export const findLettersScript = `${common}
local answer = {}
for _, key in ipairs(ARGV) do
  local died = redis.call('ZSCORE', dead, key)
  local letter = died and redis.call('HGET', letters, key)
  if letter then
    answer[#answer + 1] = died
    answer[#answer + 1] = letter
  end
end
return answer
`;

/** Arguments as those of addScript. Only deliveries that are dead letters are added, and they are none afterwards. Returns how many. */
export const replayScript = `${common}
local count = 0
for place = 1, #ARGV, 5 do
  if unbury(ARGV[place + 1]) then
    add(tonumber(ARGV[place]), ARGV[place + 1], ARGV[place + 2], ARGV[place + 3], ARGV[place + 4])
    count = count + 1
  end
end
return { count }
`;

/** Arguments: the instant before which dead letters are too old, how many are kept, and how many are removed at most. Returns how many were too many and were removed, and whether there are more to remove. */
export const removeScript = `${common}
local function remove(keys)
  for _, key in ipairs(keys) do unbury(key) end
end
local old = redis.call('ZRANGEBYSCORE', dead, '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[3])
remove(old)
local tooMany = math.min(redis.call('ZCARD', dead) - ARGV[2], tonumber(ARGV[3]))
if tooMany > 0 then remove(redis.call('ZRANGE', dead, 0, tooMany - 1)) end
local isFull = #old == tonumber(ARGV[3]) or tooMany == tonumber(ARGV[3])
return { math.max(tooMany, 0), isFull and 1 or 0 }
`;

/** Arguments: the names of the endpoints. Returns for each its backlog, when the oldest delivery was created or an empty string, and its dead letters. */
export const countsScript = `${common}
local answer = {}
for endpoint, name in ipairs(ARGV) do
  local oldest = redis.call('ZRANGE', ageOf(endpoint), 0, 0, 'WITHSCORES')
  answer[#answer + 1] = redis.call('ZCARD', ageOf(endpoint))
  answer[#answer + 1] = oldest[2] or ''
  answer[#answer + 1] = redis.call('HGET', deadCounts, name) or 0
end
return answer
`;
