/** Counting in Redis, for all API processes together: one script, which decides and counts in one step. */
import { Redis } from 'ioredis';
import { gateAgainMs, leaseUs, paceOf } from './process-counters.js';
import type { Counters } from './types.js';

const connectMs = 1_000;
/** A request waits no longer than this for its count. */
const patience = 100;

/**
 * KEYS: pace, places. ARGV: step, ahead, places at most, lease, µs that a lease lasts, now ('' = Redis' own clock).
 * Answers {0, remaining, µs until full}, {1, µs to wait} for the rate, {2} for the gate. Same formula as in
 * process-counters.ts; numbers are written with %.0f, as a double's own text would round them.
 */
const take = `
local step, ahead = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = tonumber(ARGV[6])
if now == nil then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end
local arrival = tonumber(redis.call('GET', KEYS[1]) or '0')
local next = math.max(arrival, now) + step
local early = next - ahead - now
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now))
if early > 0 then return {1, string.format('%.0f', early)} end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then return {2} end
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil((next - now) / 1000) + 1000)
redis.call('ZADD', KEYS[2], string.format('%.0f', now + tonumber(ARGV[5])), ARGV[4])
redis.call('PEXPIRE', KEYS[2], math.ceil(tonumber(ARGV[5]) / 1000))
return {0, math.floor(-early / step), string.format('%.0f', next - now)}`;

/** KEYS: places. ARGV: µs that a lease lasts, leases… What is not held any more is not taken again. */
const renew = `
local time = redis.call('TIME')
local ends = tonumber(time[1]) * 1000000 + tonumber(time[2]) + tonumber(ARGV[1])
for at = 2, #ARGV do redis.call('ZADD', KEYS[1], 'XX', string.format('%.0f', ends), ARGV[at]) end
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[1]) / 1000))
return 1`;

interface CountingRedis extends Redis {
  takeRequest(...argv: (string | number)[]): Promise<readonly [number, ...(string | number)[]]>;
  renewRequests(...argv: (string | number)[]): Promise<number>;
}

const keysOf = (key: string): readonly [pace: string, places: string] => [
  `rt:1:limit:{${key}}:pace`,
  `rt:1:limit:{${key}}:places`,
];

/** Every call fails at once while Redis is away, and after `patienceMs` when it is slow. */
export function openRedisCounters(url: string, patienceMs = patience): Counters {
  const redis = new Redis(url, {
    ...{ connectTimeout: connectMs, commandTimeout: patienceMs, maxRetriesPerRequest: 0 },
    ...{ enableOfflineQueue: false, enableAutoPipelining: true },
    retryStrategy: (times) => Math.min(100 * times, 2_000),
  }) as CountingRedis;
  // A Redis that is away is an expected state: each call says so.
  redis.on('error', () => undefined);
  redis.defineCommand('takeRequest', { numberOfKeys: 2, lua: take });
  redis.defineCommand('renewRequests', { numberOfKeys: 1, lua: renew });

  return {
    async take(key, limit, lease, now) {
      const { step, ahead } = paceOf(limit);
      const argv = [step, ahead, limit.atOnce, lease, leaseUs, now ?? ''];
      const [code, first = 0, second = 0] = await redis.takeRequest(...keysOf(key), ...argv);
      if (code === 2) return { kind: 'refused', why: 'gate', againInMs: gateAgainMs };
      if (code === 1) return { kind: 'refused', why: 'rate', againInMs: Math.ceil(Number(first) / 1_000) };
      return { kind: 'taken', remaining: Number(first), fullInMs: Math.ceil(Number(second) / 1_000) };
    },
    async letGo(key, lease) {
      await redis.zrem(keysOf(key)[1], lease);
    },
    async renew(key, leases) {
      await redis.renewRequests(keysOf(key)[1], leaseUs, ...leases);
    },
    close() {
      redis.disconnect();
    },
  };
}
