-- Settles a reservation by what was used; once, however often it is asked.
--
-- KEYS: what marks the reservation as held, then one a rule that is to be settled.
-- ARGV: now or 0, the reservation's id; then for each rule its gauge (7), its place in the
--       reservation (from 1), what was taken and what should have been.

local held = redis.call('GET', KEYS[1])
if not held then
  return 0
end
redis.call('DEL', KEYS[1])
local now, id, starts = clock(tonumber(ARGV[1])), ARGV[2], {}
for start in string.gmatch(held, '%S+') do
  table.insert(starts, tonumber(start))
end

for i = 2, #KEYS do
  local key, at = KEYS[i], 3 + (i - 2) * 10
  local gauge = gauge_at(at)
  if gauge.kind == CONCURRENCY then
    redis.call('ZREM', key, id)
  else
    local start, taken = starts[tonumber(ARGV[at + 7])], tonumber(ARGV[at + 8])
    local actual = tonumber(ARGV[at + 9])
    local state, known = load(key, gauge, now)
    local passes = gauge.kind == SESSION or gauge.kind == MONTH
    local over = passes and not (known and state.start == known.start)
    local other_month = gauge.kind == MONTH and state.start ~= start
    if not over and not other_month then
      local function change(amount)
        return math.min(math.max(amount + actual - taken, 0), MAX_AMOUNT)
      end
      if gauge.kind == SLIDING and start + gauge.window == state.start then
        state.extra = change(state.extra)
      elseif gauge.kind == BUCKET or start == state.start or actual > taken then
        state.used = change(state.used)
      end
      store(key, gauge, state)
    end
  end
end
return 1
