-- Takes a request's estimate from all its limits or from none.
--
-- KEYS: one a rule; then, if there is anything to settle, what marks the reservation as held.
-- ARGV: now or 0, the reservation's id, the lease of concurrency in ms, how long a reservation may
--       be held in ms, the number of rules; then for each rule its gauge (7), need, take and seed.
-- Answers now, 0 refused / 1 taken / 2 nothing refuses but a seed is missing, and for each rule the start, used and
-- extra of its state before anything was taken; used is -1 where the seed is missing.

local now, id, lease = clock(tonumber(ARGV[1])), ARGV[2], tonumber(ARGV[3])
local count = tonumber(ARGV[5])
local reply, rules, status = { now, 1 }, {}, 1

for i = 1, count do
  local at = 6 + (i - 1) * 10
  local gauge = gauge_at(at)
  local need, take = tonumber(ARGV[at + 7]), tonumber(ARGV[at + 8])
  local seed = tonumber(ARGV[at + 9])
  local state, known = load(KEYS[i], gauge, now)
  local answered = state.used
  if not known and gauge.kind == MONTH then
    -- A seed is kept at once, so that it is not asked for again where the request is refused.
    answered, state.used = seed, math.max(seed, 0)
    if seed >= 0 then
      store(KEYS[i], gauge, state)
    elseif status == 1 then
      status = 2
    end
  end
  if used(gauge, state, now) + need > gauge.capacity then
    status = 0
  end
  rules[i] = { gauge = gauge, state = state, take = take }
  table.insert(reply, state.start)
  table.insert(reply, answered)
  table.insert(reply, state.extra)
end

reply[2] = status
if status ~= 1 then
  return reply
end

local starts = {}
for i, rule in ipairs(rules) do
  local state = rule.state
  starts[i] = whole(state.start)
  if rule.gauge.kind == CONCURRENCY then
    redis.call('ZADD', KEYS[i], whole(now + lease), id)
    redis.call('PEXPIRE', KEYS[i], whole(2 * lease))
  else
    state.used = math.min(state.used + rule.take, MAX_AMOUNT)
    store(KEYS[i], rule.gauge, state)
  end
end
if KEYS[count + 1] then
  redis.call('SET', KEYS[count + 1], table.concat(starts, ' '), 'PX', ARGV[4])
end
return reply
