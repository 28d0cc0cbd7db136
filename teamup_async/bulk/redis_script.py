"""The script that counts in Redis: an exact sliding window, and one gate for all after a 429.

Time is the server's (``TIME``), in microseconds. The first key is a list of the times of requests in the window, the
second a hash: `epoch`, when counting began; `closed`, until when nobody may send; `strikes`, how many 429 came without
another answer; `generation`, which changes with each of them; `probe`, until when one request finds out whether the
gate may stay open.
"""

from __future__ import annotations

from typing import Final

__all__ = ["SCRIPT"]

SCRIPT: Final = """
local times, state, what, window = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local probing, turn = 30000000, 250000

local function text(number) return string.format('%.0f', number) end
local function field(name) return tonumber(redis.call('HGET', state, name) or '0') end
local function keep(seconds)
    for _, key in ipairs({times, state}) do redis.call('PEXPIRE', key, text(math.ceil(seconds / 1000))) end
end

if what == 'refused' then
    local generation, wait = tonumber(ARGV[3]), tonumber(ARGV[4])
    if generation == field('generation') then
        redis.call('HINCRBY', state, 'generation', 1)
        redis.call('HINCRBY', state, 'strikes', 1)
        redis.call('HDEL', state, 'probe')
    end
    local closed = math.max(field('closed'), now + wait)
    redis.call('HSET', state, 'closed', text(closed))
    keep(closed - now + 2 * window)
    return text(closed - now)
end

if what == 'ended' then
    if tonumber(ARGV[3]) == field('generation') then
        redis.call('HDEL', state, 'probe')
        if ARGV[4] == '1' then redis.call('HDEL', state, 'strikes', 'closed') end
    end
    return 0
end

if what == 'late' then
    -- Of tokens that were taken at the same time one is like the other. One that is as old as the window has left it.
    local passed, all = tonumber(ARGV[3]), redis.call('LRANGE', times, 0, -1)
    local moved = passed < window and all[1]
    for _, time in ipairs(all) do
        if tonumber(time) <= now - passed then moved = time end
    end
    if moved then redis.call('LREM', times, -1, moved) end
    redis.call('RPUSH', times, text(now))
    keep(2 * window)
    return 0
end

-- take: limit, how many are wanted, the epoch that the caller knows, requests that it sent uncounted
local limit, wanted, known, owed = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local closed, epoch = field('closed'), redis.call('HGET', state, 'epoch')
if not epoch then
    epoch = text(now)
    redis.call('HSET', state, 'epoch', epoch)
end
if known ~= '' and known ~= epoch then
    -- What was counted in the last window is lost: by its end nothing of that matters any more.
    closed = math.max(closed, tonumber(epoch) + window)
    redis.call('HSET', state, 'closed', text(closed))
end

local last = redis.call('LINDEX', times, -1)
if last and tonumber(last) > now then
    -- The clock was set back. What was counted later than now is taken to be of now.
    local all = redis.call('LRANGE', times, 0, -1)
    redis.call('DEL', times)
    for _, time in ipairs(all) do redis.call('RPUSH', times, text(math.min(tonumber(time), now))) end
end
local first = redis.call('LINDEX', times, 0)
while first and tonumber(first) <= now - window do
    redis.call('LPOP', times)
    first = redis.call('LINDEX', times, 0)
end
for _ = 1, owed do redis.call('RPUSH', times, text(now)) end

local strikes, granted, wait = field('strikes'), 0, 0
if closed > now then
    wait = closed - now
elseif strikes > 0 and field('probe') > now then
    wait = math.min(turn, field('probe') - now)
else
    granted = math.max(0, math.min(wanted, limit - redis.call('LLEN', times)))
    if strikes > 0 and granted > 0 then
        granted = 1
        redis.call('HSET', state, 'probe', text(now + probing))
    end
    for _ = 1, granted do redis.call('RPUSH', times, text(now)) end
    if granted == 0 then wait = tonumber(redis.call('LINDEX', times, 0)) + window - now end
end
keep(math.max(closed - now, 0) + 2 * window)
return {granted, text(wait), field('generation'), strikes, epoch}
"""
