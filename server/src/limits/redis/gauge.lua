-- The sums of gauge.rs, which defines them. All numbers are whole and below 2^53, so that doubles
-- hold them exactly: amounts are at most 2^52, and no window has more than 86 400 000 ticks, whose
-- square is below 2^53 too.

local BUCKET, SLIDING, FIXED, SESSION, MONTH, CONCURRENCY = 1, 2, 3, 4, 5, 6
local MAX_AMOUNT = 4503599627370496
-- Longer than two months, and long enough for any debt.
local LONGEST = 62 * 86400000

-- Milliseconds since the epoch: this server's, on which all replicas agree, unless a test gives them.
local function clock(given)
  if given > 0 then
    return given
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function whole(number)
  return string.format('%.0f', number)
end

-- A rule as Rust sends it, from ARGV[at] on.
local function gauge_at(at)
  local n = {}
  for i = 0, 6 do
    n[i] = tonumber(ARGV[at + i])
  end
  return {
    kind = n[0], scale = n[1], window = n[2], capacity = n[3], months = { n[4], n[5], n[6] },
  }
end

local function beginning(gauge, now)
  local tick = math.floor(now / gauge.scale)
  if gauge.kind == BUCKET or gauge.kind == SESSION then
    return tick, tick
  elseif gauge.kind == MONTH then
    local months = gauge.months
    return (now >= months[3] and months[3]) or (now >= months[2] and months[2]) or months[1], tick
  end
  return tick - tick % gauge.window, tick
end

-- What has flowed back of a bucket by now.
local function drained(gauge, state, tick)
  local flow, window = math.max(gauge.capacity, 1), gauge.window
  local elapsed = math.max(tick - state.start, 0)
  local windows, rest = math.floor(elapsed / window), elapsed % window
  local parts = rest * (flow % window) + state.extra
  local amount = windows * flow + rest * math.floor(flow / window) + math.floor(parts / window)
  local start = math.max(state.start, tick)
  if amount >= state.used then
    return { start = start, used = 0, extra = 0 }
  end
  return { start = start, used = state.used - amount, extra = parts % window }
end

-- The state as it is now, and as it was stored; nil where nothing was counted yet.
local function load(key, gauge, now)
  if gauge.kind == CONCURRENCY then
    redis.call('ZREMRANGEBYSCORE', key, '-inf', whole(now))
    local state = { start = 0, used = redis.call('ZCARD', key), extra = 0 }
    return state, state
  end
  local begin, tick = beginning(gauge, now)
  local fresh = { start = begin, used = 0, extra = 0 }
  local kept = redis.call('HMGET', key, 's', 'u', 'e')
  if not kept[1] then
    return fresh, nil
  end
  local state = { start = tonumber(kept[1]), used = tonumber(kept[2]), extra = tonumber(kept[3]) }
  if state.start > begin + gauge.window then
    return fresh, state
  elseif gauge.kind == BUCKET then
    return drained(gauge, state, tick), state
  elseif gauge.kind == SLIDING and state.start + gauge.window == begin then
    return { start = begin, used = 0, extra = state.used }, state
  elseif gauge.kind == SESSION then
    return (tick < state.start + gauge.window and state) or fresh, state
  end
  return (state.start >= begin and state) or fresh, state
end

-- How much counts as used, of a state that is as now.
local function used(gauge, state, now)
  if gauge.kind ~= SLIDING then
    return state.used
  end
  local window = gauge.window
  local tick = math.max(math.floor(now / gauge.scale), state.start)
  local ahead = math.max(state.start + window - tick, 0)
  local whole_part = math.floor(state.extra / window) * ahead
  return state.used + whole_part + math.ceil((state.extra % window) * ahead / window)
end

local function store(key, gauge, state)
  local windows = 3
  if gauge.kind == BUCKET then
    windows = 2 + math.floor(state.used / math.max(gauge.capacity, 1))
  elseif gauge.kind == MONTH then
    windows = 2
  end
  redis.call('HSET', key, 's', whole(state.start), 'u', whole(state.used), 'e', whole(state.extra))
  local life = windows * gauge.window * gauge.scale
  redis.call('PEXPIRE', key, whole(math.min(life, LONGEST * 13)))
end
