-- Renews the places among those at once of a request that is still going on.
--
-- KEYS: what marks the reservation as held, then the concurrency limits it holds a place of.
-- ARGV: now or 0, the reservation's id, the lease in ms.

if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
local now, id, lease = clock(tonumber(ARGV[1])), ARGV[2], tonumber(ARGV[3])
for i = 2, #KEYS do
  redis.call('ZADD', KEYS[i], whole(now + lease), id)
  redis.call('PEXPIRE', KEYS[i], whole(2 * lease))
end
return 1
